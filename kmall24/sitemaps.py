"""What search engines may find: products and the few pages that stay."""

from django.contrib.sitemaps import Sitemap
from django.contrib.sitemaps.views import sitemap
from django.db.models import QuerySet
from django.urls import reverse

from catalogue.models import Product
from kmall24.access import open_to_all


class ProductPages(Sitemap):
    i18n = True
    alternates = True

    def items(self) -> QuerySet[Product]:
        return Product.objects.filter(status=Product.Status.ACTIVE).order_by("pk")

    def location(self, product: Product) -> str:
        return reverse("catalogue:product", args=[product.slug])


class StandingPages(Sitemap):
    i18n = True
    alternates = True

    def items(self) -> list[str]:
        return ["home", "catalogue:list", "privacy:policy", "cookies:page"]

    def location(self, name: str) -> str:
        return reverse(name)


_SITEMAPS = {"products": ProductPages, "pages": StandingPages}


def _sitemap(request, **kwargs):
    return sitemap(request, sitemaps=_SITEMAPS, **kwargs)


sitemap_view = open_to_all(_sitemap)
