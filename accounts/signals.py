"""What the store does when somebody signs in: the guest of this browser and the account are one person from now on."""

from types import SimpleNamespace
from typing import Any

from django.contrib.auth.models import AnonymousUser
from django.contrib.auth.signals import user_logged_in
from django.dispatch import receiver
from django.http import HttpRequest

from accounts.models import User
from privacy.gate import merge, subject_of


@receiver(user_logged_in, dispatch_uid="accounts.merge_guest")
def merge_guest(sender: type[User], request: HttpRequest, user: User, **_kwargs: Any) -> None:
    # Signing in kept the session's data but changed whom `request` is about; ask again as the visitor from before.
    visitor = SimpleNamespace(user=AnonymousUser(), session=request.session)
    guest = subject_of(visitor)
    # Somebody who signed up here and then signs in to another account is not thereby one person with it.
    if guest._state.adding or User.objects.filter(subject=guest).exists():
        return
    merge(guest, user.subject)
