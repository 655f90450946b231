"""The foundation: it imports none of the project's apps, and every one of them stands on it."""

from celery.signals import task_postrun
from django.apps import AppConfig
from django.core.signals import request_finished
from django.db.backends.signals import connection_created
from django.db.models.signals import post_migrate
from django.utils.translation import gettext_lazy as _


class PrivacyConfig(AppConfig):
    name = "privacy"
    verbose_name = _("Privacy")

    def ready(self) -> None:
        from django.utils.module_loading import autodiscover_modules

        from privacy import cards
        from privacy.internal import checks, database, positions, published, publishing, recipients  # noqa: F401 - checks register
        from privacy.internal.journal import corrections, replaying, standing  # noqa: F401 - kinds of lines register
        from privacy.signals import corrected

        positions.declare_third_party()
        autodiscover_modules("effects")
        cards.refuse_in_every_field()

        def install(using: str, **_kwargs: object) -> None:
            database.install(using)
            publishing.found(using)
            recipients.enter_all(using)

        corrected.connect(corrections.note_correction, dispatch_uid="privacy.journal.corrected")
        # Whoever restores a backup cuts the connections; a new one may lead to an older database.
        connection_created.connect(standing.look_again, dispatch_uid="privacy.journal.look_again")
        post_migrate.connect(install, sender=self, weak=False, dispatch_uid="privacy.database.install")
        # What is published is asked again after the answer has gone out, never before.
        request_finished.connect(published.look_again_when_old, dispatch_uid="privacy.published.after_request")
        task_postrun.connect(published.look_again_when_old, dispatch_uid="privacy.published.after_task")
