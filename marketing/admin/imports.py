"""The page on which staff bring subscribers from a file: it says of the file how far it is and of every bad row what is wrong."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from itertools import chain
from typing import ClassVar

from django import forms
from django.core.exceptions import PermissionDenied, ValidationError
from django.http import HttpRequest, HttpResponseBase, StreamingHttpResponse
from django.shortcuts import render
from django.template.loader import render_to_string
from django.utils.html import format_html
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from marketing.domain import importing
from marketing.models import Subscription
from privacy.staff import ask_for_password, staff_subject

MAY_IMPORT = "marketing.import_subscription"
LARGEST = 2_000_000  # bytes
# A line of progress for so many rows.
STEP = 500


class ImportForm(forms.Form):
    """The file. Its rows enter by the domain, each under a collection of its own."""

    not_collected: ClassVar = {"file": "What stands in it is collected row by row, at import.subscribers."}

    file = forms.FileField(
        label=gettext_lazy("CSV file"), widget=forms.ClearableFileInput(attrs={"accept": ".csv,text/csv"})
    )

    def clean_file(self) -> object:
        file = self.cleaned_data["file"]
        if file.size > LARGEST:
            raise ValidationError(
                _("The file is larger than 2 MB. Cut it in two, or use the command import_subscribers.")
            )
        return file


def page(request: HttpRequest, context: dict[str, object]) -> HttpResponseBase:
    """Ask for the file, then read it aloud: the answer grows while the rows are taken."""
    if not request.user.has_perm(MAY_IMPORT):
        raise PermissionDenied
    if step := ask_for_password(request, request.path):
        return step
    form = ImportForm(request.POST or None, request.FILES or None)
    context |= {
        "form": form,
        "columns": importing.COLUMNS,
        "opts": Subscription._meta,
        "title": _("Import subscribers"),
    }
    if request.method == "POST" and form.is_valid():
        file = form.cleaned_data["file"]
        try:
            content = importing.read(file.read())
            rows = importing.import_file(content, source=file.name[:100], acted_by=staff_subject(request))
            first = next(rows, None)
        except ValidationError as error:
            form.add_error("file", error)
        else:
            return StreamingHttpResponse(_aloud(request, context, first, rows), headers={"Cache-Control": "no-store"})
    return render(request, "admin/marketing/import.html", context, status=422 if form.errors else 200)


def _aloud(
    request: HttpRequest, context: dict[str, object], first: importing.Row | None, rows: Iterator[importing.Row]
) -> Iterator[str]:
    shell = render_to_string("admin/marketing/import.html", {**context, "running": True}, request)
    head, _mark, tail = shell.partition("<!-- rows -->")
    yield head
    counted: Counter[str] = Counter()
    for row in chain([first] if first else [], rows):
        counted[row.outcome] += 1
        if row.outcome == "bad":
            yield format_html(
                "<li>{}</li>\n", _("Row %(number)d: %(words)s") % {"number": row.number, "words": row.words}
            )
        if sum(counted.values()) % STEP == 0:
            yield format_html("<li>{}</li>\n", _("%(number)d rows so far …") % {"number": sum(counted.values())})
    for outcome, words in _OUTCOMES.items():
        yield format_html("<li><strong>{}</strong>: {}</li>\n", words, counted[outcome])
    yield tail


_OUTCOMES = {
    "permitted": gettext_lazy("taken with their proof"),
    "unpermitted": gettext_lazy("taken without a proof: nothing may be sent there"),
    "suppressed": gettext_lazy("asked to be left alone, and stay so"),
    "known": gettext_lazy("known before, nothing was changed"),
    "bad": gettext_lazy("not taken, each named above"),
}
