"""Every address of the store."""

from django.conf import settings
from django.conf.urls.i18n import i18n_patterns
from django.contrib import admin
from django.urls import include, path
from django.views.static import serve

from catalogue.views import home
from kmall24 import health, wellknown
from kmall24.access import open_to_all
from kmall24.preferring.views import interests as interests_page
from kmall24.preferring.views import page as preferences_page
from kmall24.sitemaps import sitemap_view
from marketing.webhook import incoming_text
from orders.views.parcels import courier_webhook

urlpatterns = [
    path("healthz", health.healthz, name="healthz"),
    path("readyz", health.readyz, name="readyz"),
    path("favicon.ico", wellknown.favicon, name="favicon"),
    path("robots.txt", wellknown.robots, name="robots"),
    path("sitemap.xml", sitemap_view, name="sitemap"),
    path(".well-known/security.txt", wellknown.security, name="security_txt"),
    path(".well-known/change-password", wellknown.change_password, name="change_password"),
    path(".well-known/gpc.json", wellknown.gpc, name="gpc"),
    path("api/v1/", include("kmall24.api")),
    path("payments/", include("orders.payment_urls")),
    path("parcels/webhook/", courier_webhook, name="courier_webhook"),
    path("marketing/texts/incoming/", incoming_text, name="incoming_text"),
    path("admin/", admin.site.urls),
    path(f"{settings.MEDIA_URL.strip('/')}/<path:path>", open_to_all(serve), {"document_root": settings.MEDIA_ROOT}),
    *i18n_patterns(
        path("", home, name="home"),
        path("preferences/", preferences_page, name="preferences"),
        path("preferences/interests/", interests_page, name="interests"),
        path("accounts/", include("accounts.urls")),
        path("accounts/", include("allauth.account.urls")),
        path("accounts/second-factor/", include("accounts.second_factor_urls")),
        path("", include("catalogue.urls")),
        path("", include("orders.urls")),
        path("privacy/", include("privacy.urls")),
        path("cookies/", include("cookies.urls")),
        path("marketing/", include("marketing.urls")),
        path("events/", include("marketing.urls_events")),
        path("surveys/", include("marketing.urls_surveys")),
        prefix_default_language=False,
    ),
]

handler400 = "kmall24.views.bad_request"
handler403 = "kmall24.views.forbidden"
handler404 = "kmall24.views.not_found"
handler500 = "kmall24.views.server_error"
