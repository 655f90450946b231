"""The foundation: it imports none of the project's apps, and every one of them stands on it."""

from celery.signals import task_postrun
from django.apps import AppConfig
from django.core.signals import request_finished
from django.db.models.signals import post_migrate
from django.utils.translation import gettext_lazy as _


class PrivacyConfig(AppConfig):
    name = "privacy"
    verbose_name = _("Privacy")

    def ready(self) -> None:
        from django.utils.module_loading import autodiscover_modules

        from privacy import cards
        from privacy.internal import checks, database, positions, published, publishing, recipients  # noqa: F401 - checks register

        positions.declare_third_party()
        autodiscover_modules("effects")
        cards.refuse_in_every_field()

        def install(using: str, **_kwargs: object) -> None:
            database.install(using)
            publishing.found(using)
            recipients.enter_all(using)

        post_migrate.connect(install, sender=self, weak=False, dispatch_uid="privacy.database.install")
        # What is published is asked again after the answer has gone out, never before.
        request_finished.connect(published.look_again_when_old, dispatch_uid="privacy.published.after_request")
        task_postrun.connect(published.look_again_when_old, dispatch_uid="privacy.published.after_task")
