"""Letters as staff see them: as text, masked until a reason is given; what lay in the envelope is taken, never shown."""

from __future__ import annotations

import base64
from typing import Any

from django.contrib import admin, messages
from django.contrib.admin.utils import unquote
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import URLPattern, path, reverse
from django.utils.html import format_html
from django.utils.http import content_disposition_header
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from privacy.internal import look_pages, looking
from privacy.internal.desk import receiving
from privacy.internal.letter_forms import ToldForm
from privacy.internal.look_forms import ReasonForm
from privacy.internal.step_up import ask_for_password
from privacy.models import LetterAttachment, Look, RequestMessage, RightsRequest, UnreadableMail
from privacy.staff import PersonalAdmin, PersonalInline, staff_subject

# An answer that holds what a stranger sent: a file to be saved, in which a browser finds nothing to do.
_HARMLESS = {
    "X-Content-Type-Options": "nosniff",
    "Content-Security-Policy": "default-src 'none'; sandbox",
    "Cache-Control": "no-store, private",
    "Cross-Origin-Resource-Policy": "same-origin",
}


class LetterInline(PersonalInline):
    """What the person wrote, masked; whoever answers it states the case and reads it."""

    model = RequestMessage
    verbose_name_plural = _("letters")
    show_change_link = False

    def get_fields(self, request: HttpRequest, obj: Any = None) -> tuple[str, ...]:
        return ("received_at", *super().get_fields(request, obj))


class _FileInline(PersonalInline):
    """Something that came with a letter: what it is, and the way to take it."""

    show_change_link = False
    told: tuple[str, ...] = ()

    def get_fields(self, request: HttpRequest, obj: Any = None) -> tuple[str, ...]:
        return (*self.told, "take") if request.user.has_perm(looking.REVEAL) else self.told

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return super().has_view_permission(request, obj) and (obj is None or self._any(obj))

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        # Said outright: whoever could remove one would be shown an empty list of them.
        return False

    def _any(self, case: RightsRequest) -> bool:
        return self.model._default_manager.filter(request=case).exists()

    @admin.display(description=_("file"))
    def take(self, record: Any) -> str:
        name = f"admin:privacy_{record._meta.model_name}_take"
        return format_html('<a href="{}">{}</a>', reverse(name, args=[record.pk]), _("Download, for a reason"))


class AttachmentInline(_FileInline):
    model = LetterAttachment
    told = ("received_at", "media_type", "check_result", "size")


class UnreadableInline(_FileInline):
    model = UnreadableMail
    told = ("received_at", "reason")


@admin.register(RequestMessage)
class RequestMessageAdmin(PersonalAdmin):
    """All letters, and the form for those that came on paper or by telephone. What a person wrote stays as it is."""

    list_display = ["received_at", "request", "masked_sender"]
    date_hierarchy = "received_at"
    actions = ()
    fields = ["received_at", "request", "sender", "heading", "body"]

    def has_add_permission(self, request: HttpRequest) -> bool:
        return request.user.has_perm("privacy.add_requestmessage")

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def add_view(
        self, request: HttpRequest, form_url: str = "", extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """Take in a letter that came by post, with its scans, or what was said on the telephone."""
        if not self.has_add_permission(request):
            raise PermissionDenied
        first = {"language": (get_language() or "en").split("-")[0]}
        form = ToldForm(request.POST or None, request.FILES or None, initial=first)
        if request.method == "POST" and form.is_valid():
            case = receiving.receive_told(form.told(), staff=staff_subject(request))
            self.log_addition(request, case.messages.get(), "typed in by staff")
            messages.success(
                request, _("The letter is a case now. Its deadline counts from the day on which it arrived.")
            )
            return redirect("admin:privacy_rightsrequest_change", case.pk)
        context = {**self.admin_site.each_context(request), "title": _("A letter on paper, or a call"), "form": form}
        shown = {**context, "opts": self.opts, "media": self.media + form.media}
        status = 422 if form.errors else 200
        return render(request, "admin/privacy/requestmessage/take_in.html", shown, status=status)


class _FileAdmin(PersonalAdmin):
    """Files from outside: a list without their names, and a download for a reason. Nothing is shown in a page."""

    actions = ()

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def get_urls(self) -> list[URLPattern]:
        name = f"privacy_{self.opts.model_name}_take"
        return [path("<path:object_id>/take/", self.admin_site.admin_view(self.take), name=name), *super().get_urls()]

    def take(self, request: HttpRequest, object_id: str) -> HttpResponse:
        """The file, to be saved, after a reason was stated and the look was written down."""
        record = look_pages.record_of(self.model, unquote(object_id))
        look_pages.refuse_unless(request.user.has_perm(looking.REVEAL) and self.has_view_permission(request, record))
        if step := ask_for_password(request, request.path):
            return step
        first = look_pages.case_reason(record.request_id)  # type: ignore[attr-defined]
        form = ReasonForm(request.POST if request.method == "POST" else None, initial=first)
        if not form.is_valid():
            back = reverse("admin:privacy_rightsrequest_change", args=[record.request_id])  # type: ignore[attr-defined]
            context = {"title": look_pages.title_of(record), "opts": self.opts, "back": back}
            return look_pages.ask(request, form, **context, button=_("Download it"))
        looking.write_down([record], user=request.user, kind=Look.Kind.EXPORT, why=form.why)
        data, name = self.file_of(record)
        answer = HttpResponse(data, content_type="application/octet-stream", headers=_HARMLESS)
        answer.headers["Content-Disposition"] = content_disposition_header(True, name) or "attachment"
        return answer

    def file_of(self, record: Any) -> tuple[bytes, str]:
        raise NotImplementedError


@admin.register(LetterAttachment)
class LetterAttachmentAdmin(_FileAdmin):
    list_display = ["received_at", "request", "media_type", "check_result", "size"]
    fields = ["request", "received_at", "media_type", "check_result", "size"]
    list_filter = ["check_result"]

    def file_of(self, record: LetterAttachment) -> tuple[bytes, str]:
        # What can run something gets an ending that no program opens by a double click.
        ending = ".do-not-open" if record.check_result == LetterAttachment.Check.ACTIVE else ""
        return base64.b64decode(record.content), f"{record.name}{ending}"


@admin.register(UnreadableMail)
class UnreadableMailAdmin(_FileAdmin):
    list_display = ["received_at", "request", "reason"]
    fields = ["request", "received_at", "reason"]

    def file_of(self, record: UnreadableMail) -> tuple[bytes, str]:
        return base64.b64decode(record.raw), f"mail-{record.pk}.eml.do-not-open"
