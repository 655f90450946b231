"""News that accounts listen to: somebody signs in, and their guest is one person with them; somebody is erased."""

from types import SimpleNamespace
from typing import Any
from uuid import UUID

from allauth.account.authentication import AUTHENTICATION_METHODS_SESSION_KEY
from allauth.account.models import EmailAddress
from allauth.account.signals import authentication_step_completed
from django.contrib.auth.models import AnonymousUser
from django.contrib.auth.signals import user_logged_in
from django.dispatch import receiver
from django.http import HttpRequest

from accounts.domain.closing import prepare_erasure
from accounts.domain.interests import forget_interests
from accounts.models import User
from privacy.declaration import Purpose
from privacy.gate import merge, subject_of
from privacy.models import ConsentEvent, Subject
from privacy.signals import account_addresses, erased, withdrawn


@receiver(user_logged_in, dispatch_uid="accounts.merge_guest")
def merge_guest(sender: type[User], request: HttpRequest, user: User, **_kwargs: Any) -> None:
    # Signing in kept the session's data but changed whom `request` is about; ask again as the visitor from before.
    visitor = SimpleNamespace(user=AnonymousUser(), session=request.session)
    guest = subject_of(visitor)
    # Somebody who signed up here and then signs in to another account is not thereby one person with it.
    if guest._state.adding or User.objects.filter(subject=guest).exists():
        return
    merge(guest, user.subject)


# How and when somebody signed in; allauth would add the address that they typed, and keep it as long as the session.
_NOTED = ("method", "at", "reauthenticated", "id", "type", "provider")


@receiver(authentication_step_completed, dispatch_uid="accounts.note_no_address")
def note_no_address(request: HttpRequest, **_kwargs: Any) -> None:
    noted = request.session.get(AUTHENTICATION_METHODS_SESSION_KEY, [])
    request.session[AUTHENTICATION_METHODS_SESSION_KEY] = [
        {name: value for name, value in record.items() if name in _NOTED} for record in noted
    ]


@receiver(erased, dispatch_uid="accounts.prepare_erasure")
def end_sessions_of_the_erased(people: list[UUID], **_kwargs: Any) -> None:
    prepare_erasure(people)


@receiver(withdrawn, dispatch_uid="accounts.forget_interests")
def forget_what_may_not_be_used(subject: Subject, events: list[ConsentEvent], **_kwargs: Any) -> None:
    if any(event.purpose == Purpose.PERSONALISE for event in events):
        forget_interests(subject)


@receiver(account_addresses, dispatch_uid="accounts.account_addresses")
def addresses_of_accounts(
    most: int, after: UUID | None = None, person: UUID | None = None, **_kwargs: Any
) -> list[tuple[UUID, EmailAddress, str]]:
    """The first address of each account that is in use and whose owner has shown that it is theirs."""
    addresses = EmailAddress.objects.select_related("user__subject").filter(
        primary=True, verified=True, user__is_active=True, user__closed_at__isnull=True
    )
    if person is not None:
        addresses = addresses.filter(user__subject=person)
    if after is not None:
        addresses = addresses.filter(user__subject__gt=after)
    return [(address.user.subject_id, address, "email") for address in addresses.order_by("user__subject")[:most]]
