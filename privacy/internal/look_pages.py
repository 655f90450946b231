"""The pages on which staff see values whole: each asks why, writes the look down, commits, and then shows once."""

from __future__ import annotations

import csv
from typing import Any

from django.apps import apps
from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import models, transaction
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.template.defaultfilters import filesizeformat
from django.urls import NoReverseMatch, URLPattern, path, reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from privacy.declaration import Category, declaration_of
from privacy.internal import looking, positions
from privacy.internal.desk import correcting
from privacy.internal.look_forms import FindForm, ReasonForm
from privacy.internal.step_up import ask_for_password
from privacy.masking import masked
from privacy.models import Look, RequestMessage

# A cell that begins with one of these is a formula to the programs that open such files.
_FORMULA = ("=", "+", "-", "@", "\t", "\r")


def model_of(label: str) -> type[models.Model]:
    """The model that "orders.deliveryaddress" names, when it holds values that staff see masked."""
    try:
        model = apps.get_model(label)
    except (LookupError, ValueError):
        raise Http404 from None
    if not looking.hidden_fields(model):
        raise Http404
    return model


def record_of(model: type[models.Model], key: str) -> models.Model:
    """One row by its key as an address gives it."""
    try:
        return get_object_or_404(model._default_manager, pk=key)
    except (ValidationError, ValueError, OverflowError):
        raise Http404 from None


def refuse_unless(allowed: bool) -> None:
    """Stop somebody whose role does not let them."""
    if not allowed:
        raise PermissionDenied


def title_of(record: models.Model) -> str:
    """A record without its own name, which in other packages may be the value itself."""
    return f"{record._meta.verbose_name} {record.pk}"


def values_of(record: models.Model) -> list[tuple[str, Any]]:
    """The masked values of a record as they stand, each with its name; of a file, that there is one and how large."""
    return [(str(f.verbose_name), _readable(record, f)) for f in looking.hidden_fields(type(record))]


