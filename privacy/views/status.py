"""How far a request is, for programs: the status object of the Data Rights Protocol 1.0."""

from __future__ import annotations

import uuid

from django.contrib.auth.decorators import login_not_required
from django.http import Http404
from django.utils.decorators import method_decorator
from django.utils.translation import gettext_lazy as _
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers
from rest_framework.permissions import AllowAny
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from privacy.gate import subject_of
from privacy.internal.desk import cases
from privacy.models.request import RequestKind, RequestReason, RequestState
from privacy.views.requests import own_case


class StatusSerializer(serializers.Serializer):
    """The fields of the protocol; those that have nothing to say are missing. `kind` is ours."""

    request_id = serializers.UUIDField()
    kind = serializers.ChoiceField(choices=RequestKind.choices)
    received_at = serializers.DateTimeField()
    expected_by = serializers.DateTimeField()
    processing_details = serializers.CharField(required=False, read_only=True)
    status = serializers.ChoiceField(choices=RequestState.choices)
    reason = serializers.ChoiceField(choices=RequestReason.choices, required=False)
    user_verification_url = serializers.URLField(required=False, read_only=True)
    expires_at = serializers.DateTimeField(required=False)
    results_url = serializers.URLField(required=False, read_only=True)


@method_decorator(login_not_required, name="dispatch")
class RequestStatusView(APIView):
    """To whoever is signed in and owns the case, or brings the token of its link: `Authorization: Bearer …` or `?token=…`."""

    permission_classes = [AllowAny]

    @extend_schema(
        summary="How far a privacy request is",
        parameters=[OpenApiParameter("token", str, description=str(_("The last part of the link from our letter.")))],
        responses=StatusSerializer,
    )
    def get(self, request: Request, pk: uuid.UUID) -> Response:
        kind, _space, token = request.headers.get("Authorization", "").partition(" ")
        token = token if kind.lower() == "bearer" else request.query_params.get("token", "")
        found = None
        if token:
            found = cases.opened_by_link(token)
        elif request.user.is_authenticated:
            found = own_case(subject_of(request), pk)
        if found is None or found.pk != pk:
            raise Http404
        return Response(cases.status_of(found), headers={"Cache-Control": "no-store"})
