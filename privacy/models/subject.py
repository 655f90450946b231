"""The data subject: a person as the store knows them, without a single value about them."""

import uuid

from django.db import models
from django.utils.translation import gettext_lazy as _


class Subject(models.Model):
    """A random key that everything about one person hangs on.

    A guest who later opens an account has two; `merged_into` says so, and nothing is rewritten.
    """

    no_personal_data = (
        "A random key, the kind of relation and whose law applies; what is known of the person stands in the personal "
        "records."
    )

    class Kind(models.TextChoices):
        CUSTOMER = "customer", _("customer")
        PROSPECT = "prospect", _("prospect")
        VISITOR = "visitor", _("visitor")
        EMPLOYEE = "employee", _("employee")

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    kind = models.CharField(max_length=16, choices=Kind, default=Kind.CUSTOMER)
    # The law under which the person is asked, such as "KR" or "EU"; empty for unknown, "*" for several.
    jurisdiction = models.CharField(max_length=8, blank=True, default="")
    merged_into = models.ForeignKey("self", models.SET_NULL, null=True, blank=True, related_name="merged")
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        verbose_name = _("data subject")
        verbose_name_plural = _("data subjects")

    def __str__(self) -> str:
        return f"subject {str(self.id)[:8]}"
