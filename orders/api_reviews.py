"""Writing a review over the API: the same door and the same rule as on the page, with photographs as files."""

from __future__ import annotations

from typing import Any, ClassVar

from django.http import Http404
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from drf_spectacular.utils import extend_schema, extend_schema_view
from rest_framework import serializers, status, viewsets
from rest_framework.parsers import MultiPartParser
from rest_framework.permissions import AllowAny
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.settings import api_settings

from catalogue.domain.reviews import LONGEST_DESCRIPTION, MOST_PHOTOGRAPHS
from catalogue.models import Review, ReviewPhotograph
from orders.domain import reviewing
from orders.views.own import own_order
from privacy.cards import refuse_card_number
from privacy.gate import subject_of
from privacy.notice import Notice
from privacy.photographs import NotAPhotograph, take
from privacy.serializers import NoticeMetadata, PersonalSerializer


class ReviewSerializer(PersonalSerializer):
    """Stars, words and photographs of something that was bought. `shows` describes the photographs, in their order."""

    surface = "api.reviews"
    not_collected: ClassVar = {"order": "A number that the store gave.", "product": "The product's name in addresses."}

    order = serializers.CharField(max_length=40, help_text=gettext_lazy("The order's number."))
    product = serializers.SlugField(max_length=80, allow_unicode=True)
    rating = serializers.IntegerField(min_value=1, max_value=5)
    photographs = serializers.ListField(
        child=serializers.FileField(), required=False, default=list, max_length=MOST_PHOTOGRAPHS
    )
    shows = serializers.ListField(
        child=serializers.CharField(max_length=LONGEST_DESCRIPTION, allow_blank=True, validators=[refuse_card_number]),
        required=False,
        default=list,
        max_length=MOST_PHOTOGRAPHS,
    )

    class Meta:
        model = Review
        fields = [
            *("order", "product", "rating", "title", "body", "author_name", "photographs", "shows"),
            *("notice", "no_marketing"),
        ]

    def notice_shown(self) -> Notice:
        said: dict[str, Any] = {name: Review._meta.get_field(name) for name in ("title", "body", "author_name")}
        shown = {"photographs": "jpeg", "shows": "shows"}
        return Notice(said | {name: ReviewPhotograph._meta.get_field(of) for name, of in shown.items()})

    def validate_photographs(self, sent: list[Any]) -> list[str]:
        try:
            return take(sent, most=MOST_PHOTOGRAPHS)
        except NotAPhotograph as refusal:
            raise serializers.ValidationError(str(refusal), code="unreadable") from refusal


class TakenSerializer(serializers.Serializer):
    """A review that waits to be read by staff."""

    product = serializers.CharField()
    rating = serializers.IntegerField()
    photographs = serializers.IntegerField()
    shown = serializers.BooleanField()


@extend_schema_view(
    create=extend_schema(
        summary="Review what was bought",
        request={"multipart/form-data": ReviewSerializer, "application/json": ReviewSerializer},
        responses={201: TakenSerializer},
    )
)
class ReviewViewSet(viewsets.GenericViewSet):
    """Open to whoever may open the order. `OPTIONS` answers with the notice, whose token the review brings back.

    Photographs are sent as files (`multipart/form-data`); without any, JSON will do.
    """

    permission_classes = [AllowAny]
    parser_classes = [MultiPartParser, *api_settings.DEFAULT_PARSER_CLASSES]
    serializer_class = ReviewSerializer
    metadata_class = NoticeMetadata
    queryset = Review.objects.none()
    pagination_class = None

    def create(self, request: Request) -> Response:
        sent = self.get_serializer(data=request.data)
        sent.is_valid(raise_exception=True)
        said = dict(sent.validated_data)
        slug = said.pop("product")
        try:
            order = own_order(request, said.pop("order"))
        except Http404 as error:
            raise serializers.ValidationError(
                {"order": [_("There is no such order of yours. Please look at its number.")]}, code="no_such_order"
            ) from error
        said = {"title": "", **said}
        try:
            with sent.collecting(subject=order.subject or subject_of(request)) as collection:
                review = reviewing.review(order.pk, slug, subject=collection.subject, said=said)
        except reviewing.CannotReview as refusal:
            raise serializers.ValidationError({"product": [str(refusal)]}, code="cannot_review") from refusal
        taken = {"product": slug, "rating": review.rating, "photographs": len(said["photographs"]), "shown": False}
        return Response(TakenSerializer(taken).data, status=status.HTTP_201_CREATED)
