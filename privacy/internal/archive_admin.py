"""The law's archive as staff see it: holds to be set and lifted, certificates to be read, and the one way to open it."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django import forms
from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import URLPattern, path
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from privacy.errors import NotOpened
from privacy.internal import archive, retention
from privacy.internal.desk import kept_apart
from privacy.internal.evidence_admin import Evidence
from privacy.internal.look_forms import ReasonForm
from privacy.internal.step_up import ask_for_password
from privacy.models import ArchiveLook, Erasure, ErasureCertificate, LegalHold, Subject
from privacy.staff import staff_subject


class HoldForm(forms.ModelForm):
    """A hold names a table that the store keeps values in, and a column or a row of it."""

    class Meta:
        model = LegalHold
        fields = ["table_name", "column_name", "row_id", "law", "reason", "until"]

    def clean(self) -> dict[str, Any]:
        values = super().clean() or {}
        columns = {rule.table: rule.columns for rule in retention.rules()}
        table, column = values.get("table_name", ""), values.get("column_name", "")
        if table and table not in columns:
            self.add_error(
                "table_name", _("The store keeps no personal values there. It does in: %s.") % ", ".join(columns)
            )
        elif column and column not in columns.get(table, []):
            self.add_error("column_name", _("This table has: %s.") % ", ".join(columns[table]))
        elif not column and not values.get("row_id"):
            self.add_error("column_name", _("Name a column, a row, or both. A hold is never on everything."))
        if (until := values.get("until")) and until <= timezone.now():
            self.add_error("until", _("Name a day that is still to come."))
        return values


@admin.register(LegalHold)
class LegalHoldAdmin(admin.ModelAdmin):
    """Set by hand, lifted by hand; never changed and never removed, so that what was held when can be read later."""

    form = HoldForm
    list_display = ["__str__", "law", "reason", "until", "set_at", "lifted_at"]
    list_filter = ["table_name"]
    actions = ["lift"]

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return obj is None and super().has_change_permission(request)

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def save_model(self, request: HttpRequest, obj: LegalHold, form: Any, change: bool) -> None:
        obj.set_by = staff_subject(request)
        super().save_model(request, obj, form, change)

    @admin.action(description=gettext_lazy("Lift these holds"), permissions=["change"])
    def lift(self, request: HttpRequest, chosen: Any) -> None:
        chosen.filter(lifted_at=None).update(lifted_at=timezone.now())


@admin.register(ErasureCertificate)
class ErasureCertificateAdmin(Evidence):
    list_display = ["made_at", "cause", "reckoned_for", "rows", "subject"]
    list_filter = ["cause"]
    date_hierarchy = "made_at"

    @admin.display(description=gettext_lazy("removed, moved apart"))
    def rows(self, certificate: ErasureCertificate) -> str:
        if certificate.cause == ErasureCertificate.Cause.LOOKED:
            left = [f"{line['place']}: {line['found']}" for line in certificate.counts if line["found"]]
            return ", ".join(left) or _("nothing left, in %(n)s places") % {"n": len(certificate.counts)}
        removed, moved = (sum(line[way] for line in certificate.counts) for way in ("removed", "moved"))
        return f"{removed}, {moved}"


class LeftOverFilter(admin.SimpleListFilter):
    """Erasures after which something of the person was found."""

    title = gettext_lazy("left over")
    parameter_name = "left"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        return [("some", gettext_lazy("something is left"))]

    def queryset(self, request: HttpRequest, queryset: Any) -> Any:
        return queryset.filter(left_over__gt=0) if self.value() == "some" else queryset


@admin.register(Erasure)
class ErasureAdmin(Evidence):
    list_display = ["asked_at", "subject", "why", "done_at", "read_back_at", "left_over"]
    list_filter = [("done_at", admin.EmptyFieldListFilter), LeftOverFilter]


class OpenForm(ReasonForm):
    """Under which law staff open what is kept, and why."""

    category = None  # type: ignore[assignment]  # the law says what for
    law = forms.ChoiceField(label=gettext_lazy("Law"))

    field_order = ["law", "reason"]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        choices = {count.law: retention.law_named(count.law) for count in archive.counts(timezone.now())}
        choices |= {
            law.id: f"{law.article}: {law.about} ({law.law})" for law in retention.laws().values() if law.period
        }
        self.fields["law"].choices = [("", "---------"), *choices.items()]  # type: ignore[attr-defined]


@admin.register(ArchiveLook)
class ArchiveLookAdmin(Evidence):
    list_display = ["looked_at", "law", "reason", "rows", "subject", "staff"]
    date_hierarchy = "looked_at"

    def get_urls(self) -> list[URLPattern]:
        opening = path("open/", self.admin_site.admin_view(self.open_view), name="privacy_archivelook_open")
        return [opening, *super().get_urls()]

    def open_view(self, request: HttpRequest) -> HttpResponse:
        """Ask for law and reason, write them down, and show once. `?person=` is a key; `?of=&belongs_to=` an order's."""
        if not request.user.has_perm("privacy.add_archivelook"):
            raise PermissionDenied
        if to_the_password := ask_for_password(request, request.get_full_path()):
            return to_the_password
        form = OpenForm(request.POST or None)
        context = {
            **self.admin_site.each_context(request),
            "opts": ArchiveLook._meta,
            "title": _("Open what only a law keeps"),
            "form": form,
        }
        if request.method == "POST" and form.is_valid():
            try:
                context["shown"] = _readable(_look(request, form))
                context["why"] = form.cleaned_data["reason"]
            except NotOpened:
                form.add_error(None, _("Nothing of it is kept under a law any more."))
        return render(request, "admin/privacy/archivelook/open.html", context)


def _look(request: HttpRequest, form: OpenForm) -> list[archive.Shown]:
    staff = staff_subject(request)
    if staff is None:
        raise PermissionDenied
    said = {"law": form.cleaned_data["law"], "reason": form.cleaned_data["reason"], "staff": staff}
    if key := request.GET.get("person", ""):
        return archive.look(get_object_or_404(Subject, pk=_uuid(key)), **said)
    rule = next((rule for rule in retention.rules() if rule.table == request.GET.get("of", "")), None)
    parent = request.GET.get("belongs_to", "")
    if rule is None or not parent.isprintable():
        raise Http404
    return archive.look_of(rule, parent, **said)


def _uuid(text: str) -> UUID:
    try:
        return UUID(text)
    except ValueError:
        raise Http404 from None


def _readable(shown: list[archive.Shown]) -> list[dict[str, Any]]:
    readable = []
    for record in shown:
        model = retention.rule_of(record.table).model
        right = kept_apart.beside(record.table, record.row_id)
        names = {str(field.column): field.verbose_name for field in model._meta.concrete_fields}
        readable.append(
            {
                "record": f"{model._meta.verbose_name} {record.row_id}",
                "until": record.until,
                "values": [
                    (names.get(column, column), value, right.get(column, "")) for column, value in record.values.items()
                ],
            }
        )
    return readable
