"""Surveys: what is asked, and the answers, which are either nobody's or somebody's and never something between."""

import uuid

from django.contrib.postgres.fields import ArrayField
from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import F, Q
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from catalogue.languages import in_language
from orders.models import Order
from privacy.declaration import Category, Keep, Purpose, personal
from privacy.records import PersonalRecord

# A scale goes from 1 to this.
STEPS = 5


class Survey(models.Model):
    """Questions that are open for a time. Anonymous ones are answered by whoever likes, the others behind an order's own link."""

    no_personal_data = "Questions of the store. The answers stand apart."

    class Kind(models.TextChoices):
        ANONYMOUS = "anonymous", _("anonymous, for everybody")
        INVITED = "invited", _("anonymous, once for each letter of invitation")
        ORDER = "order", _("about an order, behind a link of its own")

    slug = models.SlugField(_("address"), max_length=80, unique=True)
    kind = models.CharField(_("answered"), max_length=9, choices=Kind)
    # By language: {"en": "How was it?", "ko": "어떠셨나요?"}. Staff have an input for each.
    titles = models.JSONField(_("titles"), default=dict)
    intros = models.JSONField(_("what it is for"), default=dict, blank=True)
    released = models.BooleanField(_("released"), default=False)
    opens_at = models.DateTimeField(_("opens"))
    closes_at = models.DateTimeField(_("closes"))

    class Meta:
        verbose_name = _("survey")
        verbose_name_plural = _("surveys")
        ordering = ["-opens_at"]
        constraints = [
            models.CheckConstraint(condition=Q(closes_at__gt=F("opens_at")), name="survey_closes_after_it_opens"),
        ]

    def __str__(self) -> str:
        return self.title()

    def get_absolute_url(self) -> str:
        return reverse("surveys:answer", args=[self.slug])

    def title(self, language: str | None = None) -> str:
        return str(in_language(self.titles, language) or self.slug)

    def intro(self, language: str | None = None) -> str:
        return str(in_language(self.intros, language) or "")

    @property
    def is_anonymous(self) -> bool:
        """Whether its answers are nobody's."""
        return self.kind != self.Kind.ORDER

    @property
    def is_open(self) -> bool:
        return self.released and self.opens_at <= timezone.now() < self.closes_at

    def clean(self) -> None:
        """What cannot be shown or would be refused, in sentences."""
        wrong = {}
        if self.opens_at and self.closes_at and self.closes_at <= self.opens_at:
            wrong["closes_at"] = _("It would close before it opens.")
        titles = self.titles if isinstance(self.titles, dict) else {}
        if not titles.get("en") or not all(isinstance(title, str) and title.strip() for title in titles.values()):
            wrong["titles"] = _("Write the title in English too.")
        if wrong:
            raise ValidationError(wrong)


class Question(models.Model):
    """One question of a survey, with what can be chosen."""

    no_personal_data = "A question of the store."

    class Kind(models.TextChoices):
        CHOICE = "choice", _("one of several")
        CHOICES = "choices", _("any of several")
        SCALE = "scale", _("a scale from 1 to 5")
        TEXT = "text", _("words of their own")

    survey = models.ForeignKey(Survey, models.CASCADE, related_name="questions", verbose_name=_("survey"))
    position = models.PositiveSmallIntegerField(_("position"), default=0)
    kind = models.CharField(_("kind"), max_length=7, choices=Kind)
    wordings = models.JSONField(_("question"), default=dict)
    # A list, each by language: [{"en": "Good", "ko": "좋음"}, {"en": "Bad", "ko": "나쁨"}].
    options = models.JSONField(_("to choose from"), default=list, blank=True)
    required = models.BooleanField(_("must be answered"), default=False)

    class Meta:
        verbose_name = _("question")
        verbose_name_plural = _("questions")
        ordering = ["position", "pk"]

    def __str__(self) -> str:
        return self.wording()

    def wording(self, language: str | None = None) -> str:
        return str(in_language(self.wordings, language) or "?")

    def choices(self, language: str | None = None) -> list[tuple[int, str]]:
        """What can be chosen: the number that is kept, and its words."""
        if self.kind == self.Kind.SCALE:
            return [(step, str(step)) for step in range(1, STEPS + 1)]
        return [(number, str(in_language(words, language) or "?")) for number, words in enumerate(self.options)]

    def clean(self) -> None:
        wrong = {}
        offers_choice = self.kind in (self.Kind.CHOICE, self.Kind.CHOICES)
        listed = self.options if isinstance(self.options, list) else []
        if offers_choice and (len(listed) < 2 or not all(isinstance(one, dict) and one.get("en") for one in listed)):
            wrong["options"] = _("Give at least two to choose from, one a line.")
        if not isinstance(self.wordings, dict) or not self.wordings.get("en"):
            wrong["wordings"] = _("Write the question in English too.")
        if wrong:
            raise ValidationError(wrong)