def _readable(record: models.Model, field: models.Field) -> Any:
    value = getattr(record, field.attname)
    is_file = declaration_of(field).category is Category.SELF_IMAGE or field.name == getattr(record, "holds_file", "")
    if not (is_file and value):
        return value
    # In base 64, which is a third longer than what it stands for, and nothing that anybody reads.
    return _("a file, %(size)s") % {"size": filesizeformat(len(value) * 3 // 4)}


def _page_to_take(record: models.Model) -> str:
    """Where a record that is a file is downloaded; "" where no page does that."""
    if not getattr(record, "holds_file", ""):
        return ""
    try:
        return reverse(f"admin:{record._meta.app_label}_{record._meta.model_name}_take", args=[record.pk])
    except NoReverseMatch:
        return ""


def masks_of(record: models.Model) -> str:
    """The same values as staff see them everywhere else, in one line."""
    shown = [
        masked(getattr(record, f.attname), declaration_of(f).category) for f in looking.hidden_fields(type(record))
    ]
    return ", ".join(filter(None, shown))


def page_of(record: models.Model) -> str:
    """Where staff read a record masked: its own page, or that of the account that it belongs to; "" where there is none."""
    position = positions.third_party().get(record._meta.label)
    if isinstance(position, positions.Holds) and position.through:
        record = getattr(record, position.through)
    elif isinstance(record, RequestMessage):
        record = record.request
    try:
        return reverse(f"admin:{record._meta.app_label}_{record._meta.model_name}_change", args=[record.pk])
    except NoReverseMatch:
        return ""


def reveal_address(record: models.Model) -> str:
    """The page that shows this record whole."""
    return reverse("admin:look_reveal", args=[record._meta.label_lower, record.pk])


def ask(request: HttpRequest, form: ReasonForm, **context: Any) -> HttpResponse:
    """The page that asks for the reason. It shows no value."""
    shown = {**admin.site.each_context(request), "form": form, "role": looking.role_of(request.user), **context}
    return render(request, "admin/privacy/look/ask.html", shown, status=200 if not form.errors else 422)


def case_reason(case_id: object) -> dict[str, str]:
    """What can be said beforehand where a case is answered; staff may say it better."""
    return {"category": Look.Category.LETTER, "reason": f"Answering case {str(case_id)[:8]}"}


def _first_reason(record: models.Model) -> dict[str, str]:
    return case_reason(record.request_id) if isinstance(record, RequestMessage) else {}


class LookPages:
    """The addresses under `looks/` of a site for staff."""

    def __init__(self, site: admin.AdminSite) -> None:
        self.site = site

    def urls(self) -> list[URLPattern]:
        """To be put before the site's own."""
        wrap = self.site.admin_view
        return [
            path("looks/find/", wrap(self.find), name="look_find"),
            path("looks/reveal/<str:label>/<str:key>/", wrap(self.reveal), name="look_reveal"),
            path("looks/export/<str:label>/", wrap(self.export), name="look_export"),
        ]

    def reveal(self, request: HttpRequest, label: str, key: str) -> HttpResponse:
        """One record whole, once, for a reason."""
        model = model_of(label)
        refuse_unless(request.user.has_perm(looking.REVEAL) and looking.may_see(request.user, model))
        record = record_of(model, key)
        if take := _page_to_take(record):
            return redirect(take)
        if step := ask_for_password(request, request.path):
            return step
        form = ReasonForm(request.POST if request.method == "POST" else None, initial=_first_reason(record))
        context = {"title": title_of(record), "opts": model._meta, "back": page_of(record), "button": _("Show it once")}
        values = values_of(record)
        if not form.is_valid() or form.names(value for _name, value in values):
            return ask(request, form, **context)
        from privacy.internal import hand_over_page  # which builds upon this file

        looking.write_down([record], user=request.user, kind=Look.Kind.REVEAL, why=form.why)
        values += [(f"{f.verbose_name}, {_('corrected since')}", value) for f, value in correcting.beside(record)]
        shown = {**self.site.each_context(request), **context, "values": values, "why": form.why}
        shown["hand_over"] = hand_over_page.address_of(record, request.user)
        return render(request, "admin/privacy/look/revealed.html", shown)

    def find(self, request: HttpRequest) -> HttpResponse:
        """Records by an e-mail address, a phone number or a name, for a reason; what is found is shown masked."""
        refuse_unless(request.user.has_perm(looking.REVEAL))
        if step := ask_for_password(request, request.path):
            return step
        form = FindForm(request.POST if request.method == "POST" else None)
        context = {"title": _("Find a person"), "button": _("Find")}
        if not form.is_valid() or form.names([form.cleaned_data["wanted"]]):
            return ask(request, form, **context)
        found = self._found(request, form)
        if len(found) > looking.MOST_FOUND:
            form.add_error("wanted", _("Too many people have this. Type more of it."))
            return ask(request, form, **context)
        rows = [
            {
                "record": title_of(record),
                "masks": masks_of(record),
                "page": page_of(record),
                "reveal": reveal_address(record),
            }
            for record in found
        ]
        shown = {**self.site.each_context(request), **context, "rows": rows}
        return render(request, "admin/privacy/look/found.html", shown)

    @transaction.atomic
    def _found(self, request: HttpRequest, form: FindForm) -> list[models.Model]:
        found = looking.find(form.cleaned_data["wanted"], request.user)
        if len(found) <= looking.MOST_FOUND:
            by = {type(record): looking.sought_fields(type(record)) for record in found}
            looking.write_down(found, user=request.user, kind=Look.Kind.SEARCH, why=form.why, fields=by)
        return found

    def export(self, request: HttpRequest, label: str) -> HttpResponse:
        """Chosen records as a file, for a reason."""
        return self.take_out(request, model_of(label), request.POST.getlist("chosen"))

    def take_out(self, request: HttpRequest, model: type[models.Model], chosen: list[str]) -> HttpResponse:
        """The same, as the action of a list calls it: the question first, the file when it is answered."""
        may = looking.may_see(request.user, model) and not getattr(model, "never_taken_out", False)
        refuse_unless(request.user.has_perm(looking.EXPORT) and may)
        opts = model._meta
        listed = reverse(f"admin:{opts.app_label}_{opts.model_name}_changelist")
        if not 0 < len(chosen) <= looking.MOST_EXPORTED:
            said = _("Choose in the list what to take out, %(most)s records at most.")
            messages.error(request, said % {"most": looking.MOST_EXPORTED})
            return redirect(listed)
        if step := ask_for_password(request, listed):
            return step
        try:
            records = list(model._default_manager.filter(pk__in=chosen).order_by("pk"))
        except (ValidationError, ValueError, OverflowError):
            raise Http404 from None
        form = ReasonForm(request.POST if "reason" in request.POST else None)
        context = {
            "title": _("Take out as a file"),
            "opts": opts,
            "back": listed,
            "action": reverse("admin:look_export", args=[opts.label_lower]),
            "chosen": [record.pk for record in records],
            "count": ngettext("%d record", "%d records", len(records)) % len(records),
            "button": _("Take it out"),
        }
        if not form.is_valid() or form.names(value for record in records for _name, value in values_of(record)):
            return ask(request, form, **context)
        looking.write_down(records, user=request.user, kind=Look.Kind.EXPORT, why=form.why)
        return _file(model, records)


def _file(model: type[models.Model], records: list[models.Model]) -> HttpResponse:
    name = f"{model._meta.model_name}-{timezone.localdate():%Y-%m-%d}.csv"
    headers = {"Content-Disposition": f'attachment; filename="{name}"', "Cache-Control": "no-store, private"}
    answer = HttpResponse(content_type="text/csv; charset=utf-8", headers=headers)
    lines = csv.writer(answer)
    fields = looking.hidden_fields(model)
    lines.writerow(["id", *(field.name for field in fields)])
    for record in records:
        cells = [str(getattr(record, field.attname) or "") for field in fields]
        lines.writerow([record.pk, *(f"'{cell}" if cell.startswith(_FORMULA) else cell for cell in cells)])
    return answer
