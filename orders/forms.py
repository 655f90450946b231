"""What a shopper sends: a change to the basket, the one page of the checkout, the look-up of an order."""

from __future__ import annotations

from typing import Any, ClassVar

from django import forms
from django.utils.translation import gettext_lazy as _

from accounts.address_fields import AddressFields
from accounts.addresses import ADDRESS_FIELDS
from orders.domain import coupons
from orders.models import DeliveryAddress, OrderContact
from privacy.forms import PersonalForm

LARGEST_KEY = 2**63 - 1  # what a key column holds
LARGEST_QUANTITY = 9999  # more is a slip of the finger; stock caps what is below


class LineForm(forms.Form):
    """Which variant is meant."""

    variant = forms.IntegerField(
        min_value=1,
        max_value=LARGEST_KEY,
        error_messages={
            name: _("Please choose what you would like to buy.")
            for name in ("required", "invalid", "min_value", "max_value")
        },
    )

    def first_error(self) -> str:
        """The sentence that is shown when the change cannot be understood."""
        return next(iter(self.errors.values()))[0]


class QuantityForm(LineForm):
    """How many pieces of it; zero takes the line out."""

    quantity = forms.IntegerField(
        min_value=0,
        max_value=LARGEST_QUANTITY,
        error_messages={
            name: _("Please type the quantity as a whole number, up to 9999.")
            for name in ("required", "invalid", "min_value", "max_value")
        },
    )


class AddForm(QuantityForm):
    """One piece when nothing else is said."""

    quantity = forms.IntegerField(
        min_value=1,
        max_value=LARGEST_QUANTITY,
        required=False,
        error_messages={
            name: _("Please type the quantity as a whole number, from 1 to 9999.")
            for name in ("invalid", "min_value", "max_value")
        },
    )

    def clean_quantity(self) -> int:
        return self.cleaned_data["quantity"] or 1


class CheckoutForm(AddressFields, PersonalForm):
    """Contact and delivery address on one page, with the proof of what the page showed.

    `form_token` makes the page count once however often it is sent; `seen_total` is the sum that the shopper agreed to.
    """

    surface = "web.checkout"
    collects: ClassVar = {
        "email": OrderContact.email,
        **{name: getattr(DeliveryAddress, name) for name in ADDRESS_FIELDS},
    }
    not_collected: ClassVar = {"coupon": "The code of a price that the store gives; it says nothing of who uses it."}

    email = forms.EmailField(
        label=_("E-mail address"),
        max_length=254,
        widget=forms.EmailInput(attrs={"autocomplete": "email"}),
    )
    coupon = forms.CharField(
        label=_("Coupon"),
        max_length=40,
        required=False,
        widget=forms.TextInput(attrs={"autocomplete": "off", "autocapitalize": "characters", "spellcheck": "false"}),
    )
    form_token = forms.UUIDField(widget=forms.HiddenInput)
    seen_total = forms.DecimalField(max_digits=14, decimal_places=2, widget=forms.HiddenInput, required=False)

    def clean_coupon(self) -> str:
        return coupons.read_code(self.cleaned_data["coupon"])

    def asked_coupon(self) -> str:
        """The coupon that is typed into a page which is merely shown."""
        typed = self.data.get("coupon") if self.is_bound else self.initial.get("coupon")
        return coupons.read_code(typed) if isinstance(typed, str) else ""

    def asked_email(self) -> str:
        """The address that is typed into a page which is merely shown: some offers are for each person once."""
        typed = self.data.get("email") if self.is_bound else self.initial.get("email")
        return typed if isinstance(typed, str) and "@" in typed and len(typed) <= 254 else ""

    def contact(self) -> dict[str, str]:
        """What a valid form says of the contact, in the form that is stored."""
        return {"email": self.cleaned_data["email"]}

    def said(self) -> dict[str, str]:
        """All that a valid form says, by which the same page sent twice is told from a page that was changed."""
        boxes = {name: self.cleaned_data[name] for name in ("coupon", "no_marketing")}
        answers = {**self.contact(), **self.address(), **boxes}
        return {name: str(value) for name, value in answers.items()}

    _TYPED = ("email", "coupon", "no_marketing", *ADDRESS_FIELDS)

    def typed(self) -> dict[str, Any]:
        """What was typed so far, for a page that is shown again with another country."""
        return {name: self.data.get(name, "") for name in self._TYPED if name in self.data}


class LookupForm(PersonalForm):
    """The number of an order and the address that it was placed with.

    Nothing of it is stored, so it collects nothing; the box against direct marketing is there as on every form.
    """

    surface = "web.order_lookup"
    not_collected: ClassVar = {
        "number": "Compared with the orders and not kept.",
        "email": "Compared with the contact of the order and not kept.",
    }

    number = forms.CharField(
        label=_("Order number"),
        max_length=40,
        help_text=_("It begins with K24 and stands in the mail that we sent you."),
        widget=forms.TextInput(attrs={"autocomplete": "off", "autocapitalize": "characters", "spellcheck": "false"}),
    )
    email = forms.EmailField(
        label=_("E-mail address"),
        max_length=254,
        help_text=_("It is compared with your order and not kept."),
        widget=forms.EmailInput(attrs={"autocomplete": "email"}),
    )


class LookupCodeForm(PersonalForm):
    """The code that was sent to the mailbox of an order. Nothing of it is stored."""

    surface = "web.order_lookup"
    not_collected: ClassVar = {"number": "Compared with the orders and not kept.", "code": "Compared and not kept."}

    number = forms.CharField(max_length=40, widget=forms.HiddenInput)
    code = forms.CharField(
        label=_("Code from the letter"),
        max_length=20,
        widget=forms.TextInput(attrs={"autocomplete": "one-time-code", "inputmode": "numeric"}),
    )
