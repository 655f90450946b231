"""What the database has seen of the journal that outlives it."""

from django.db import models
from django.utils.translation import gettext_lazy as _


class JournalMark(models.Model):
    """One line of the journal, marked in the very transaction that it tells of.

    A line without its mark says that this database is older than the journal; a mark without its line, that a line was lost,
    which the words kept here can write again.
    """

    no_personal_data = "A line of keyed hashes under a random key; never a value, and no key of a person."
    insert_only = True

    id = models.UUIDField(primary_key=True)
    kind = models.CharField(_("kind"), max_length=40)
    line = models.TextField()
    made_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        verbose_name = _("line of the journal")
        verbose_name_plural = _("lines of the journal")

    def __str__(self) -> str:
        return f"{self.kind} {str(self.id)[:8]}"
