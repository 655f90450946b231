"""The page on which staff hand a person's address to KITA: it says what goes, asks why, and gives a file once."""

from __future__ import annotations

import json

from django.conf import settings
from django.contrib import admin, messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import URLPattern, path, reverse
from django.utils.translation import gettext as _

from privacy.declaration import Purpose
from privacy.errors import NotDisclosed
from privacy.internal import handing_over, look_pages, looking, policy
from privacy.internal.look_forms import ReasonForm
from privacy.internal.recipients import registered
from privacy.internal.step_up import ask_for_password

_NAME = "look_hand_over"


def addresses(site: admin.AdminSite) -> list[URLPattern]:
    """To be put before the site's own."""
    return [path("looks/hand-over/<str:label>/<str:key>/", site.admin_view(hand_over), name=_NAME)]


def address_of(record: object, user: object) -> str:
    """The page for this record; "" where nothing of it goes to KITA, or this member of staff may take nothing out."""
    may = user.has_perm(looking.EXPORT)  # type: ignore[attr-defined]
    if not may or not handing_over.fields_for_kita(type(record)):  # type: ignore[arg-type]
        return ""
    return reverse(f"admin:{_NAME}", args=[record._meta.label_lower, record.pk])  # type: ignore[attr-defined]


def hand_over(request: HttpRequest, label: str, key: str) -> HttpResponse:
    """One record's address, as a file for KITA, for a reason that its owner reads."""
    model = look_pages.model_of(label)
    look_pages.refuse_unless(request.user.has_perm(looking.EXPORT) and looking.may_see(request.user, model))
    fields = handing_over.fields_for_kita(model)
    if not fields:
        raise Http404
    record = look_pages.record_of(model, key)
    if step := ask_for_password(request, request.path):
        return step
    form = ReasonForm(request.POST if request.method == "POST" else None)
    back = look_pages.page_of(record) or reverse("admin:index")
    values = [getattr(record, field.attname) for field in fields]
    if not form.is_valid() or form.names(values):
        what = ", ".join(str(field.verbose_name) for field in fields)
        context = {
            "title": _("Hand over to KITA"),
            "opts": model._meta,
            "back": back,
            "count": _("What goes to KITA: %(what)s. The hand-over is written down, and its owner sees it.")
            % {"what": what},
            "button": _("Hand it over"),
        }
        return look_pages.ask(request, form, **context)
    try:
        row, written = handing_over.hand_to_kita(record, by=request.user, why=form.why)
    except NotDisclosed as refusal:
        messages.error(request, _("Nothing was handed over. %(why)s") % {"why": refusal})
        return redirect(back)
    document = {
        "from": settings.OPERATOR_NAME,
        "to": registered(handing_over.KITA).name or handing_over.KITA,
        "purpose": Purpose.SUPPORT.value,
        "for": policy.current().words().of("purpose", Purpose.SUPPORT),
        "policy": written.policy_version,
        "hand_over": str(written.pk),
        "answer_to": settings.PRIVACY_MAILBOX,
        "values": {name: str(value or "") for name, value in row.items()},
    }
    headers = {
        "Content-Disposition": f'attachment; filename="hand-over-{str(written.pk)[:8]}.json"',
        "Cache-Control": "no-store, private",
    }
    text = json.dumps(document, ensure_ascii=False, indent=2) + "\n"
    return HttpResponse(text, content_type="application/json; charset=utf-8", headers=headers)
