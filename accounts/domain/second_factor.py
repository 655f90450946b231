"""The second factor of those who work here: set up, spent code by code, and taken off."""

from __future__ import annotations

import hmac
from collections.abc import Sequence

from allauth.mfa.models import Authenticator
from allauth.mfa.recovery_codes.internal.auth import RecoveryCodes
from allauth.mfa.totp.internal.auth import (
    TOTP,
    format_hotp_value,
    generate_totp_secret,
    hotp_value,
    yield_hotp_counters_from_time,
)
from django.db import transaction

from accounts.domain.sealing import unseal
from accounts.domain.sign_out import sign_out_everywhere
from accounts.models import User
from accounts.outgoing import post_to_primary

_Type = Authenticator.Type
# What stands in the factor's row: the last half minute whose code was taken.
_SPENT = "spent"


def new_secret() -> str:
    """A secret for an authenticator app."""
    return generate_totp_secret()


def has_second_factor(account: User) -> bool:
    """Whether this account asks for a code at its sign-in."""
    return Authenticator.objects.filter(user=account, type=_Type.TOTP).exists()


def moment_of(secret: str, code: str) -> int | None:
    """The half minute whose code this is, None when it is none of now."""
    typed = "".join(code.split()).encode()
    for moment in yield_hotp_counters_from_time():
        if hmac.compare_digest(format_hotp_value(hotp_value(secret, moment)).encode(), typed):
            return moment
    return None


def set_up(account: User, secret: str, moment: int) -> bool:
    """Ask for a code of this secret from now on, and make recovery codes. False when the account has a factor already.

    `moment` is the half minute of the code that was typed to show that the app works; it counts as spent.
    """
    with transaction.atomic():
        # The account's row is the lock: of two pages that are sent at once, one wins.
        User.objects.select_for_update().only("pk").get(pk=account.pk)
        if has_second_factor(account):
            return False
        factor = TOTP.activate(account, secret).instance
        factor.data[_SPENT] = moment
        factor.save(update_fields=["data"])
        Authenticator.objects.filter(user=account, type=_Type.RECOVERY_CODES).delete()
        RecoveryCodes.activate(account)
        post_to_primary("second_factor_added", account)
    return True


def spend(factor: Authenticator, code: str) -> bool:
    """Take a code of the app once, whichever process it comes to: one that was read over a shoulder opens nothing."""
    with transaction.atomic():
        kept = Authenticator.objects.select_for_update().get(pk=factor.pk)
        moment = moment_of(unseal(kept.data["secret"]), code)
        if moment is None or moment <= kept.data.get(_SPENT, -1):
            return False
        kept.data[_SPENT] = moment
        kept.save(update_fields=["data"])
    return True


def unused_codes(account: User) -> Sequence[str]:
    """The recovery codes that still open the door; none where there is no second factor."""
    kept = Authenticator.objects.filter(user=account, type=_Type.RECOVERY_CODES).first()
    return RecoveryCodes(kept).get_unused_codes() if kept else []


def renew_codes(account: User) -> None:
    """Make new recovery codes; the old ones open nothing any more."""
    with transaction.atomic():
        User.objects.select_for_update().only("pk").get(pk=account.pk)
        if has_second_factor(account):
            Authenticator.objects.filter(user=account, type=_Type.RECOVERY_CODES).delete()
            RecoveryCodes.activate(account)
            post_to_primary("recovery_codes_renewed", account)


def take_off(account: User) -> bool:
    """Ask for no code any more, because the device is gone. Its owner is told, and every session ends.

    Whoever lost the device sets up another at the next sign-in. False when there was nothing to take off.
    """
    with transaction.atomic():
        User.objects.select_for_update().only("pk").get(pk=account.pk)
        taken, _rows = Authenticator.objects.filter(user=account).delete()
        if taken:
            sign_out_everywhere(account)
            post_to_primary("second_factor_removed", account)
    return bool(taken)
