"""What a person told us about themselves once, for every visit."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from accounts.models.user import User
from privacy.declaration import Category, Keep, Purpose, personal
from privacy.records import PersonalRecord

_FOR_THE_ACCOUNT = {"purposes": [Purpose.SERVICE], "keep": Keep.ACCOUNT}


class Profile(PersonalRecord):
    """The name and number of the owner of an account; a table of its own, so that erasing is deleting a row."""

    keep_from = "account__closed_at"
    own_page = "accounts:profile"

    account = models.OneToOneField(User, models.CASCADE, related_name="profile", editable=False)
    name = personal(models.CharField(_("name"), max_length=120, blank=True), Category.NAME, **_FOR_THE_ACCOUNT)
    phone = personal(models.CharField(_("phone number"), max_length=20, blank=True), Category.PHONE, **_FOR_THE_ACCOUNT)

    class Meta:
        verbose_name = _("profile")
        verbose_name_plural = _("profiles")
