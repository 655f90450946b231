"""The basket over the API: the same basket as on the pages, a guest's by the same signed cookie."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema, extend_schema_view
from rest_framework import serializers, status, viewsets
from rest_framework.decorators import action
from rest_framework.exceptions import APIException
from rest_framework.permissions import AllowAny
from rest_framework.request import Request
from rest_framework.response import Response

from catalogue.pricing import currency_for
from orders import cookie, queries
from orders.domain import basket, coupons, shipping, terms
from orders.domain.bill import draw_up
from orders.forms import LARGEST_KEY, LARGEST_QUANTITY
from orders.views.own import holder_of


class BasketLineSerializer(serializers.Serializer):
    """One line, known by its variant. Prices are today's; `problem` says why a line cannot be bought as it stands."""

    variant = serializers.IntegerField(min_value=1, max_value=LARGEST_KEY, source="variant_id")
    quantity = serializers.IntegerField(min_value=1, max_value=LARGEST_QUANTITY, default=1)
    sku = serializers.CharField(source="goods.sku", read_only=True, default=None)
    name = serializers.CharField(source="goods.name", read_only=True, default=None)
    options = serializers.CharField(source="goods.options", read_only=True, default=None)
    unit_price = serializers.DecimalField(
        max_digits=14, decimal_places=2, source="goods.price.amount", read_only=True, default=None
    )
    total = serializers.DecimalField(
        max_digits=14, decimal_places=2, source="total.amount", read_only=True, default=None
    )
    currency = serializers.CharField(source="goods.price.currency.code", read_only=True, default=None)
    problem = serializers.CharField(read_only=True)


class QuantitySerializer(serializers.Serializer):
    """How many pieces the line shall have."""

    quantity = serializers.IntegerField(min_value=0, max_value=LARGEST_QUANTITY)


class BillQuery(serializers.Serializer):
    """For which country, in which currency, and with which code."""

    country = serializers.RegexField(r"^[A-Z]{2}$", help_text="Two letters, ISO 3166-1.")
    currency = serializers.ChoiceField(choices=settings.CURRENCIES, required=False)
    coupon = serializers.CharField(max_length=40, required=False, default="", allow_blank=True)


class BillReductionSerializer(serializers.Serializer):
    name = serializers.CharField()
    goods = serializers.DecimalField(max_digits=14, decimal_places=2, source="goods.amount")
    shipping = serializers.DecimalField(max_digits=14, decimal_places=2, source="shipping.amount")


class BillSerializer(serializers.Serializer):
    """The sums that an order of this basket would have; `left_unused` is a code that is good and takes off less."""

    currency = serializers.CharField()
    goods_total = serializers.DecimalField(max_digits=14, decimal_places=2, source="goods_total.amount")
    discounts = BillReductionSerializer(many=True, source="reductions")
    shipping_total = serializers.DecimalField(max_digits=14, decimal_places=2, source="shipping_total.amount")
    tax_total = serializers.DecimalField(max_digits=14, decimal_places=2, source="tax_total.amount")
    total = serializers.DecimalField(max_digits=14, decimal_places=2, source="total.amount")
    left_unused = serializers.CharField()


class Unanswerable(APIException):
    """What is asked can be read, and there is no answer to it."""

    status_code = status.HTTP_422_UNPROCESSABLE_ENTITY
    default_code = "unanswerable"


_VARIANT = OpenApiParameter("id", int, OpenApiParameter.PATH, description="The variant of the line.")


@extend_schema_view(
    list=extend_schema(summary="What is in the basket", responses=BasketLineSerializer(many=True)),
    create=extend_schema(summary="Put pieces in", request=BasketLineSerializer, responses={201: BasketLineSerializer}),
    partial_update=extend_schema(
        summary="Have exactly so many pieces; 0 takes the line out",
        request=QuantitySerializer,
        responses={200: BasketLineSerializer, 204: None},
        parameters=[_VARIANT],
    ),
    destroy=extend_schema(summary="Take a line out", responses={204: None}, parameters=[_VARIANT]),
)
class BasketLineViewSet(viewsets.GenericViewSet):
    """Open to all: a guest's basket is found by the signed cookie `basket`, which the first answer sets.

    Who is signed in by a session sends the CSRF token as on the pages. The cookie is `SameSite=Lax`, so another site
    cannot change a guest's basket.
    """

    permission_classes = [AllowAny]
    serializer_class = BasketLineSerializer
    pagination_class = None
    lookup_value_regex = r"\d{1,18}"

    def list(self, request: Request) -> Response:
        return Response(BasketLineSerializer(self._read(holder_of(request)).lines, many=True).data)

    def create(self, request: Request) -> Response:
        wish = BasketLineSerializer(data=request.data)
        wish.is_valid(raise_exception=True)
        variant_id, quantity = wish.validated_data["variant_id"], wish.validated_data["quantity"]
        return self._change(lambda: basket.add(holder_of(request), variant_id, quantity), status.HTTP_201_CREATED)

    @extend_schema(
        summary="What the basket comes to",
        parameters=[BillQuery],
        responses={200: BillSerializer, 422: OpenApiTypes.OBJECT},
    )
    @action(detail=False)
    def bill(self, request: Request) -> Response:
        """Goods, offers, coupon, shipping and taxes for one country: the sums of the checkout page. Nothing is kept."""
        query = BillQuery(data=request.query_params)
        query.is_valid(raise_exception=True)
        asked = query.validated_data
        code = coupons.read_code(asked["coupon"])
        account = request.user if request.user.is_authenticated else None
        goods = queries.basket_of(
            holder_of(request), language=get_language(), currency=asked.get("currency") or currency_for(request)
        )
        try:
            applying = terms.read(asked["country"], goods.currency, code, account=account)
            return Response(BillSerializer(draw_up(goods, applying, coupon_asked_for=bool(code))).data)
        except coupons.CouponRefused as refused:
            raise Unanswerable(refused.sentence()) from refused
        except shipping.CannotShip as refused:
            raise Unanswerable(shipping.why_not(refused)) from refused

    def partial_update(self, request: Request, pk: str) -> Response:
        wish = QuantitySerializer(data=request.data)
        wish.is_valid(raise_exception=True)
        quantity = wish.validated_data["quantity"]
        return self._change(lambda: basket.set_quantity(holder_of(request), int(pk), quantity), status.HTTP_200_OK)

    def destroy(self, request: Request, pk: str) -> Response:
        return self._change(lambda: basket.remove(holder_of(request), int(pk)), status.HTTP_204_NO_CONTENT)

    def _read(self, holder: basket.Holder) -> queries.PricedBasket:
        return queries.basket_of(holder, language=get_language(), currency=currency_for(self.request))

    def _change(self, verb: Any, code: int) -> Response:
        try:
            change: basket.Change = verb()
        except basket.NotForSale as error:
            raise serializers.ValidationError(
                {"variant": [_("This has been sold out or is not sold any more.")]}, code="not_for_sale"
            ) from error
        except basket.BasketFull as error:
            raise serializers.ValidationError(
                {"variant": [_("Your basket is full. Please order what is in it first, or take something out.")]},
                code="basket_full",
            ) from error
        if change.quantity == 0:
            response = Response(status=status.HTTP_204_NO_CONTENT)
        else:
            lines = {line.variant_id: line for line in self._read(change.holder).lines}
            response = Response(BasketLineSerializer(lines[change.variant_id]).data, status=code)
        cookie.write(response, change.basket, change.count)
        return response
