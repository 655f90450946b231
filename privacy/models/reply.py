"""What the desk writes: letters to the person, and notes for itself."""

import datetime as dt
from typing import ClassVar, TypedDict

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from privacy.declaration import Category, Keep, Purpose, personal
from privacy.models.letter import RequestMessage
from privacy.models.request import RightsRequest
from privacy.records import PersonalRecord


class _Terms(TypedDict):
    purposes: list[Purpose]
    keep: Keep


_FOR_THE_REQUEST: _Terms = {"purposes": [Purpose.SUPPORT, Purpose.LEGAL], "keep": Keep.REQUEST}


class Reply(PersonalRecord):
    """A letter of the desk in one case, as it left. Links that open something are made when it leaves and stand nowhere."""

    not_personal: ClassVar = {
        "locale": "The language of the letter.",
        "template": "Which of the desk's texts it began as.",
    }
    keep_from = "request__closed_at"

    request = models.ForeignKey(RightsRequest, models.CASCADE, related_name="replies")
    # To whose address: that of this letter. Empty where it goes by post.
    to_letter = models.ForeignKey(RequestMessage, models.SET_NULL, null=True, blank=True, related_name="+")
    heading = personal(models.CharField(_("subject"), max_length=200), Category.PRIVATE_CONTENT, **_FOR_THE_REQUEST)
    body = personal(
        models.TextField(_("text of the letter"), max_length=10000), Category.PRIVATE_CONTENT, **_FOR_THE_REQUEST
    )
    template = models.CharField(max_length=40, blank=True)
    locale = models.CharField(max_length=8, default="en")
    asks_identity = models.BooleanField(_("asks the person to confirm"), default=False)
    written_by = models.ForeignKey("privacy.Subject", models.PROTECT, null=True, blank=True, related_name="+")
    written_at = models.DateTimeField(_("written"), auto_now_add=True)
    sent_at = models.DateTimeField(_("sent"), null=True, blank=True)

    class Meta:
        verbose_name = _("letter of the desk")
        verbose_name_plural = _("letters of the desk")
        ordering = ["written_at"]
        constraints = [
            # What the store writes by itself, it writes once: received, extended, done.
            models.UniqueConstraint(
                fields=["request", "template"],
                condition=Q(template__in=["acknowledge", "extension", "answer"]),
                name="written_once",
            )
        ]

    @staticmethod
    def still_needed(_now: dt.datetime) -> Q:
        """A case that is open needs what was written in it."""
        return Q(request__closed_at__isnull=True)


class DeskNote(PersonalRecord):
    """What one member of staff notes for the next. It is about the person, so it is in their copy."""

    keep_from = "request__closed_at"

    request = models.ForeignKey(RightsRequest, models.CASCADE, related_name="notes")
    body = personal(models.TextField(_("note"), max_length=2000), Category.PRIVATE_CONTENT, **_FOR_THE_REQUEST)
    written_by = models.ForeignKey("privacy.Subject", models.PROTECT, null=True, blank=True, related_name="+")
    written_at = models.DateTimeField(_("written"), auto_now_add=True)

    class Meta:
        verbose_name = _("note of the desk")
        verbose_name_plural = _("notes of the desk")
        ordering = ["written_at"]

    @staticmethod
    def still_needed(_now: dt.datetime) -> Q:
        """A case that is open needs its notes."""
        return Q(request__closed_at__isnull=True)


class CaseStep(models.Model):
    """One thing that happened to a case, for its timeline. Only ever added."""

    no_personal_data = "A word of a list, a case, a member of staff by a random key, and a number or a code."
    insert_only = True

    class Kind(models.TextChoices):
        OPENED = "opened", _("request arrived")
        SORTED = "sorted", _("sorted anew")
        ASKED = "asked", _("asked to confirm who they are")
        CONFIRMED = "confirmed", _("identity confirmed")
        CHECKED = "checked", _("checked by staff")
        SECONDED = "seconded", _("seconded by a second member of staff")
        RESTRICTED = "restricted", _("not used meanwhile")
        RELEASED = "released", _("may be used again")
        EXTENDED = "extended", _("extended")
        WROTE = "wrote", _("letter to the person")
        POSTED = "posted", _("letter posted")
        NOTED = "noted", _("note")
        PROPOSED = "proposed", _("correction proposed")
        CORRECTED = "corrected", _("corrected")
        REFUSED = "refused", _("correction refused")
        TOLD = "told", _("recipient told")
        ANSWERED = "answered", _("recipient answered")
        REMINDED = "reminded", _("staff reminded")
        FULFILS = "fulfils", _("what was asked for is being done")
        MOVED = "moved", _("state changed")

    request = models.ForeignKey(RightsRequest, models.PROTECT, related_name="steps")
    kind = models.CharField(_("what"), max_length=12, choices=Kind)
    detail = models.CharField(_("detail"), max_length=100, blank=True)
    by = models.ForeignKey("privacy.Subject", models.PROTECT, null=True, blank=True, related_name="+")
    at = models.DateTimeField(_("when"), auto_now_add=True)

    class Meta:
        verbose_name = _("step of a case")
        verbose_name_plural = _("steps of cases")
        ordering = ["at", "pk"]

    def __str__(self) -> str:
        return f"{self.get_kind_display()} {self.at:%Y-%m-%d %H:%M}"
