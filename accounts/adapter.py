"""How allauth works in this store: its letters go through the outbox, and it keeps no secret as it is."""

from __future__ import annotations

from typing import Any, ClassVar

from allauth.account.adapter import DefaultAccountAdapter
from allauth.account.models import EmailAddress
from allauth.mfa.adapter import DefaultMFAAdapter
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from accounts.domain import sealing
from accounts.models import User
from accounts.outgoing import post
from accounts.queries import letter_under_way

# allauth's names for what happened, and the letter that tells of it.
_NEWS = {
    "account/email/password_changed": "password_changed",
    "account/email/password_reset": "password_changed",
    "account/email/password_set": "password_changed",
    "account/email/email_changed": "email_changed",
    "account/email/email_deleted": "email_deleted",
}


class AccountAdapter(DefaultAccountAdapter):
    """A letter is an outbox row with the number of the address: a mail server that is away stops nobody from signing up."""

    def can_delete_email(self, email_address: EmailAddress) -> bool:
        # Whoever takes an account over must not outrun the letter that tells its owner so.
        return super().can_delete_email(email_address) and not letter_under_way(email_address)

    def send_mail(self, template_prefix: str, email: str, context: dict[str, Any]) -> None:
        raise NotImplementedError(
            f"No letter of the store is written from {template_prefix!r}: add one to accounts.effects."
        )

    def send_confirmation_mail(self, request: HttpRequest, emailconfirmation: Any, signup: bool) -> None:
        post("welcome" if signup else "confirm_email", emailconfirmation.email_address)

    def send_account_already_exists_mail(self, email: str) -> None:
        known = EmailAddress.objects.filter(email=email.lower()).order_by("-verified", "pk").first()
        post("already_registered", known)

    def send_password_reset_mail(self, user: User, email: str, context: dict[str, Any]) -> None:
        post("password_reset", EmailAddress.objects.filter(user=user, email=email.lower()).first())

    def send_notification_mail(
        self, template_prefix: str, user: User, context: dict[str, Any] | None = None, email: str | None = None
    ) -> None:
        known = EmailAddress.objects.filter(user=user)
        told = known.filter(email=email.lower()).first() if email else known.filter(primary=True).first()
        post(_NEWS[template_prefix], told)


class SecondFactorAdapter(DefaultMFAAdapter):
    """The secrets of second factors stand sealed in the database. Its letters are `accounts.domain.second_factor`'s."""

    error_messages: ClassVar = {
        **DefaultMFAAdapter.error_messages,
        "incorrect_code": _(
            "This code is not right, or it was used before. Please type the one that your app shows now."
        ),
    }

    def encrypt(self, text: str) -> str:
        return sealing.seal(text)

    def decrypt(self, encrypted_text: str) -> str:
        return sealing.unseal(encrypted_text)

    def get_totp_label(self, user: User) -> str:
        # What an app lists the account under; no address goes into a picture on the screen.
        return str(user)