class AnonymousAnswer(models.Model):
    """One answer to one question, which leads to nobody.

    No person, no visitor, no order, no moment finer than the day, and no sheet that says which answers were given together:
    the key is random, and the answers of a sheet are stored in a shuffled order.
    """

    no_personal_data = (
        "An answer that leads to nobody: no key of a person or a sheet, and no moment finer than the day."
    )

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    question = models.ForeignKey(Question, models.PROTECT, related_name="anonymous_answers", verbose_name=_("question"))
    picks = ArrayField(models.PositiveSmallIntegerField(), verbose_name=_("chosen"), default=list)
    words = models.TextField(_("words"), max_length=2000, blank=True)
    day = models.DateField(_("day"))

    class Meta:
        verbose_name = _("anonymous answer")
        verbose_name_plural = _("anonymous answers")

    def __str__(self) -> str:
        return f"answer to {self.question_id}"


class SpentTicket(models.Model):
    """That a sheet or a letter of invitation was answered, so that it counts once. It names neither answer nor person.

    A ticket is a random number that the store signed and did not keep. Here stands its keyed hash, and no moment.
    """

    no_personal_data = "A keyed hash of a random number that was never kept beside anybody."

    digest = models.BinaryField(max_length=32, primary_key=True)
    survey = models.ForeignKey(Survey, models.CASCADE, related_name="+", verbose_name=_("survey"))

    class Meta:
        verbose_name = _("spent ticket")
        verbose_name_plural = _("spent tickets")

    def __str__(self) -> str:
        return f"ticket of {self.survey_id}"


class SurveyInvitation(models.Model):
    """The link by which one order is asked. It is made only where the buyer permitted to be invited."""

    no_personal_data = "A random key for one order; whose it is stands in Order."

    survey = models.ForeignKey(Survey, models.PROTECT, related_name="invitations", verbose_name=_("survey"))
    order = models.ForeignKey(Order, models.CASCADE, related_name="survey_invitations", verbose_name=_("order"))
    key = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    invited_at = models.DateTimeField(_("invited"), auto_now_add=True)
    answered_on = models.DateField(_("answered"), null=True, blank=True, editable=False)

    class Meta:
        verbose_name = _("invitation to a survey")
        verbose_name_plural = _("invitations to surveys")
        constraints = [models.UniqueConstraint(fields=["survey", "order"], name="an_order_is_asked_once")]

    def __str__(self) -> str:
        return f"invitation {self.pk}"


class SurveyAnswer(PersonalRecord):
    """What a buyer answered about an order: personal, so it comes in through the door and ends on its day."""

    keep_from = "question__survey__closes_at"

    question = models.ForeignKey(Question, models.PROTECT, related_name="answers", verbose_name=_("question"))
    invitation = models.ForeignKey(
        SurveyInvitation, models.CASCADE, related_name="answers", verbose_name=_("invitation"), editable=False
    )
    words = personal(
        models.TextField(_("words"), max_length=2000, blank=True),
        Category.SURVEY_RESPONSE,
        purposes=[Purpose.IMPROVE],
        keep=Keep.SURVEY,
    )
    picks = personal(
        ArrayField(models.PositiveSmallIntegerField(), verbose_name=_("chosen"), default=list, blank=True),
        Category.SURVEY_RESPONSE,
        purposes=[Purpose.IMPROVE],
        keep=Keep.SURVEY,
    )

    class Meta:
        verbose_name = _("answer to a survey")
        verbose_name_plural = _("answers to surveys")
        constraints = [
            models.UniqueConstraint(fields=["question", "invitation"], name="a_question_is_answered_once"),
        ]
