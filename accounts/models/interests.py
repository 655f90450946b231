"""What the owner of an account says that they like."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from accounts.models.user import User
from privacy.declaration import Category, Keep, Purpose, personal
from privacy.records import PersonalRecord


class Interest(PersonalRecord):
    """One shelf of the store that the owner of an account likes, by its name in addresses.

    It shapes the front page for as long as that is permitted, and goes when the permission does. Which news are sent it helps to
    choose only for whoever permitted that too.
    """

    keep_from = "account__closed_at"
    own_page = "interests"

    account = models.ForeignKey(User, models.CASCADE, related_name="interests", editable=False)
    shelf = personal(
        models.CharField(_("shelf"), max_length=80),
        Category.INTERESTS,
        purposes=[Purpose.PERSONALISE, Purpose.ADVERTISING],
        keep=Keep.ACCOUNT,
    )

    class Meta:
        verbose_name = _("interest")
        verbose_name_plural = _("interests")
        constraints = [models.UniqueConstraint(fields=["account", "shelf"], name="interest_is_named_once")]
