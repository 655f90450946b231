"""What was written in a case, as text."""

import datetime as dt
from typing import ClassVar, TypedDict

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from privacy.declaration import Category, Keep, Purpose, personal
from privacy.models.request import RightsRequest
from privacy.records import PersonalRecord


class _Terms(TypedDict):
    purposes: list[Purpose]
    keep: Keep


_FOR_THE_REQUEST: _Terms = {"purposes": [Purpose.SUPPORT, Purpose.LEGAL], "keep": Keep.REQUEST}


class RequestMessage(PersonalRecord):
    """What the person wrote, as text. It is shown as text and never as anything else."""

    not_personal: ClassVar = {"letter_digest": "A digest, by which the same letter is known when it comes again."}
    keep_from = "request__closed_at"

    request = models.ForeignKey(RightsRequest, models.CASCADE, related_name="messages")
    sender = personal(models.EmailField(max_length=254, blank=True), Category.EMAIL, **_FOR_THE_REQUEST)
    heading = personal(models.CharField(max_length=300, blank=True), Category.PRIVATE_CONTENT, **_FOR_THE_REQUEST)
    body = personal(models.TextField(blank=True), Category.PRIVATE_CONTENT, **_FOR_THE_REQUEST)
    # Digest of the Message-ID or of the whole letter: the same mail twice is one message.
    letter_digest = models.CharField(max_length=64, unique=True)
    received_at = models.DateTimeField()

    class Meta:
        verbose_name = _("letter")
        verbose_name_plural = _("letters")
        ordering = ["received_at"]

    @staticmethod
    def still_needed(_now: dt.datetime) -> Q:
        """A case that waits for its answer needs the letter."""
        return Q(request__closed_at__isnull=True)
