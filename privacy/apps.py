"""The foundation: it imports none of the project's apps, and every one of them stands on it."""

from django.apps import AppConfig
from django.db.models.signals import post_migrate
from django.utils.translation import gettext_lazy as _


class PrivacyConfig(AppConfig):
    name = "privacy"
    verbose_name = _("Privacy")

    def ready(self) -> None:
        from django.utils.module_loading import autodiscover_modules

        from privacy.internal import checks, database, positions  # noqa: F401 - checks register themselves

        positions.declare_third_party()
        autodiscover_modules("effects")

        def install(using: str, **_kwargs: object) -> None:
            database.install(using)

        post_migrate.connect(install, sender=self, weak=False, dispatch_uid="privacy.database.install")
