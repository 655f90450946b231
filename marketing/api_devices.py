"""Devices over the API: an application registers its token, proves it with the code that came as a push message, and leaves."""

from __future__ import annotations

import re
from typing import Any

from django.core import signing
from django.utils.translation import get_language, gettext_lazy
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiResponse, extend_schema, extend_schema_view
from rest_framework import serializers, status, viewsets
from rest_framework.decorators import action
from rest_framework.exceptions import APIException, Throttled
from rest_framework.permissions import AllowAny
from rest_framework.request import Request
from rest_framework.response import Response

from marketing.domain import proving
from marketing.models import PushDevice
from marketing.models.reached import ASKED_BY
from privacy.answers import STALE
from privacy.declaration import Purpose
from privacy.errors import StaleNotice
from privacy.gpc import asks_for_privacy
from privacy.models.consent import ConsentMethod, ContactChannel
from privacy.notice import Notice
from privacy.serializers import NoticeMetadata, PersonalSerializer

_SALT = "marketing.devices"
# What push services give: printable, without spaces. A key of a row of ours or a card number is none.
_TOKEN = re.compile(r"[\x21-\x7e]{16,512}")


class DeviceSerializer(PersonalSerializer):
    """The token that the push service gave to the application. Registering it permits nothing."""

    surface = "api.devices"

    class Meta:
        model = PushDevice
        fields = ["device", "notice", "no_marketing"]

    def notice_shown(self) -> Notice:
        """The lines, and the questions that the code is the answer to."""
        return Notice(super().notice_shown().fields, asks=ASKED_BY[ContactChannel.PUSH])

    def validate_device(self, token: str) -> str:
        if not _TOKEN.fullmatch(token):
            raise serializers.ValidationError(
                gettext_lazy("This is no token of a push service: 16 to 512 printable characters without spaces.")
            )
        return token

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        if attrs.get("no_marketing"):
            raise serializers.ValidationError(
                {"no_marketing": [gettext_lazy("It says that no news are wanted, and this address is for news.")]}
            )
        return super().validate(attrs)


class RegisteredSerializer(serializers.Serializer):
    """What the application sends the code back with."""

    ticket = serializers.CharField(read_only=True)


class DeviceCodeSerializer(serializers.Serializer):
    """The code that came as a push message: the yes of the person in front of the device, in the words of the notice."""

    ticket = serializers.CharField(max_length=200)
    code = serializers.CharField(max_length=20)
    at_night = serializers.BooleanField(
        default=False, help_text=gettext_lazy("True only when the person ticked that box themselves.")
    )
    notice = serializers.CharField(
        max_length=400, help_text=gettext_lazy("The token of the notice whose questions the person saw.")
    )


class ProvedSerializer(serializers.Serializer):
    """The key of everything else: of the page of choices, and of `marketing/opt-out`."""

    token = serializers.UUIDField(read_only=True)


class CodeGone(APIException):
    """A code that proves nothing any more."""

    status_code = status.HTTP_410_GONE
    default_detail = gettext_lazy("The code is too old, was used, or was typed wrongly several times. Register again.")
    default_code = "code_gone"


_PROBLEM = OpenApiResponse(OpenApiTypes.OBJECT, description="A problem (RFC 9457): what happened and what to do.")


@extend_schema_view(
    create=extend_schema(
        summary="Register a device for push messages",
        description="Permits nothing. A code goes to the device; the notice and its questions stand in `OPTIONS`.",
        request=DeviceSerializer,
        responses={202: RegisteredSerializer, 400: _PROBLEM, 429: _PROBLEM},
    ),
    confirm=extend_schema(
        summary="Send back the code from the push message",
        request=DeviceCodeSerializer,
        responses={200: ProvedSerializer, 400: _PROBLEM, 410: _PROBLEM},
    ),
    destroy=extend_schema(
        summary="Forget a device",
        description="The answer says nothing about whether the key is known.",
        responses={204: OpenApiResponse(description="It is known no more.")},
    ),
)
class DeviceViewSet(viewsets.GenericViewSet):
    """Open to all: an application may be used without an account. What it registers is its own, and proved by a code."""

    permission_classes = [AllowAny]
    serializer_class = DeviceSerializer
    metadata_class = NoticeMetadata
    queryset = PushDevice.objects.none()
    pagination_class = None
    lookup_field = "token"
    lookup_value_converter = "uuid"
    lookup_value_regex = "[0-9a-f-]{36}"

    def create(self, request: Request) -> Response:
        sent = DeviceSerializer(data=request.data, context=self.get_serializer_context())
        sent.is_valid(raise_exception=True)
        try:
            with sent.collecting() as collection:
                registered = proving.begin(
                    PushDevice,
                    sent.validated_data["device"],
                    subject=collection.subject,
                    locale=(get_language() or "en").split("-")[0],
                    method=ConsentMethod.API,
                    surface=sent.surface,
                    notice=sent.shown,
                )
        except proving.TooManyCodes as refusal:
            raise Throttled(
                detail=gettext_lazy("Several codes were sent to this device today. Try tomorrow.")
            ) from refusal
        ticket = {"ticket": signing.dumps(registered.pk, salt=_SALT)}
        return Response(RegisteredSerializer(ticket).data, status=status.HTTP_202_ACCEPTED)

    @action(detail=False, methods=["post"])
    def confirm(self, request: Request) -> Response:
        sent = DeviceCodeSerializer(data=request.data)
        sent.is_valid(raise_exception=True)
        said = sent.validated_data
        try:
            number = int(signing.loads(said["ticket"], salt=_SALT, max_age=proving.GOOD_FOR))
            shown = DeviceSerializer(context=self.get_serializer_context()).notice_shown().answered(said["notice"])
        except StaleNotice as stale:
            raise serializers.ValidationError({"notice": [STALE]}, code="stale_notice") from stale
        except (signing.BadSignature, ValueError, TypeError) as error:
            raise CodeGone from error
        found, record = proving.answer(
            PushDevice,
            number,
            said["code"],
            also=[Purpose.MARKETING_AT_NIGHT] if said["at_night"] else [],
            notice=shown,
            method=ConsentMethod.API,
            surface=DeviceSerializer.surface,
            under_gpc=asks_for_privacy(request),
        )
        if record is not None:
            return Response(ProvedSerializer({"token": record.token}).data)
        if found is proving.Answer.GONE:
            raise CodeGone
        raise serializers.ValidationError(
            {"code": [gettext_lazy("This code is not right. Look at the message again.")]}
        )

    def destroy(self, request: Request, token: str) -> Response:
        """Signing out of the application, or removing it: the device goes, what was permitted stays as it was said."""
        PushDevice.objects.filter(token=token).delete()
        return Response(status=status.HTTP_204_NO_CONTENT)
