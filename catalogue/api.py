"""The goods for programs: to read, in the language and the currency that are asked for."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.contrib.auth.decorators import login_not_required
from django.http import Http404
from django.utils.decorators import method_decorator
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers, viewsets
from rest_framework.permissions import AllowAny
from rest_framework.request import Request
from rest_framework.response import Response

from catalogue import queries
from catalogue.languages import current_language
from catalogue.pricing import currency_for


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

    def _asked(self, request: Request) -> dict[str, Any]:
        query = ProductQuery(data=request.query_params)
        query.is_valid(raise_exception=True)
        return query.validated_data
