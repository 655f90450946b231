"""What is kept longer and why, what was removed, whose erasure is under way, and who opened what only a law keeps."""

import uuid

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _


class LegalHold(models.Model):
    """A law or a court asks that one field, or one record, outlives its day. It names values, never an account.

    `table_name` with `column_name` is that column of every row; with `row_id` it is one record; with both, one value.
    """

    no_personal_data = "Names of a table, a column and a row, with the law that asks for them; never a value."

    table_name = models.CharField(_("table"), max_length=63)
    column_name = models.CharField(_("column"), max_length=63, blank=True)
    row_id = models.CharField(_("row"), max_length=64, blank=True)
    law = models.CharField(_("law"), max_length=200)
    reason = models.CharField(_("reason"), max_length=300)
    until = models.DateTimeField(_("until"))
    set_by = models.ForeignKey("privacy.Subject", models.PROTECT, null=True, blank=True, related_name="+")
    set_at = models.DateTimeField(_("set"), auto_now_add=True)
    lifted_at = models.DateTimeField(_("lifted"), null=True, blank=True)

    class Meta:
        verbose_name = _("legal hold")
        verbose_name_plural = _("legal holds")
        constraints = [
            models.CheckConstraint(condition=~Q(column_name="", row_id=""), name="hold_names_a_column_or_a_row"),
            models.CheckConstraint(condition=~Q(law="") & ~Q(reason=""), name="hold_states_law_and_reason"),
        ]
        indexes = [models.Index(fields=["table_name", "until"], name="hold_by_table")]

    def __str__(self) -> str:
        return ".".join(part for part in (self.table_name, self.column_name, self.row_id) if part)


class Erasure(models.Model):
    """A person's values are to go. It stays open while something is still needed, such as the address of a parcel under way."""

    no_personal_data = (
        "A random key, who decided it, the case that asked, and keyed digests for one look; never a value."
    )

    subject = models.ForeignKey("privacy.Subject", models.PROTECT, related_name="erasures")
    acted_by = models.ForeignKey("privacy.Subject", models.PROTECT, null=True, related_name="+")
    # Why, in the words of the law or the number of the case; not a letter's text.
    why = models.CharField(_("why"), max_length=200)
    asked_at = models.DateTimeField(_("asked"))
    done_at = models.DateTimeField(_("done"), null=True, blank=True)
    # Keyed digests of the person's addresses, by which a value that was left is known; emptied once none was found.
    sought = ArrayField(models.CharField(max_length=64), default=list, blank=True, editable=False)
    # How much was found when the store was looked through again; None until it was.
    left_over = models.PositiveIntegerField(_("left over"), null=True, blank=True)
    read_back_at = models.DateTimeField(_("looked through again"), null=True, blank=True)

    class Meta:
        verbose_name = _("erasure")
        verbose_name_plural = _("erasures")
        constraints = [
            models.UniqueConstraint(fields=["subject"], condition=Q(done_at__isnull=True), name="one_open_erasure"),
        ]

    def __str__(self) -> str:
        return f"erasure {self.pk}"


class ErasureCertificate(models.Model):
    """One batch of values was removed or moved apart, and read back as gone. Insert only, in the transaction of the batch.

    `counts` holds one line per table and law: `removed` rows are gone for good, `moved` ones stand in the law's archive. Of a
    look it holds one line per place, with how much of the person was `found` there.
    """

    no_personal_data = "Counts per table and law; for an erasure the random key of the person; never a value."
    insert_only = True
    ledger_kind = "erasure"

    class Cause(models.TextChoices):
        DAY = "day", _("its day had come")
        ERASURE = "erasure", _("the person was erased")
        LOOKED = "looked", _("looked through again after an erasure")

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    cause = models.CharField(_("cause"), max_length=8, choices=Cause)
    # Set by an erasure only.
    subject = models.ForeignKey("privacy.Subject", models.PROTECT, null=True, related_name="+")
    acted_by = models.ForeignKey("privacy.Subject", models.PROTECT, null=True, related_name="+")
    why = models.CharField(_("why"), max_length=200, blank=True)
    # The moment for which days were reckoned, and the one at which the rows went.
    reckoned_for = models.DateTimeField(_("reckoned for"))
    made_at = models.DateTimeField(_("made"), auto_now_add=True)
    counts = models.JSONField(_("counts"))

    class Meta:
        verbose_name = _("certificate of removal")
        verbose_name_plural = _("certificates of removal")
        ordering = ["-made_at"]
        indexes = [models.Index(fields=["-made_at"], name="erasure_certified_at")]

    def __str__(self) -> str:
        return f"{self.get_cause_display()} {self.made_at:%Y-%m-%d %H:%M}"


class ArchiveLook(models.Model):
    """Somebody asked to see what only a law keeps of one person. Written by the database itself, before it shows anything.

    Insert only, and not even inserted by the application role: `privacy_archive_ask` is the one way, and what it wrote
    must have been committed before `privacy_archive_open` answers, so that no look can be rolled back.
    """

    no_personal_data = "Two random keys, the law that was named and the reason; never a value."
    insert_only = True
    ledger_kind = "look"

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    subject = models.ForeignKey("privacy.Subject", models.PROTECT, related_name="archive_looks")
    staff = models.ForeignKey("privacy.Subject", models.PROTECT, related_name="+")
    law = models.CharField(_("law"), max_length=200)
    reason = models.CharField(_("reason"), max_length=300)
    rows = models.PositiveIntegerField(_("records shown"))
    transaction_id = models.BigIntegerField(editable=False)
    looked_at = models.DateTimeField(_("looked"))

    class Meta:
        verbose_name = _("look into the archive")
        verbose_name_plural = _("looks into the archive")
        ordering = ["-looked_at"]

    def __str__(self) -> str:
        return f"{self.law} {self.looked_at:%Y-%m-%d %H:%M}"
