"""Who is signed in: accounts, their profile and their address book."""

from django.apps import AppConfig
from django.db.models.signals import post_migrate
from django.utils.translation import gettext_lazy as _


class AccountsConfig(AppConfig):
    name = "accounts"
    verbose_name = _("Accounts")

    def ready(self) -> None:
        from accounts import signals  # noqa: F401 - receivers connect themselves
        from accounts.domain.roles import install_roles

        def install(using: str, **_kwargs: object) -> None:
            install_roles(using)

        # Once a migration, after every table stands; the permissions that it needs it makes itself.
        post_migrate.connect(install, sender=self, weak=False, dispatch_uid="accounts.roles.install")
