"""Placing an order over the API: the same door and the same domain function as the checkout page, once for each key."""

from __future__ import annotations

import uuid
from contextlib import AbstractContextManager
from typing import Any, ClassVar

from django.conf import settings
from django.core.exceptions import ValidationError
from django.urls import reverse
from django.utils.translation import get_language, gettext_lazy
from django.utils.translation import gettext as _
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, OpenApiResponse, extend_schema, extend_schema_view
from rest_framework import serializers, status, viewsets
from rest_framework.permissions import AllowAny
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.addresses import ADDRESS_FIELDS, clean_address
from catalogue.pricing import currency_for
from orders import cookie
from orders.domain import checkout as placing
from orders.domain import coupons, offers, once, shipping
from orders.domain import payment as payments
from orders.models import DeliveryAddress, Order, OrderContact, OrderLine
from orders.payment.provider import PaymentError
from orders.views.own import holder_of, remember
from privacy.models import Collection
from privacy.notice import Notice
from privacy.serializers import NoticeMetadata, PersonalSerializer

SURFACE = "api.checkout"


class CheckoutSerializer(PersonalSerializer):
    """Who buys, where it goes, and the sum that was agreed to. What is bought stands in the basket."""

    surface = SURFACE
    not_collected: ClassVar = {"coupon": "The code of a price that the store gives; it says nothing of who uses it."}

    email = serializers.EmailField(max_length=254)
    currency = serializers.ChoiceField(choices=settings.CURRENCIES, required=False, help_text=gettext_lazy("ISO 4217."))
    expected_total = serializers.DecimalField(
        max_digits=14,
        decimal_places=2,
        required=False,
        allow_null=True,
        help_text=gettext_lazy("The sum that the shopper was shown. With another one nothing is ordered."),
    )

    coupon = serializers.CharField(max_length=40, required=False, allow_blank=True)

    class Meta:
        model = DeliveryAddress
        fields = ["email", *ADDRESS_FIELDS, "currency", "expected_total", "coupon", "notice", "no_marketing"]
        extra_kwargs = {
            # A number is typed in many ways and stored in one; what is stored is shorter.
            "phone": {"max_length": 40},
            "country": {"help_text": gettext_lazy("Two letters, ISO 3166-1.")},
        }

    def notice_shown(self) -> Notice:
        of_address = {name: DeliveryAddress._meta.get_field(name) for name in ADDRESS_FIELDS}
        return Notice({"email": OrderContact._meta.get_field("email"), **of_address})

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        attrs = super().validate(attrs)
        try:
            address = clean_address({name: attrs.get(name, "") for name in ADDRESS_FIELDS})
        except ValidationError as error:
            raise serializers.ValidationError(error.message_dict) from error
        return attrs | address

    def door(self) -> AbstractContextManager[Collection]:
        return self.collecting()


class PlacedLineSerializer(serializers.ModelSerializer):
    class Meta:
        model = OrderLine
        fields = ["sku", "name", "options", "unit_price", "quantity", "total", "discount", "tax"]


class ReductionSerializer(serializers.Serializer):
    """One offer or coupon, as the shopper reads it, with what it takes off the goods and off the shipping."""

    name = serializers.CharField()
    goods = serializers.DecimalField(max_digits=14, decimal_places=2)
    shipping = serializers.DecimalField(max_digits=14, decimal_places=2)


class PlacedSerializer(serializers.ModelSerializer):
    """An order as it was placed; `pay_url` is the provider's page, null while the provider does not answer."""

    lines = PlacedLineSerializer(many=True)
    discounts = ReductionSerializer(many=True)
    pay_url = serializers.SerializerMethodField()
    page = serializers.SerializerMethodField()

    class Meta:
        model = Order
        fields = [
            *("number", "currency", "goods_total", "shipping_total", "tax_total", "discount_total", "total", "lines"),
            *("discounts", "taxes", "placed_at", "expires_at", "pay_url", "page"),
        ]

    def get_pay_url(self, order: Order) -> str | None:
        first = order.payments.order_by("pk").first()
        return (first.pay_url or None) if first else None

    def get_page(self, order: Order) -> str:
        return settings.BASE_URL + reverse("orders:pay", args=[order.number])


_KEY = OpenApiParameter(
    "Idempotency-Key",
    str,
    OpenApiParameter.HEADER,
    required=True,
    description=(
        "A text of your own making, best a UUID, in quotation marks. The same key with the same body is answered with what"
        " came of it the first time; with another body it is refused with 422. Kept for 24 hours."
    ),
)
_PROBLEM = OpenApiResponse(OpenApiTypes.OBJECT, description="A problem (RFC 9457): what happened and what to do.")


