"""An account: the key to sign in with, and nothing that its owner told us."""

from __future__ import annotations

import uuid
from typing import Any

from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.contrib.auth.models import PermissionsMixin
from django.db import models, transaction
from django.utils.crypto import salted_hmac
from django.utils.translation import gettext_lazy as _

from privacy.declaration import Category, Keep, Origin, Purpose, personal
from privacy.gate import collecting
from privacy.models import Subject

_MADE_BY_THE_STORE = {"purposes": [Purpose.AUTHENTICATION], "keep": Keep.ACCOUNT, "origin": Origin.SYSTEM}


class UserManager(BaseUserManager["User"]):
    """Makes accounts where no shopper fills in a form: at a console, in a test. Sign-up has its own door."""

    def get_by_natural_key(self, handle: str | None) -> User:
        return self.get(handle=handle)

    def create_user(
        self, email: str, password: str | None = None, *, subject: Subject | None = None, **extra: Any
    ) -> User:
        """Make an account with a confirmed sign-in address, recorded as entered by staff at the console."""
        from allauth.account.models import EmailAddress

        if not email or not isinstance(email, str):
            raise ValueError("An account needs an e-mail address to sign in with.")
        subject = subject or Subject(kind=Subject.Kind.EMPLOYEE if extra.get("is_staff") else Subject.Kind.CUSTOMER)
        with (
            transaction.atomic(),
            collecting(surface="staff.console", subject=subject, fields=["account.EmailAddress.email"]),
        ):
            user = self.model(subject=subject, **extra)
            user.set_password(password)
            user.save(using=self._db)
            EmailAddress.objects.create(user=user, email=email.lower(), verified=True, primary=True)
        return user

    def create_superuser(self, email: str, password: str | None = None, **extra: Any) -> User:
        return self.create_user(email, password, **{**extra, "is_staff": True, "is_superuser": True})


class User(AbstractBaseUser, PermissionsMixin):
    """One account. Its e-mail addresses stand in allauth's table and nowhere else, its name in `Profile`.

    Whoever signs in does so by e-mail; `handle` is the random name that Django and the logs know the account by.
    """

    keep_from = "closed_at"

    handle = personal(
        models.UUIDField(_("handle"), unique=True, default=uuid.uuid4, editable=False),
        Category.PSEUDONYM,
        **_MADE_BY_THE_STORE,
    )
    subject = models.OneToOneField(Subject, models.PROTECT, related_name="account", editable=False)
    password = personal(models.CharField(_("password"), max_length=128), Category.PASSWORD, **_MADE_BY_THE_STORE)
    last_login = personal(
        models.DateTimeField(_("last sign-in"), blank=True, null=True), Category.SETTINGS, **_MADE_BY_THE_STORE
    )
    is_active = models.BooleanField(_("may sign in"), default=True)
    is_staff = models.BooleanField(_("works here"), default=False)
    # Raising it ends every session of the account, wherever it was opened.
    session_generation = models.PositiveIntegerField(default=0, editable=False)
    created_at = models.DateTimeField(_("since"), auto_now_add=True)
    # Its owner gave it up: the night removes it, and everything that hung on it alone.
    closed_at = models.DateTimeField(_("closed"), null=True, blank=True, editable=False)

    objects = UserManager()

    USERNAME_FIELD = "handle"
    REQUIRED_FIELDS: list[str] = []

    class Meta:
        verbose_name = _("account")
        verbose_name_plural = _("accounts")

    def __str__(self) -> str:
        return f"account {str(self.handle)[:8]}"

    def get_short_name(self) -> str:
        """What the staff pages greet with; no name and no address."""
        return str(self.handle)[:8]

    def _get_session_auth_hash(self, secret: str | None = None) -> str:
        """What every session of this account carries: a new password or a new generation ends them all."""
        return salted_hmac(
            "accounts.models.User.session",
            f"{self.session_generation}:{self.password}",
            secret=secret,
            algorithm="sha256",
        ).hexdigest()
