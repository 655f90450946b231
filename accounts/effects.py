"""The letters about an account: written when the outbox delivers, to the address as it stands then."""

from __future__ import annotations

from typing import Any

from allauth.account.forms import default_token_generator
from allauth.account.models import EmailAddress, EmailConfirmationHMAC
from allauth.account.utils import user_pk_to_url_str
from django.conf import settings
from django.urls import reverse

from privacy.declaration import Purpose
from privacy.mail import send_letter
from privacy.outbox import effect

LETTERS = frozenset(
    {
        "welcome",
        "confirm_email",
        "already_registered",
        "password_reset",
        "password_changed",
        "email_changed",
        "email_deleted",
        "second_factor_added",
        "second_factor_removed",
        "recovery_codes_renewed",
    }
)


@effect("accounts.letter")
def write_letter(letter: str, address_id: int, locale: str) -> None:
    """Write one letter. Twice is a second copy of the same letter, no more; an address that is gone gets none."""
    if letter not in LETTERS:
        raise LookupError(f"There is no letter called {letter!r}.")
    address = EmailAddress.objects.select_related("user").filter(pk=address_id).first()
    if address is None or (letter in ("welcome", "confirm_email") and address.verified):
        return
    send_letter(
        address,
        "email",
        purpose=Purpose.AUTHENTICATION,
        template=f"accounts/mail/{letter}.txt",
        locale=locale,
        context=_context(letter, address),
        headers={"Auto-Submitted": "auto-generated"},
    )


def _context(letter: str, address: EmailAddress) -> dict[str, Any]:
    """The words' variables. Links are made here and stand nowhere else."""
    link = reverse("account_login")
    if letter in ("welcome", "confirm_email"):
        link = reverse("account_confirm_email", args=[EmailConfirmationHMAC(address).key])
    elif letter == "password_reset":
        key = f"{user_pk_to_url_str(address.user)}-{default_token_generator.make_token(address.user)}"
        link = reverse("account_reset_password_from_key", kwargs={"uidb36": "UID", "key": "KEY"}).replace(
            "UID-KEY", key
        )
    else:
        link = reverse("account_reset_password")
    return {
        "link": settings.BASE_URL + link,
        "store": settings.OPERATOR_NAME,
        "store_address": settings.OPERATOR_ADDRESS,
        "mailbox": settings.PRIVACY_MAILBOX,
    }
