"""What is bought: baskets, checkout, payment, and the order that comes of it."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class OrdersConfig(AppConfig):
    name = "orders"
    verbose_name = _("Orders")

    def ready(self) -> None:
        from orders import signals  # noqa: F401 - receivers connect themselves
