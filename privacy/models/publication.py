"""How a version of the policy comes into force: somebody proposes it, another publishes it, and people answer to what changes."""

import uuid

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _


class Proposal(models.Model):
    """A draft as one person puts it before another: the digest says which letters were meant. Insert only."""

    no_personal_data = "A version of the policy, its digest and the random key of a member of staff."
    insert_only = True

    version = models.CharField(_("version"), max_length=10)
    digest = models.CharField(_("digest"), max_length=64)
    drafted_by = models.ForeignKey("privacy.Subject", models.PROTECT, related_name="+", verbose_name=_("drafted by"))
    proposed_at = models.DateTimeField(_("proposed"), auto_now_add=True)

    class Meta:
        verbose_name = _("proposal")
        verbose_name_plural = _("proposals")
        ordering = ["-proposed_at"]

    def __str__(self) -> str:
        return f"{self.version} {self.digest[:12]}"


class Publication(models.Model):
    """One version of the policy takes effect on its day. Insert only; a version without such a row is a draft.

    The database holds the rest (`privacy.internal.publishing_sql`): two people, a day that leaves time to read, one
    version after the other. What the store itself published has nobody's name: the versions that were there when the
    installation was made, before there was anybody to tell.
    """

    no_personal_data = "A version of the policy, its digest and the random keys of two members of staff."
    insert_only = True
    ledger_kind = "publication"

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    version = models.CharField(_("version"), max_length=10, unique=True)
    effective = models.DateField(_("takes effect"))
    digest = models.CharField(_("digest"), max_length=64)
    founding = models.BooleanField(_("published by the store itself"), default=False)
    drafted_by = models.ForeignKey(
        "privacy.Subject", models.PROTECT, null=True, related_name="+", verbose_name=_("drafted by")
    )
    published_by = models.ForeignKey(
        "privacy.Subject", models.PROTECT, null=True, related_name="+", verbose_name=_("published by")
    )
    published_at = models.DateTimeField(_("published"), auto_now_add=True)

    class Meta:
        verbose_name = _("publication")
        verbose_name_plural = _("publications")
        ordering = ["-effective"]
        constraints = [
            models.CheckConstraint(
                condition=Q(founding=True, drafted_by__isnull=True, published_by__isnull=True)
                | Q(founding=False, drafted_by__isnull=False, published_by__isnull=False),
                name="publication_has_two_people_or_none",
            ),
            models.CheckConstraint(
                condition=Q(founding=True) | ~Q(drafted_by=F("published_by")), name="publisher_is_not_the_drafter"
            ),
            models.CheckConstraint(condition=Q(digest__regex=r"^[0-9a-f]{64}$"), name="publication_names_its_digest"),
        ]

    def __str__(self) -> str:
        return self.version


class PolicyAnswer(models.Model):
    """What one person said to one change of the policy. Insert only; the last answer counts.

    `permits` is what a yes lets the store do with data that was collected before, in the terms of
    `privacy.internal.permits`.
    """

    no_personal_data = "A yes or no under a random key, with the digest of the words that were shown; never a value."
    insert_only = True
    ledger_kind = "consent"

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    subject = models.ForeignKey("privacy.Subject", models.PROTECT, related_name="policy_answers")
    version = models.CharField(max_length=10)
    change = models.CharField(max_length=200)
    yes = models.BooleanField()
    permits = ArrayField(models.TextField())
    text_digest = models.CharField(max_length=64)
    locale = models.CharField(max_length=8)
    shown_at = models.DateTimeField()
    received_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        verbose_name = _("answer to a change")
        verbose_name_plural = _("answers to changes")
        indexes = [models.Index(fields=["subject", "received_at"], name="policy_answer_by_person")]

    def __str__(self) -> str:
        return f"{self.version} {self.change}: {'yes' if self.yes else 'no'}"
