"""The pages for news by text message: name a number, and type the code that came to it. Opening a link changes nothing."""

from __future__ import annotations

import uuid

from django.contrib import messages
from django.contrib.auth.decorators import login_not_required
from django.core import signing
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from marketing.domain import proving
from marketing.forms_texts import CodeForm, TextNumberForm
from marketing.models import TextNumber
from marketing.models.reached import ASKED_BY
from marketing.queries import holder_of
from privacy.answers import STALE
from privacy.declaration import Purpose
from privacy.errors import StaleNotice
from privacy.gate import under_law_of
from privacy.gpc import asks_for_privacy
from privacy.models.consent import ConsentMethod, ContactChannel
from privacy.notice import Notice

UNPROCESSABLE, TOO_MANY = 422, 429
_SALT = "marketing.texts"


def _ask(request: HttpRequest, token: uuid.UUID | None) -> HttpResponse:
    holder = holder_of(token) if token is not None else None
    if token is not None and holder is None:
        return render(request, "marketing/unknown.html", status=404)
    form = TextNumberForm(request.POST if request.method == "POST" else None)
    status = 200
    if request.method == "POST":
        status = UNPROCESSABLE
        if form.is_valid():
            try:
                with form.collecting(request, subject=holder.subject if holder else None) as collection:
                    under_law_of(collection.subject, form.country)
                    number = proving.begin(
                        TextNumber,
                        form.cleaned_data["phone"],
                        subject=collection.subject,
                        locale=(get_language() or "en").split("-")[0],
                        method=ConsentMethod.FORM,
                        surface=form.surface,
                        notice=form.shown,
                    )
            except proving.TooManyCodes:
                status = TOO_MANY
                form.add_error("phone", _("Several codes were sent to this number today. Please try again tomorrow."))
            else:
                return redirect("marketing:text_code", ticket=signing.dumps(number.pk, salt=_SALT))
    return render(request, "marketing/texts.html", {"form": form}, status=status)


@login_not_required
@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
def texts(request: HttpRequest) -> HttpResponse:
    """Ask for news by text message. The answer is the same whether or not the number is known."""
    return _ask(request, None)


@login_not_required
@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
def texts_by_link(request: HttpRequest, token: uuid.UUID) -> HttpResponse:
    """The same for the owner of a mailbox, by the link in its mails: what they choose stays together."""
    return _ask(request, token)


@login_not_required
@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
def text_code(request: HttpRequest, ticket: str) -> HttpResponse:
    """Type the code that came to the number: the button is the yes, in the words that stand above it."""
    try:
        number = int(signing.loads(ticket, salt=_SALT, max_age=proving.GOOD_FOR))
    except (signing.BadSignature, ValueError, TypeError):
        return render(request, "marketing/code_gone.html", status=410)
    # The words as they stand on this page; the box stood on the one before.
    notice = Notice(TextNumberForm.collects, asks=ASKED_BY[ContactChannel.SMS], opt_out_box=False)
    form = CodeForm(request.POST if request.method == "POST" else None, initial={"notice": notice.token()})
    (_news, asked), (_at_night, at_night) = notice.questions
    form.fields["at_night"].label = at_night
    if request.method == "POST" and form.is_valid():
        try:
            shown = notice.answered(form.cleaned_data["notice"])
        except StaleNotice:
            messages.error(request, STALE)
            return redirect("marketing:text_code", ticket=ticket)
        found, record = proving.answer(
            TextNumber,
            number,
            form.cleaned_data["code"],
            also=[Purpose.MARKETING_AT_NIGHT] if form.cleaned_data["at_night"] else [],
            notice=shown,
            method=ConsentMethod.FORM,
            surface=TextNumberForm.surface,
            under_gpc=asks_for_privacy(request),
        )
        if record is not None:
            return render(request, "marketing/texts_confirmed.html", {"token": record.token})
        if found is proving.Answer.GONE:
            return render(request, "marketing/code_gone.html", status=410)
        form.add_error("code", _("This code is not right. Please look at the message again."))
    context = {"form": form, "asked": asked, "lines": notice.lines}
    return render(request, "marketing/text_code.html", context, status=UNPROCESSABLE if form.errors else 200)
