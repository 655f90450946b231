"""The words that stood beside the fields and the boxes, kept once each, so that what was shown can be read again."""

from django.db import models
from django.utils.translation import gettext_lazy as _


class ShownText(models.Model):
    """One notice or question, word by word, under its digest. Collections and consent events name the digest."""

    no_personal_data = "The store's own words."
    insert_only = True

    digest = models.CharField(max_length=64, primary_key=True)
    policy_version = models.CharField(max_length=10)
    locale = models.CharField(max_length=8)
    text = models.TextField()
    kept_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        verbose_name = _("shown text")
        verbose_name_plural = _("shown texts")

    def __str__(self) -> str:
        return f"{self.policy_version} {self.locale} {self.digest[:12]}"
