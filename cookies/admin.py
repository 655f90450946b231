"""Staff read the statistics, the certificates and the declared cookies here; nothing of it can be changed by hand."""

from __future__ import annotations

import cookie_consent.admin  # noqa: F401 - registers the pages that are replaced below
from cookie_consent.models import Cookie, CookieGroup, LogItem
from django.contrib import admin

from cookies import statistics_admin  # noqa: F401 - registers the page of statistics
from cookies.models import PurgeCertificate, RemovalProof
from privacy.staff import ReadOnly

# The groups are declared in the code. A row changed by hand would say what no browser finds, and the library's log is
# replaced by the consent events.
for _model in (Cookie, CookieGroup, LogItem):
    if admin.site.is_registered(_model):
        admin.site.unregister(_model)


@admin.register(PurgeCertificate)
class PurgeCertificateAdmin(ReadOnly, admin.ModelAdmin):
    list_display = ("aggregated_at", "hits", "withdrawn", "planted", "damaged", "first_hour", "last_hour", "batch_id")
    date_hierarchy = "aggregated_at"
    ordering = ("-aggregated_at",)


@admin.register(RemovalProof)
class RemovalProofAdmin(ReadOnly, admin.ModelAdmin):
    list_display = ("searched_at", "planted_at", "files", "found", "certificate")
    ordering = ("-searched_at",)


@admin.register(CookieGroup)
class CookieGroupAdmin(ReadOnly, admin.ModelAdmin):
    list_display = ("name", "varname", "is_required", "description")
