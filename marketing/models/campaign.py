"""A campaign: what is sent, in which languages, to which kind of people, and who said that it may go."""

from django.contrib.postgres.fields import ArrayField
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from privacy.declaration import Purpose
from privacy.models.consent import ContactChannel

# The languages in which a campaign can be written; more than the pages have.
LANGUAGES = [("en", "English"), ("ko", "한국어"), ("ja", "日本語"), ("zh", "中文")]


class Campaign(models.Model):
    """One message to everybody who permitted its purpose by its channel, within the audience that staff described.

    `cursor` is how far through the audience it has come. The digest is that of what was released: a campaign whose words
    or audience are not those does not go on.
    """

    no_personal_data = "What the staff wrote and to what kind of people; who wrote and released it is a random key."

    class State(models.TextChoices):
        DRAFT = "draft", _("draft")
        READY = "ready", _("waits for a second person")
        RUNNING = "running", _("being sent")
        PAUSED = "paused", _("paused")
        STOPPED = "stopped", _("stopped")
        DONE = "done", _("sent")

    PURPOSES = [
        (Purpose.MARKETING_EMAIL.value, _("our own news")),
        (Purpose.THIRD_PARTY_PROMOTION.value, _("a promotion for somebody else")),
        (Purpose.SURVEY_INVITATION.value, _("an invitation to a survey")),
        (Purpose.MARKETING_SMS.value, _("our own news by text message")),
        (Purpose.MARKETING_PUSH.value, _("our own news by push message")),
    ]
    CHANNELS = [(c.value, c.label) for c in (ContactChannel.EMAIL, ContactChannel.SMS, ContactChannel.PUSH)]

    name = models.CharField(_("name"), max_length=120, help_text=_("For the staff; nobody outside reads it."))
    purpose = models.CharField(_("what it is"), max_length=64, choices=PURPOSES, default=Purpose.MARKETING_EMAIL)
    channel = models.CharField(_("channel"), max_length=8, choices=CHANNELS, default=ContactChannel.EMAIL)
    partner = models.CharField(
        _("whose promotion"),
        max_length=120,
        blank=True,
        help_text=_("Only for a promotion for somebody else. We send it; they are given nothing about anybody."),
    )
    # --- to whom, within those who permitted it ---
    languages = ArrayField(
        models.CharField(max_length=8, choices=LANGUAGES), verbose_name=_("languages"), default=list, blank=True
    )
    laws = ArrayField(models.CharField(max_length=8), verbose_name=_("countries"), default=list, blank=True)
    categories = models.ManyToManyField(
        "catalogue.Category",
        verbose_name=_("bought or interested in"),
        blank=True,
        related_name="+",
        help_text=_("Only people who permitted that what they bought and like is used for this are found by it."),
    )
    fallback = models.CharField(
        _("for other languages"),
        max_length=8,
        choices=LANGUAGES,
        blank=True,
        help_text=_("Whose language has no text gets this one. Empty: they get nothing."),
    )
    coupon = models.ForeignKey(
        "orders.Offer",
        models.SET_NULL,
        limit_choices_to={"code__gt": ""},
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("coupon"),
        help_text=_("The orders that use it are shown beside the deliveries."),
    )
    per_minute = models.PositiveIntegerField(
        _("at most per minute"),
        null=True,
        blank=True,
        validators=[MinValueValidator(1), MaxValueValidator(1_000_000)],
        help_text=_("Empty: as many as the provider takes."),
    )
    # --- its way ---
    state = models.CharField(_("state"), max_length=8, choices=State, default=State.DRAFT, editable=False)
    # Everybody who had a hand in it; none of them may release it.
    authors = ArrayField(models.UUIDField(), default=list, editable=False)
    edited_by = models.ForeignKey("privacy.Subject", models.PROTECT, null=True, related_name="+", editable=False)
    released_by = models.ForeignKey("privacy.Subject", models.PROTECT, null=True, related_name="+", editable=False)
    released_at = models.DateTimeField(_("released"), null=True, editable=False)
    released_digest = models.CharField(max_length=64, blank=True, editable=False)
    ended_at = models.DateTimeField(_("ended"), null=True, editable=False)
    cursor = models.UUIDField(null=True, editable=False)
    all_claimed = models.BooleanField(default=False, editable=False)
    # Why it stands still, when it was not staff who paused it.
    note = models.CharField(_("note"), max_length=200, blank=True, editable=False)
    created_at = models.DateTimeField(_("begun"), auto_now_add=True)

    class Meta:
        verbose_name = _("campaign")
        verbose_name_plural = _("campaigns")
        ordering = ["-created_at"]
        permissions = [("release_campaign", "Can release a campaign that others wrote")]
        constraints = [
            models.CheckConstraint(
                condition=Q(released_by=None) | Q(edited_by=None) | ~Q(released_by=F("edited_by")),
                name="campaign_released_by_a_second_person",
            ),
            models.CheckConstraint(
                condition=Q(state__in=["draft", "ready"]) | Q(released_by__isnull=False, released_at__isnull=False),
                name="campaign_runs_only_when_released",
            ),
            models.CheckConstraint(
                condition=Q(purpose="marketing.advertising.third_party") | Q(partner=""),
                name="campaign_names_a_partner_only_for_one",
            ),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def may_be_edited(self) -> bool:
        """Until it is released; an edit takes it back to being a draft."""
        return self.state in (self.State.DRAFT, self.State.READY)


class CampaignText(models.Model):
    """The words of a campaign in one language: a subject, and a body in the few tags that mails bear."""

    no_personal_data = "What the staff wrote."

    campaign = models.ForeignKey(Campaign, models.CASCADE, related_name="texts")
    locale = models.CharField(_("language"), max_length=8, choices=LANGUAGES)
    subject = models.CharField(_("subject"), max_length=150)
    body = models.TextField(
        _("text"),
        help_text=_(
            "Paragraphs, headings, lists, links and pictures of this store, as HTML. The plain text is made from it."
        ),
    )

    class Meta:
        verbose_name = _("text")
        verbose_name_plural = _("texts")
        ordering = ["locale"]
        constraints = [models.UniqueConstraint(fields=["campaign", "locale"], name="one_campaign_text_per_language")]

    def __str__(self) -> str:
        return f"{self.get_locale_display()}: {self.subject}"
