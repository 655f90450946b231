"""Cookies that ask first, and page views that are counted and gone."""

from django.apps import AppConfig
from django.db.models.signals import post_migrate
from django.utils.translation import gettext_lazy as _


class CookiesConfig(AppConfig):
    name = "cookies"
    verbose_name = _("Cookies and traffic")

    def ready(self) -> None:
        from django.apps import apps

        from cookies.domain.declare import declare_cookies

        def declare(using: str, **_kwargs: object) -> None:
            declare_cookies(using)

        # After the tables of django-cookie-consent are there, so on its signal and not on ours.
        post_migrate.connect(
            declare, sender=apps.get_app_config("cookie_consent"), weak=False, dispatch_uid="cookies.declare_cookies"
        )
