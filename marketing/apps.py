"""What is sent to people who asked for it, and only to them."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class MarketingConfig(AppConfig):
    name = "marketing"
    verbose_name = _("Marketing")

    def ready(self) -> None:
        from marketing import signals  # noqa: F401 - receivers connect themselves
