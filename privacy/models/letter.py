"""What was written in a case: as text, with what lay in the envelope, and what could not be read at all."""

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
    # Digest of the Message-ID and of what was written: the same mail twice is one message.
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


class LetterAttachment(PersonalRecord):
    """A file that came with a letter. It lies in the database and nowhere else, so it ends with the letter."""

    class Check(models.TextChoices):
        PLAIN = "plain", _("a picture, a PDF or plain text, as its name says")
        ODD = "odd", _("of a kind that we do not know, or another than its name says")
        ACTIVE = "active", _("can run something when it is opened: do not open it")

    not_personal: ClassVar = {"media_type": "What kind of file it is, read from its first bytes."}
    keep_from = "request__closed_at"
    # A correction changes what the store says of a person, never what the person sent.
    not_corrected = "A letter stays as it was sent."
    # Staff take it as a file, from a page of its own; no page and no table shows what lies in it.
    holds_file = "content"
    never_taken_out = True

    request = models.ForeignKey(RightsRequest, models.CASCADE, related_name="attachments")
    name = personal(models.CharField(max_length=120, blank=True), Category.PRIVATE_CONTENT, **_FOR_THE_REQUEST)
    # In base 64, as the photographs of a return are.
    content = personal(models.TextField(blank=True), Category.PRIVATE_CONTENT, **_FOR_THE_REQUEST)
    media_type = models.CharField(_("kind of file"), max_length=80)
    check_result = models.CharField(_("checked"), max_length=8, choices=Check)
    size = models.PositiveIntegerField(_("bytes"))
    received_at = models.DateTimeField()

    class Meta:
        verbose_name = _("attachment")
        verbose_name_plural = _("attachments")
        ordering = ["received_at", "id"]

    @staticmethod
    def still_needed(_now: dt.datetime) -> Q:
        return Q(request__closed_at__isnull=True)


class UnreadableMail(PersonalRecord):
    """A mail that could not be taken in: its bytes as they came, and why. Its case waits for staff like any other."""

    not_personal: ClassVar = {
        "letter_digest": "A digest, by which the same mail is known when it comes again.",
        "reason": "What went wrong while it was read, in the store's own words.",
    }
    keep_from = "request__closed_at"
    not_corrected = "A letter stays as it was sent."
    holds_file = "raw"
    never_taken_out = True

    request = models.ForeignKey(RightsRequest, models.CASCADE, related_name="unreadable")
    # In base 64. Of a mail that is too large only its beginning: the whole waits in the mailbox's quarantine folder.
    raw = personal(models.TextField(blank=True), Category.PRIVATE_CONTENT, **_FOR_THE_REQUEST)
    reason = models.CharField(_("reason"), max_length=120)
    letter_digest = models.CharField(max_length=64, unique=True)
    received_at = models.DateTimeField(_("received"))

    class Meta:
        verbose_name = _("unreadable mail")
        verbose_name_plural = _("unreadable mails")
        ordering = ["received_at"]

    @staticmethod
    def still_needed(_now: dt.datetime) -> Q:
        return Q(request__closed_at__isnull=True)
