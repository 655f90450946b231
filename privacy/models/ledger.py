"""The ledger's tables: leaves that wait, entries in their order, the tree above them, its signed heads, and the public keys."""

from django.db import models
from django.utils.translation import gettext_lazy as _


class WaitingLeaf(models.Model):
    """Says that a row of evidence was written: appended by a trigger, in the transaction of the row.

    The table has no index and no number, so that eight writers at once do not meet in it; what looks like a key here is
    one for Django only. `privacy_ledger_take_in()` moves its rows into the ledger and is the only way out.
    """

    no_personal_data = "The table and the key of a row of evidence."

    record = models.UUIDField(primary_key=True, editable=False)
    source = models.CharField(max_length=63)
    # Evidence that was there before the ledger was: its time lies before the heads around it.
    earlier = models.BooleanField(default=False, db_default=False)

    class Meta:
        verbose_name = _("waiting leaf")
        verbose_name_plural = _("waiting leaves")

    def __str__(self) -> str:
        return f"{self.source} {self.record}"


class LedgerEntry(models.Model):
    """One leaf of the tree, at its place for good: which row of evidence, and a hash that commits to it and hides it.

    Nobody may insert here but the function that takes waiting leaves in, which belongs to the owner.
    """

    no_personal_data = "The key of a row of evidence, a random number and a hash over both and the row."
    insert_only = True

    position = models.BigIntegerField(primary_key=True)
    source = models.CharField(max_length=63)
    record = models.UUIDField()
    # How many of the table's columns the hash is over; columns that came later are empty in older rows.
    width = models.SmallIntegerField()
    nonce = models.UUIDField()
    leaf_hash = models.BinaryField(max_length=32)
    recorded_at = models.DateTimeField()
    earlier = models.BooleanField(default=False)

    class Meta:
        verbose_name = _("ledger entry")
        verbose_name_plural = _("ledger entries")
        constraints = [models.UniqueConstraint(fields=["source", "record"], name="one_entry_per_row_of_evidence")]

    def __str__(self) -> str:
        return f"entry {self.position}"


class LedgerTile(models.Model):
    """The hash over 256 leaves (level 1), over 256 of those (level 2), and so on; complete, so it never changes."""

    no_personal_data = "A hash over hashes."
    insert_only = True

    level = models.SmallIntegerField()
    number = models.BigIntegerField()
    hash = models.BinaryField(max_length=32)

    class Meta:
        verbose_name = _("ledger tile")
        verbose_name_plural = _("ledger tiles")
        constraints = [models.UniqueConstraint(fields=["level", "number"], name="one_hash_per_tile")]

    def __str__(self) -> str:
        return f"tile {self.level}/{self.number}"


class TreeHead(models.Model):
    """The root of the tree at one size, with the moment and the signature of RFC 9162."""

    no_personal_data = "A hash over hashes, signed."
    insert_only = True

    tree_size = models.BigIntegerField(db_index=True)
    root_hash = models.BinaryField(max_length=32)
    # Milliseconds since 1970, as they are signed.
    timestamp = models.BigIntegerField()
    key_id = models.CharField(max_length=16)
    signature = models.BinaryField(max_length=64)

    class Meta:
        verbose_name = _("signed tree head")
        verbose_name_plural = _("signed tree heads")

    def __str__(self) -> str:
        return f"head of {self.tree_size}"


class LedgerKey(models.Model):
    """A public key that has signed heads or receipts, and what its neighbours in time say of it.

    Being listed here makes no key trusted: see `privacy.internal.ledger.keys`.
    """

    no_personal_data = "A public key of the store."
    insert_only = True

    key_id = models.CharField(primary_key=True, max_length=16)
    public_key = models.BinaryField(max_length=32)
    former_id = models.CharField(max_length=16, blank=True)
    # The former key's signature over this one, and this one's over the former.
    named_by_former = models.BinaryField(max_length=64, blank=True, default=b"")
    names_former = models.BinaryField(max_length=64, blank=True, default=b"")
    since = models.DateTimeField(auto_now_add=True)

    class Meta:
        verbose_name = _("ledger key")
        verbose_name_plural = _("ledger keys")

    def __str__(self) -> str:
        return f"key {self.key_id}"
