"""Who is handed data: the firm behind a recipient that the policy names, and whether it may still receive."""

from django.db import models
from django.utils.translation import gettext_lazy as _


class Recipient(models.Model):
    """One registered recipient. What it may receive is the policy's to say; staff name the firm, and may suspend it.

    The country is where the data goes (GDPR Art. 13(1)(f), PIPA Art. 28-8). When it differs from the policy's, nothing
    is handed over until a policy says so.
    """

    no_personal_data = "A firm, its country and the address of its own privacy desk."

    id = models.CharField(_("recipient"), primary_key=True, max_length=48)
    name = models.CharField(_("name of the firm"), max_length=120, blank=True)
    kind = models.CharField(_("kind"), max_length=16)
    country = models.CharField(_("country"), max_length=2)
    desk = models.CharField(
        _("its privacy desk"), max_length=254, blank=True, help_text=_("Where corrections and erasures are told.")
    )
    suspended_at = models.DateTimeField(_("suspended"), null=True, blank=True)

    class Meta:
        verbose_name = _("recipient")
        verbose_name_plural = _("recipients")

    def __str__(self) -> str:
        return self.name or self.id
