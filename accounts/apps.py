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

        # Once per app that was migrated: permissions of the last app exist only after its own turn.
        post_migrate.connect(install, weak=False, dispatch_uid="accounts.roles.install")
