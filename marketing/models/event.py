"""Events: what takes place, who comes or waits to, and the photographs of it that those on them let be shown."""

import uuid
from typing import ClassVar

from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Lower
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from catalogue.languages import in_language
from privacy.declaration import Category, Keep, Purpose, personal
from privacy.records import PersonalRecord


class Event(models.Model):
    """Something that takes place on a day, with so many seats. `domain.events` counts them."""

    no_personal_data = "What takes place, written by the store, and counts. Who comes stands in EventRegistration."

    class State(models.TextChoices):
        DRAFT = "draft", _("draft")
        OPEN = "open", _("announced")
        CANCELLED = "cancelled", _("called off")

    slug = models.SlugField(_("address"), max_length=80, unique=True)
    state = models.CharField(_("state"), max_length=9, choices=State, default=State.DRAFT)
    # By language: {"en": "Tea tasting", "ko": "차 시음회"}. Staff have an input for each.
    titles = models.JSONField(_("titles"), default=dict)
    texts = models.JSONField(_("descriptions"), default=dict, blank=True)
    venues = models.JSONField(_("where"), default=dict, blank=True)
    starts_at = models.DateTimeField(_("begins"))
    ends_at = models.DateTimeField(_("ends"))
    closes_at = models.DateTimeField(
        _("registration until"), null=True, blank=True, help_text=_("Empty: until it begins.")
    )
    capacity = models.PositiveIntegerField(_("seats"))
    taken = models.PositiveIntegerField(_("taken"), default=0, editable=False)

    class Meta:
        verbose_name = _("event")
        verbose_name_plural = _("events")
        ordering = ["-starts_at"]
        constraints = [
            models.CheckConstraint(condition=Q(taken__lte=F("capacity")), name="event_has_no_more_guests_than_seats"),
            models.CheckConstraint(condition=Q(ends_at__gt=F("starts_at")), name="event_ends_after_it_begins"),
        ]

    def __str__(self) -> str:
        return self.title()

    def get_absolute_url(self) -> str:
        return reverse("events:detail", args=[self.slug])

    def title(self, language: str | None = None) -> str:
        """The title in a language, else in English, else in any."""
        return str(in_language(self.titles, language) or self.slug)

    def text(self, language: str | None = None) -> str:
        return str(in_language(self.texts, language) or "")

    def venue(self, language: str | None = None) -> str:
        return str(in_language(self.venues, language) or "")

    def clean(self) -> None:
        """What the table's constraints would refuse, in sentences."""
        wrong = {}
        if self.starts_at and self.ends_at and self.ends_at <= self.starts_at:
            wrong["ends_at"] = _("It would end before it begins.")
        if self.capacity is not None and self.capacity < self.taken:
            wrong["capacity"] = _("More seats than that are taken already.")
        titles = self.titles if isinstance(self.titles, dict) else {}
        if not titles.get("en") or not all(isinstance(title, str) and title.strip() for title in titles.values()):
            wrong["titles"] = _("Write the title in English too.")
        if wrong:
            raise ValidationError(wrong)

    @property
    def takes_registrations(self) -> bool:
        return self.state == self.State.OPEN and timezone.now() < min(self.closes_at or self.starts_at, self.starts_at)

    @property
    def has_begun(self) -> bool:
        return timezone.now() >= self.starts_at

    @property
    def free(self) -> int:
        return self.capacity - self.taken


