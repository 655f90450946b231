"""One message of one campaign to one person, from the claim of the permission to the mail server's word."""

from django.db import models
from django.db.models import Q
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

from marketing.models.campaign import Campaign


class Delivery(models.Model):
    """What became of one message. A claim counts for one person once, whatever dies in between.

    No foreign keys in the database: checking two of them cost as much as the rest of a claim, a campaign with deliveries is
    never deleted, and a subject never is.
    """

    no_personal_data = "A random key, and what became of a message; the address is read when it is handed over."

    class State(models.TextChoices):
        CLAIMED = "claimed", _("permission claimed")
        HANDED_OVER = "handed_over", _("being handed to the mail server")
        SENT = "sent", _("taken by the mail server")
        REFUSED = "refused", _("refused by the mail server")
        REVOKED = "revoked", _("taken back before it left")
        UNKNOWN = "unknown", _("nobody knows; never sent again")

    class Returned(models.TextChoices):
        NO = "", _("no")
        SOFT = "soft", _("could not be delivered for now")
        HARD = "hard", _("address does not exist")
        COMPLAINT = "complaint", _("reported as unwanted")

    campaign = models.ForeignKey(
        Campaign, models.DO_NOTHING, db_constraint=False, db_index=False, related_name="deliveries"
    )
    subject = models.ForeignKey("privacy.Subject", models.DO_NOTHING, db_constraint=False, related_name="+")
    locale = models.CharField(_("language"), max_length=8)
    state = models.CharField(_("state"), max_length=12, choices=State, default=State.CLAIMED)
    why = models.CharField(_("because"), max_length=40, blank=True, default="", db_default="")
    claimed_at = models.DateTimeField(_("claimed"), db_default=Now())
    # A message that was put off waits until then; one that is being handed over belongs to somebody until then.
    due_at = models.DateTimeField(db_default=Now())
    settled_at = models.DateTimeField(_("settled"), null=True)
    attempts = models.PositiveSmallIntegerField(default=0, db_default=0)
    # The mail server's three digits.
    reply = models.PositiveSmallIntegerField(null=True)
    returned = models.CharField(_("came back"), max_length=10, choices=Returned, blank=True, default="", db_default="")

    class Meta:
        verbose_name = _("delivery")
        verbose_name_plural = _("deliveries")
        constraints = [models.UniqueConstraint(fields=["campaign", "subject"], name="one_message_per_person")]
        indexes = [
            models.Index(fields=["campaign", "due_at"], condition=Q(state="claimed"), name="delivery_to_hand_over"),
            models.Index(fields=["due_at"], condition=Q(state="handed_over"), name="delivery_leased"),
        ]

    def __str__(self) -> str:
        return f"{self.campaign_id}: {self.state}"


class Pace(models.Model):
    """From when on a provider takes the next message: the one row per lane that every worker draws its turns from."""

    no_personal_data = "A name of a lane and a time."

    lane = models.CharField(max_length=40, primary_key=True)
    free_at = models.DateTimeField(db_default=Now())

    class Meta:
        verbose_name = _("pace")
        verbose_name_plural = _("paces")

    def __str__(self) -> str:
        return self.lane
