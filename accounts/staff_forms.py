"""The forms in which staff type a code: to set their second factor up, and to sign in with it."""

from __future__ import annotations

from typing import Any

from allauth.mfa.adapter import get_adapter
from allauth.mfa.base.forms import AuthenticateForm, ReauthenticateForm
from allauth.mfa.base.internal.flows import check_rate_limit
from allauth.mfa.models import Authenticator
from django import forms
from django.core import signing
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from accounts.domain import second_factor
from accounts.models import User

# How long the page that shows a secret may stay open.
MINUTES_TO_SET_UP = 30
_SALT = "accounts.second_factor"


def _code_field(help_text: Any = "") -> forms.CharField:
    attributes = {
        "autocomplete": "one-time-code",
        "inputmode": "numeric",
        "autocapitalize": "none",
        "spellcheck": "false",
    }
    return forms.CharField(
        label=_("Code"), max_length=20, help_text=help_text, widget=forms.TextInput(attrs=attributes)
    )


class _SpentOnce(forms.Form):
    """A code of the app counts once in all processes; allauth remembers it in one process's memory."""

    authenticator: Authenticator

    def clean_code(self) -> str:
        code: str = super().clean_code()  # type: ignore[misc]
        if self.authenticator.type == Authenticator.Type.TOTP and not second_factor.spend(self.authenticator, code):
            raise get_adapter().validation_error("incorrect_code")
        return code


class SignInCodeForm(_SpentOnce, AuthenticateForm):
    """The second step of a sign-in."""

    code = _code_field(_("Six digits from your app, or one of your recovery codes."))


class AgainCodeForm(_SpentOnce, ReauthenticateForm):
    """The code within a session that began without one."""

    code = _code_field(_("Six digits from your app, or one of your recovery codes."))


class SetUpForm(forms.Form):
    """Shows that the app has the secret. The secret travels in the page, signed for this account, and stands nowhere else."""

    code = _code_field(_("Six digits, as your app shows them now."))
    proposal = forms.CharField(widget=forms.HiddenInput, max_length=400)

    def __init__(self, *args: Any, account: User, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.account = account
        self.secret = self._sent_secret() or second_factor.new_secret()
        self.initial["proposal"] = self._signed(self.secret)
        self.moment: int | None = None

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        if not self._sent_secret():
            # The page shows a new secret, and what was typed belongs to the old one.
            self.data = {**self.data.dict(), "proposal": self._signed(self.secret), "code": ""}
            raise ValidationError(
                _(
                    "This page was open for too long. Please scan the new picture, then type the code that your app shows."
                )
            )
        if code := cleaned.get("code"):
            succeeded = check_rate_limit(self.account)
            self.moment = second_factor.moment_of(self.secret, code)
            if self.moment is None:
                self.add_error(
                    "code",
                    _("This is not the code of now. Is the clock of your device right? Please type the next one."),
                )
            else:
                succeeded()
        return cleaned

    def _signed(self, secret: str) -> str:
        return signing.dumps([self.account.pk, secret], salt=_SALT)

    def _sent_secret(self) -> str:
        try:
            owner, secret = signing.loads(self.data.get("proposal", ""), salt=_SALT, max_age=MINUTES_TO_SET_UP * 60)
        except (signing.BadSignature, ValueError, TypeError):
            return ""
        return str(secret) if owner == self.account.pk else ""