class EventRegistration(PersonalRecord):
    """Somebody who comes, or waits for a seat. The token is in the letter: whoever has it reads that mailbox."""

    keep_from = ("cancelled_at", "event__ends_at")

    not_personal: ClassVar = {"locale": "The language of the page on which they registered."}

    class State(models.TextChoices):
        COMING = "coming", _("has a seat")
        WAITING = "waiting", _("waits for a seat")
        CANCELLED = "cancelled", _("cancelled")

    event = models.ForeignKey(Event, models.PROTECT, related_name="registrations", verbose_name=_("event"))
    state = models.CharField(_("state"), max_length=9, choices=State, editable=False)
    name = personal(
        models.CharField(_("name"), max_length=120), Category.NAME, purposes=[Purpose.SERVICE], keep=Keep.EVENT
    )
    email = personal(
        models.EmailField(_("e-mail address"), max_length=254),
        Category.EMAIL,
        purposes=[Purpose.NOTIFICATION],
        keep=Keep.EVENT,
    )
    locale = models.CharField(_("language"), max_length=8, default="en")
    token = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    joined_at = models.DateTimeField(_("registered"), auto_now_add=True)
    # When a seat became free for somebody who waited.
    moved_up_at = models.DateTimeField(_("moved up"), null=True, blank=True, editable=False)
    cancelled_at = models.DateTimeField(_("cancelled"), null=True, blank=True, editable=False)
    # A yes of their own to photographs on which they can be recognised; empty is a no.
    may_be_shown_at = models.DateTimeField(_("may be shown since"), null=True, blank=True, editable=False)

    class Meta:
        verbose_name = _("registration")
        verbose_name_plural = _("registrations")
        ordering = ["pk"]
        constraints = [
            models.UniqueConstraint(
                Lower("email"),
                "event",
                condition=~Q(state="cancelled"),
                name="one_registration_per_address",
            ),
            models.CheckConstraint(
                condition=~Q(state="cancelled") | Q(cancelled_at__isnull=False), name="registration_cancelled_says_when"
            ),
        ]
        indexes = [models.Index(fields=["event", "state", "id"], name="registration_queue")]


class EventPhotograph(PersonalRecord):
    """A photograph of an event. It is shown when it was released and everybody on it has agreed, and not otherwise."""

    keep_from = "event__ends_at"

    event = models.ForeignKey(Event, models.PROTECT, related_name="photographs", verbose_name=_("event"))
    key = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    # A JPEG in base 64, made anew from what was sent, so that place and device are gone. No file: what is erased here is gone.
    image = personal(
        models.TextField(_("photograph")),
        Category.SELF_IMAGE,
        purposes=[Purpose.SERVICE],
        keep=Keep.EVENT_PHOTOGRAPH,
    )
    caption = personal(
        models.CharField(_("what it shows"), max_length=200, blank=True),
        Category.PUBLIC_CONTENT,
        purposes=[Purpose.SERVICE],
        keep=Keep.EVENT_PHOTOGRAPH,
    )
    # How many can be recognised on it; empty while nobody has looked.
    people = models.PositiveSmallIntegerField(_("who can be recognised"), null=True, blank=True)
    by_staff = models.BooleanField(_("taken by the store"), default=False, editable=False)
    sent_at = models.DateTimeField(_("sent"), auto_now_add=True)
    released_at = models.DateTimeField(_("released"), null=True, blank=True, editable=False)

    class Meta:
        verbose_name = _("photograph of an event")
        verbose_name_plural = _("photographs of events")
        ordering = ["pk"]
        constraints = [
            models.CheckConstraint(
                condition=Q(released_at__isnull=True) | Q(people__isnull=False), name="photograph_released_after_a_look"
            ),
        ]


class PhotographConsent(models.Model):
    """One of those on a photograph has agreed that it is shown: noted by whom, and how they said so."""

    no_personal_data = "That one random key agreed to one photograph; whose it is stands in EventRegistration."

    class How(models.TextChoices):
        REGISTRATION = "registration", _("with the registration")
        SENDER = "sender", _("sent it themselves")
        PAPER = "paper", _("signed on paper at the event")
        LETTER = "letter", _("by letter or e-mail")

    photograph = models.ForeignKey(
        EventPhotograph, models.CASCADE, related_name="consents", verbose_name=_("photograph")
    )
    # Both empty for somebody who was there without a registration. A registration ends long before a photograph; the random
    # key stays, so that an erasure still finds the photograph.
    registration = models.ForeignKey(
        EventRegistration,
        models.SET_NULL,
        null=True,
        blank=True,
        related_name="consents",
        verbose_name=_("registration"),
    )
    subject = models.ForeignKey("privacy.Subject", models.PROTECT, null=True, related_name="+", editable=False)
    how = models.CharField(_("how"), max_length=12, choices=How)
    noted_by = models.ForeignKey(
        "privacy.Subject", models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("noted by")
    )
    noted_at = models.DateTimeField(_("noted"), auto_now_add=True)

    class Meta:
        verbose_name = _("consent to a photograph")
        verbose_name_plural = _("consents to photographs")
        constraints = [
            models.UniqueConstraint(
                fields=["photograph", "registration"],
                condition=Q(registration__isnull=False),
                name="one_consent_per_guest_and_photograph",
            ),
        ]

    def __str__(self) -> str:
        return f"consent {self.pk}"
