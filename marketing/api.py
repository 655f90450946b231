"""The road out for programs: one call, no account, and the same answer whether or not the link is known."""

from __future__ import annotations

from typing import Any

from django.contrib.auth.decorators import login_not_required
from django.utils.translation import gettext_lazy
from drf_spectacular.utils import OpenApiResponse, extend_schema
from rest_framework import serializers, status
from rest_framework.permissions import AllowAny
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from marketing.domain import subscribing
from privacy.models.consent import ConsentMethod
from privacy.permission import withdraw


class OptOutSerializer(serializers.Serializer):
    """Whose news stop: the key in the links of their mails, or nothing for whoever is signed in."""

    token = serializers.UUIDField(
        required=False, help_text=gettext_lazy("The key in the link at the end of each mail.")
    )


class OptOutView(APIView):
    """Stop all direct marketing."""

    permission_classes = [AllowAny]

    @extend_schema(
        summary="Stop all direct marketing",
        description="Takes effect before the answer. The answer says nothing about whether the key is known.",
        request=OptOutSerializer,
        responses={
            204: OpenApiResponse(description="Nothing more is sent."),
            422: OpenApiResponse(description="No key."),
        },
    )
    def post(self, request: Request, *_args: Any, **_kwargs: Any) -> Response:
        asked = OptOutSerializer(data=request.data)
        asked.is_valid(raise_exception=True)
        token = asked.validated_data.get("token")
        if token is not None:
            subscribing.leave(token, method=ConsentMethod.API)
        elif request.user.is_authenticated:
            withdraw(request.user.subject, method=ConsentMethod.API, surface=subscribing.SURFACE)
        else:
            raise serializers.ValidationError({"token": [gettext_lazy("Send the key of your mails, or sign in.")]})
        return Response(status=status.HTTP_204_NO_CONTENT)


opt_out = login_not_required(OptOutView.as_view())
