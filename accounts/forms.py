"""The forms by which a person opens an account and tells about themselves."""

from __future__ import annotations

from typing import Any

from allauth.account.fields import EmailField
from allauth.account.forms import AddEmailForm as AllauthAddEmailForm
from allauth.account.forms import SignupForm as AllauthSignupForm
from allauth.account.internal.flows.email_verification import send_verification_email_to_address
from allauth.account.models import EmailAddress
from django import forms
from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext_lazy as _

from accounts.address_fields import AddressFields
from accounts.addresses import default_country
from accounts.domain.sign_up import add_email, sign_up
from accounts.models import SavedAddress, User
from accounts.phones import clean_phone, example_phone
from privacy.forms import PersonalForm
from privacy.models import Subject

# As long as the column that it stands in.
EMAIL_LENGTH = 254
# Longer ones cost the server time to hash and protect nobody better.
PASSWORD_LENGTH = 128


class SignUpForm(PersonalForm, AllauthSignupForm):
    """Opens an account. What it answers is the same whether or not the address is known to the store."""

    surface = "web.sign_up"
    collects = {"email": "account.EmailAddress.email", "name": "accounts.Profile.name"}
    field_order = ["email", "password1", "name"]

    email = EmailField(max_length=EMAIL_LENGTH)
    name = forms.CharField(
        label=_("Your name"),
        max_length=120,
        required=False,
        widget=forms.TextInput(attrs={"autocomplete": "name"}),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["email"].label = _("E-mail address")
        self.fields["password1"].validators.append(_not_too_long)

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean()
        password, email = self.cleaned_data.get("password1"), self.cleaned_data.get("email")
        if password and email and not self.has_error("password1"):
            # The account has no column for the address, so Django's "too similar" would have nothing to compare with.
            stranger = User()
            stranger.email = email
            try:
                validate_password(password, stranger)
            except ValidationError as error:
                self.add_error("password1", error)
        return cleaned

    def try_save(self, request: HttpRequest) -> tuple[User | None, HttpResponse | None]:
        if self.account_already_exists:
            # A password that is not hashed would make the answer for a known address come sooner.
            User().set_password(self.cleaned_data["password1"])
        return super().try_save(request)

    def save(self, request: HttpRequest) -> User:
        """The account, its address and its owner's name, in one transaction under one collection."""
        with self.collecting(request, subject=Subject()) as collection:
            return sign_up(
                collection,
                email=self.cleaned_data["email"],
                password=self.cleaned_data["password1"],
                name=self.cleaned_data.get("name", ""),
            )


def _not_too_long(password: str) -> None:
    if len(password) > PASSWORD_LENGTH:
        raise ValidationError(_("Please choose a password of at most 128 characters."), code="max_length")


class AddEmailForm(PersonalForm, AllauthAddEmailForm):
    """Adds a sign-in address to an account; it counts once the mail to it is answered."""

    surface = "web.account"
    collects = {"email": "account.EmailAddress.email"}

    email = EmailField(max_length=EMAIL_LENGTH, label=_("E-mail address"))

    def save(self, request: HttpRequest) -> EmailAddress:
        with self.collecting(request, subject=self.user.subject):
            address = add_email(self.user, self.cleaned_data["email"])
        send_verification_email_to_address(request, address)
        return address


class ProfileForm(PersonalForm):
    """Name and number of the owner of an account; both may stay empty."""

    surface = "web.account"
    collects = {"name": "accounts.Profile.name", "phone": "accounts.Profile.phone"}

    name = forms.CharField(
        label=_("Your name"), max_length=120, required=False, widget=forms.TextInput(attrs={"autocomplete": "name"})
    )
    phone = forms.CharField(
        label=_("Telephone"),
        max_length=40,
        required=False,
        widget=forms.TextInput(attrs={"autocomplete": "tel", "inputmode": "tel"}),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["phone"].help_text = _("For example %(example)s") % {"example": example_phone(default_country())}

    def clean_phone(self) -> str:
        typed = self.cleaned_data["phone"]
        return clean_phone(typed, default_country()) if typed else ""


class AddressForm(AddressFields, PersonalForm):
    """One line of the address book."""

    surface = "web.address_book"
    collects = {
        name: f"accounts.SavedAddress.{name}"
        for name in ("country", "recipient", "street", "street_2", "city", "state", "postal_code", "phone")
    }

    is_default = forms.BooleanField(label=_("Offer this address first"), required=False)

    @staticmethod
    def values_of(address: SavedAddress) -> dict[str, Any]:
        """What stands in an address now, for the form that changes it."""
        return {name: getattr(address, name) for name in (*AddressForm.collects, "is_default")}
