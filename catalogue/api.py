"""The goods for programs: to read, in the language and the currency that are asked for."""

from __future__ import annotations

from typing import Any, ClassVar

from django.conf import settings
from django.contrib.auth.decorators import login_not_required
from django.core.paginator import Paginator
from django.http import Http404
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils.decorators import method_decorator
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers, viewsets
from rest_framework.decorators import action
from rest_framework.permissions import AllowAny
from rest_framework.request import Request
from rest_framework.response import Response

from catalogue import queries
from catalogue.languages import current_language
from catalogue.models import Product
from catalogue.pricing import currency_for
from catalogue.reviewed import REVIEWS_ON_A_PAGE, shown_reviews


class ProductQuery(serializers.Serializer):
    """What may be asked of the list; anything else wrong is told, not guessed."""

    q = serializers.CharField(required=False, default="", allow_blank=True, max_length=100)
    category = serializers.SlugField(required=False, default="", allow_blank=True, max_length=80)
    sort = serializers.ChoiceField(choices=[name for name in queries.SORTS if name], required=False, default="")
    in_stock = serializers.BooleanField(required=False, default=False)
    page = serializers.IntegerField(required=False, default=1, min_value=1, max_value=100_000)
    currency = serializers.ChoiceField(choices=settings.CURRENCIES, required=False)


class MoneySerializer(serializers.Serializer):
    amount = serializers.DecimalField(max_digits=12, decimal_places=2)
    currency = serializers.CharField(source="currency.code")


class CardSerializer(serializers.Serializer):
    slug = serializers.CharField()
    url = serializers.CharField()
    name = serializers.CharField()
    brand = serializers.CharField()
    summary = serializers.CharField()
    price = MoneySerializer(allow_null=True)
    compare_at = MoneySerializer(allow_null=True)
    lowest_before = MoneySerializer(
        allow_null=True, help_text="The lowest price of the 30 days before the reduction (Directive 98/6/EC Art. 6a)."
    )
    picture = serializers.CharField()
    in_stock = serializers.BooleanField()


class ListingSerializer(serializers.Serializer):
    count = serializers.IntegerField()
    pages = serializers.IntegerField()
    page = serializers.IntegerField()
    results = CardSerializer(many=True)


class ChoiceSerializer(serializers.Serializer):
    id = serializers.IntegerField()
    sku = serializers.CharField()
    label = serializers.CharField()
    price = MoneySerializer(allow_null=True)
    compare_at = MoneySerializer(allow_null=True)
    lowest_before = MoneySerializer(
        allow_null=True, help_text="The lowest price of the 30 days before the reduction (Directive 98/6/EC Art. 6a)."
    )
    in_stock = serializers.SerializerMethodField()
    weight_g = serializers.IntegerField()

    def get_in_stock(self, choice: queries.Choice) -> bool:
        return choice.stock > 0


class ProductSerializer(serializers.Serializer):
    slug = serializers.CharField(source="product.slug")
    name = serializers.CharField()
    brand = serializers.CharField(source="product.brand")
    summary = serializers.CharField()
    description = serializers.ListField(child=serializers.CharField(), source="paragraphs")
    origin = serializers.CharField(source="product.origin")
    hs_code = serializers.CharField(source="product.hs_code")
    variants = ChoiceSerializer(many=True, source="choices")


class ReviewPictureSerializer(serializers.Serializer):
    url = serializers.SerializerMethodField()
    shows = serializers.CharField()

    def get_url(self, picture: dict[str, str]) -> str:
        return settings.BASE_URL + reverse("catalogue:review_photograph", args=[picture["key"]])


class ShownReviewSerializer(serializers.Serializer):
    """A review as everybody sees it: of the name, the first and an initial."""

    not_collected: ClassVar = {"author": "Only ever written out, from a review that came in through its own form."}

    author = serializers.CharField(source="byline")
    rating = serializers.IntegerField()
    title = serializers.CharField()
    body = serializers.CharField()
    written_at = serializers.DateTimeField()
    bought_here = serializers.BooleanField(source="verified")
    photographs = ReviewPictureSerializer(many=True, source="pictures")


class ReviewPageSerializer(serializers.Serializer):
    count = serializers.IntegerField()
    pages = serializers.IntegerField()
    page = serializers.IntegerField()
    results = ShownReviewSerializer(many=True)


class PageQuery(serializers.Serializer):
    """Which page."""

    page = serializers.IntegerField(required=False, default=1, min_value=1, max_value=100_000)


@method_decorator(login_not_required, name="dispatch")
class ProductViewSet(viewsets.ViewSet):
    """Products on sale. The language is that of `Accept-Language`; the currency follows it unless it is asked for."""

    permission_classes = [AllowAny]
    authentication_classes: list[Any] = []
    lookup_field = "slug"
    lookup_value_regex = r"[-\w]+"

    @extend_schema(parameters=[ProductQuery], responses=ListingSerializer)
    def list(self, request: Request) -> Response:
        """One page of the products that match."""
        asked = self._asked(request)
        found = queries.listing(
            current_language(),
            asked.get("currency") or currency_for(request),
            category=asked["category"],
            sort=asked["sort"],
            in_stock=asked["in_stock"],
            page=asked["page"],
            text=asked["q"],
        )
        body = {
            "count": found.page.paginator.count,
            "pages": found.page.paginator.num_pages,
            "page": found.page.number,
            "results": found.cards,
        }
        return Response(ListingSerializer(body).data)

    @extend_schema(
        parameters=[OpenApiParameter("currency", enum=settings.CURRENCIES), OpenApiParameter("slug", location="path")],
        responses=ProductSerializer,
    )
    def retrieve(self, request: Request, slug: str) -> Response:
        """One product with its variants."""
        currency = self._asked(request).get("currency") or currency_for(request)
        page = queries.product_page(slug, current_language(), currency)
        if page is None:
            raise Http404
        return Response(ProductSerializer(page).data)

    @extend_schema(
        parameters=[PageQuery, OpenApiParameter("slug", location="path")],
        responses=ReviewPageSerializer,
    )
    @action(detail=True, methods=["get"])
    def reviews(self, request: Request, slug: str) -> Response:
        """What others say of a product, the latest first."""
        query = PageQuery(data=request.query_params)
        query.is_valid(raise_exception=True)
        product = get_object_or_404(Product, slug=slug, status=Product.Status.ACTIVE)
        pages = Paginator(shown_reviews(product.pk), REVIEWS_ON_A_PAGE)
        page = pages.get_page(query.validated_data["page"])
        body = {"count": pages.count, "pages": pages.num_pages, "page": page.number, "results": page.object_list}
        return Response(ReviewPageSerializer(body).data)

    def _asked(self, request: Request) -> dict[str, Any]:
        query = ProductQuery(data=request.query_params)
        query.is_valid(raise_exception=True)
        return query.validated_data
