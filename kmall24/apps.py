"""The composition root as a Django app, for its templates, static files and commands."""

from django.apps import AppConfig


class StoreConfig(AppConfig):
    name = "kmall24"
    verbose_name = "KMALL24"

    def ready(self) -> None:
        # So that tasks called in the web process know the broker.
        from kmall24 import celery  # noqa: F401
