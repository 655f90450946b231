"""A letter to the privacy desk over the API: the same notice, the same box and the same desk as the page."""

from __future__ import annotations

from typing import Any

from django.utils.translation import get_language, gettext_lazy
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiResponse, extend_schema, extend_schema_view
from rest_framework import serializers, status, viewsets
from rest_framework.exceptions import Throttled
from rest_framework.permissions import AllowAny
from rest_framework.request import Request
from rest_framework.response import Response

from privacy.internal.desk import cases, limiting, receiving
from privacy.models import RequestMessage, RightsRequest
from privacy.models.consent import ConsentMethod
from privacy.models.request import RequestKind
from privacy.serializers import NoticeMetadata, PersonalSerializer
from privacy.views.status import StatusSerializer

ASKABLE = [kind for kind in RequestKind if kind is not RequestKind.STAFF]


class PrivacyRequestSerializer(PersonalSerializer):
    """What somebody asks of the desk, and where the answer goes."""

    surface = "api.privacy_request"

    sender = serializers.EmailField(max_length=254, help_text=gettext_lazy("The address to which the answer goes."))
    kind = serializers.ChoiceField(
        choices=[(kind.value, kind.label) for kind in ASKABLE],
        help_text=gettext_lazy("The right, in the words of the Data Rights Protocol, with `rectification` added."),
    )

    class Meta:
        model = RequestMessage
        fields = ["kind", "sender", "body", "notice", "no_marketing"]
        extra_kwargs = {"body": {"required": True, "max_length": 5000, "allow_blank": False}}


class TooMany(Throttled):
    """What the page says too, and when to try again (`Retry-After`)."""

    def __init__(self) -> None:
        super().__init__(detail=limiting.words())
        self.wait = limiting.TRY_AGAIN_AFTER


_PROBLEM = OpenApiResponse(OpenApiTypes.OBJECT, description="A problem (RFC 9457): what happened and what to do.")


@extend_schema_view(
    create=extend_schema(
        summary="Ask something of the privacy desk",
        request=PrivacyRequestSerializer,
        responses={201: StatusSerializer, 400: _PROBLEM, 429: _PROBLEM},
    )
)
class PrivacyRequestViewSet(viewsets.GenericViewSet):
    """Open to all, as the page is; the answer is the same whether or not the address is known.

    `OPTIONS` answers with the notice, whose token the request brings back. A wish to stop direct marketing has taken effect
    when the answer comes.
    """

    permission_classes = [AllowAny]
    serializer_class = PrivacyRequestSerializer
    metadata_class = NoticeMetadata
    queryset = RightsRequest.objects.none()
    pagination_class = None

    def create(self, request: Request) -> Response:
        sent = PrivacyRequestSerializer(data=request.data, context=self.get_serializer_context())
        sent.is_valid(raise_exception=True)
        said = sent.validated_data
        limited = limiting.too_many(request._request)
        if limited and not receiving.is_stop(said["kind"], said["body"]):
            raise TooMany
        with sent.collecting() as collection:
            case = self._receive(collection, said, quietly=limited)
        return Response(cases.status_of(case), status=status.HTTP_201_CREATED)

    def _receive(self, collection: Any, said: dict[str, Any], *, quietly: bool) -> RightsRequest:
        return receiving.receive_form(
            collection,
            kind=said["kind"],
            sender=said["sender"],
            body=said["body"],
            locale=(get_language() or "en").split("-")[0],
            channel="api",
            method=ConsentMethod.API,
            why="chosen over the API",
            quietly=quietly,
        )
