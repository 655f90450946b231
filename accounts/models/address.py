"""Addresses that a person saved to have parcels sent to."""

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from accounts.models.user import User
from privacy.declaration import Category, Keep, Purpose, personal
from privacy.records import PersonalRecord

_FOR_DELIVERY = {"purposes": [Purpose.DELIVERY], "keep": Keep.ACCOUNT}


class SavedAddress(PersonalRecord):
    """One line of an address book. An order copies it, so that changing it later rewrites no history."""

    keep_from = "account__closed_at"
    own_page = "accounts:addresses"

    account = models.ForeignKey(User, models.CASCADE, related_name="addresses", editable=False)
    recipient = personal(models.CharField(_("recipient"), max_length=120), Category.NAME, **_FOR_DELIVERY)
    # E.164: a plus sign and digits.
    phone = personal(models.CharField(_("phone number"), max_length=20), Category.PHONE, **_FOR_DELIVERY)
    # ISO 3166-1, two letters.
    country = personal(models.CharField(_("country"), max_length=2), Category.COUNTRY, **_FOR_DELIVERY)
    postal_code = personal(
        models.CharField(_("postal code"), max_length=16, blank=True), Category.POSTAL_CODE, **_FOR_DELIVERY
    )
    state = personal(
        models.CharField(_("state or province"), max_length=80, blank=True), Category.STATE, **_FOR_DELIVERY
    )
    city = personal(models.CharField(_("city"), max_length=80, blank=True), Category.CITY, **_FOR_DELIVERY)
    street = personal(models.CharField(_("street address"), max_length=120), Category.STREET, **_FOR_DELIVERY)
    street_2 = personal(
        models.CharField(_("building, floor, room"), max_length=120, blank=True), Category.STREET, **_FOR_DELIVERY
    )
    is_default = models.BooleanField(_("use first"), default=False)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        verbose_name = _("saved address")
        verbose_name_plural = _("saved addresses")
        ordering = ["-is_default", "pk"]
        constraints = [
            models.UniqueConstraint(fields=["account"], condition=Q(is_default=True), name="one_default_address"),
        ]