@extend_schema_view(
    create=extend_schema(
        summary="Order what is in the basket",
        parameters=[_KEY],
        request=CheckoutSerializer,
        responses={201: PlacedSerializer, 400: _PROBLEM, 409: _PROBLEM, 422: _PROBLEM},
    )
)
class OrderViewSet(viewsets.GenericViewSet):
    """Open to all, as the checkout page is. `OPTIONS` answers with the notice, whose token the order brings back."""

    permission_classes = [AllowAny]
    serializer_class = CheckoutSerializer
    metadata_class = NoticeMetadata
    queryset = Order.objects.none()
    pagination_class = None

    def create(self, request: Request) -> Response:
        header = request.headers.get("Idempotency-Key", "")
        try:
            key = once.read_key(header)
        except once.BadKey:
            return _refused(
                status.HTTP_400_BAD_REQUEST,
                _("The Idempotency-Key is missing") if not header.strip() else _("The Idempotency-Key cannot be read"),
                _(
                    "Send a header Idempotency-Key with a text of your own, up to 255 signs long, best a UUID in quotes."
                ),
            )
        body = request.data if isinstance(request.data, dict) else {"": request.data}
        asked = once.once(SURFACE, self._whose(request), key, body)
        try:
            kept = once.recall(asked) or self._place(request, asked)
        except once.AnotherBody:
            return _refused(
                status.HTTP_422_UNPROCESSABLE_ENTITY,
                _("The Idempotency-Key was used before"),
                _("This key came with another body before. Send a new key with what you mean to order now."),
            )
        if kept.order is None:
            return _problem(kept.status, kept.problem or {})
        return self._placed(request, kept.order)

    def _whose(self, request: Request) -> str:
        if request.user.is_authenticated:
            return f"account {request.user.pk}"
        return f"guest {cookie.guest_key(request)}"

    def _place(self, request: Request, asked: once.Once) -> once.Kept:
        sent = self.get_serializer(data=request.data)
        sent.is_valid(raise_exception=True)
        said = sent.validated_data
        wish = placing.Wish(
            form_token=uuid.uuid4(),
            once=asked,
            language=get_language(),
            currency=said.get("currency") or currency_for(request),
            seen_total=said.get("expected_total"),
            coupon=coupons.read_code(said.get("coupon", "")),
            contact={"email": said["email"]},
            address={name: said[name] for name in ADDRESS_FIELDS},
        )
        try:
            placed = placing.place_once(wish, door=sent.door, holder=holder_of(request))
        except placing.AlreadyPlaced as second:
            return once.Kept(second.order, status.HTTP_201_CREATED, None)
        except placing.BasketEmpty:
            # Nothing was tried, so nothing is kept: the next time there may be something in it.
            told = _told(409, _("The basket is empty"), _("Put something into the basket first, then order."))
            return once.Kept(None, status.HTTP_409_CONFLICT, told)
        except placing.LinesRefused as refused:
            lines = [{"variant": variant, "detail": problem} for variant, problem in refused.problems.items()]
            detail = _("Nothing was ordered. Please change the lines that are named, and order with a new key.")
            told = _told(409, _("Some goods are not available as you wish"), detail, lines=lines)
            return once.remember_refusal(asked, status.HTTP_409_CONFLICT, told)
        except placing.TotalChanged as changed:
            detail = _("Nothing was ordered. Please show the new total to the shopper, and order with a new key.")
            told = _told(409, _("The total has changed"), detail, total=str(changed.total.amount))
            return once.remember_refusal(asked, status.HTTP_409_CONFLICT, told)
        except offers.OfferGone:
            detail = _("Nothing was ordered. Please ask for the new total, and order with a new key.")
            told = _told(409, _("An offer has just been used up"), detail)
            return once.remember_refusal(asked, status.HTTP_409_CONFLICT, told)
        except coupons.CouponRefused as refused:
            told = _told(422, _("The coupon cannot be used"), refused.sentence(), reason=str(refused.why))
            return once.remember_refusal(asked, status.HTTP_422_UNPROCESSABLE_ENTITY, told)
        except shipping.CannotShip as refused:
            told = _told(422, _("This cannot be sent to this country"), shipping.why_not(refused))
            return once.remember_refusal(asked, status.HTTP_422_UNPROCESSABLE_ENTITY, told)
        return once.Kept(placed.order, status.HTTP_201_CREATED, None)

    def _placed(self, request: Request, order: Order) -> Response:
        remember(request, order)
        if not order.payments.exclude(pay_url="").exists():
            # New, or the provider did not answer, or the process died between the order and this line.
            try:
                payments.start_payment(order)
            except (PaymentError, payments.NotPayable):
                pass  # the order waits; its page tries again
        # Read back, so that the first answer and every later one are the same to the byte.
        order.refresh_from_db()
        response = Response(PlacedSerializer(order).data, status=status.HTTP_201_CREATED)
        response["Location"] = settings.BASE_URL + order.get_absolute_url()
        # The basket is empty now, and stays the same one, so that the same request can be told again.
        cookie.write(response, holder_of(request).baskets().first(), 0)
        return response


def _told(code: int, title: str, detail: str, **more: Any) -> dict[str, Any]:
    return {"type": "about:blank", "title": title, "status": code, "detail": detail, **more}


def _refused(code: int, title: str, detail: str) -> Response:
    return _problem(code, _told(code, title, detail))


def _problem(code: int, problem: dict[str, Any]) -> Response:
    return Response(problem, status=code, content_type="application/problem+json")
