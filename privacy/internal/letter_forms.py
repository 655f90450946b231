"""The form by which staff take in what came by post or was said on the telephone."""

from __future__ import annotations

import datetime as dt
from typing import Any, ClassVar

from django import forms
from django.conf import settings
from django.contrib.admin.widgets import AdminDateWidget
from django.core.files.uploadedfile import UploadedFile
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from privacy.cards import refuse_card_number
from privacy.internal.desk.receiving import Told
from privacy.internal.mailbox import attachments
from privacy.internal.mailbox.attachments import Attachment
from privacy.models.request import RequestKind

MOST_SCANS = 10
LARGEST_SCAN = 10 * 1024 * 1024
# A letter that lay longer than this was lost before it came to the store.
_OLDEST = dt.timedelta(days=90)


class SeveralFilesInput(forms.ClearableFileInput):
    allow_multiple_selected = True


class ScansField(forms.FileField):
    """Scans of a letter: pictures, PDF or text, each looked at by its bytes."""

    widget = SeveralFilesInput(attrs={"multiple": True, "accept": "application/pdf,image/jpeg,image/png,image/tiff"})

    def clean(self, data: Any, initial: Any = None) -> list[Attachment]:
        sent: list[UploadedFile] = [file for file in (data or []) if file]
        if len(sent) > MOST_SCANS:
            raise forms.ValidationError(_("Please send at most ten scans; put several pages into one PDF."))
        scans = []
        for file in sent:
            if (file.size or 0) > LARGEST_SCAN:
                raise forms.ValidationError(_("A scan may have at most 10 MB. Please scan it less finely."))
            scan = attachments.examine(file.name or "", file.read(), said=file.content_type or "")
            if scan.check == "active":
                raise forms.ValidationError(_("This is no scan: choose a PDF or a picture."), code="active")
            scans.append(scan)
        return scans


class ToldForm(forms.Form):
    """A letter on paper, or what somebody said. Who typed it is written down with it."""

    # Nobody is shown a notice here: the person wrote or called by themselves, and staff only write it down.
    not_collected: ClassVar = dict.fromkeys(
        ("sender", "heading", "body", "scans", "how", "received_on", "kind", "language"),
        "Taken in by staff for the person, inside collecting() under the name of who typed it.",
    )

    how = forms.ChoiceField(
        label=_("How did it come?"), choices=[("post", _("by post")), ("telephone", _("by telephone"))]
    )
    received_on = forms.DateField(
        label=_("Received on"),
        widget=AdminDateWidget,
        help_text=_("The day on which the letter arrived, as its stamp says: the deadline counts from it."),
    )
    sender = forms.EmailField(
        label=_("E-mail address"),
        max_length=254,
        required=False,
        help_text=_("If it stands in the letter. Without one the answer goes by post."),
    )
    heading = forms.CharField(
        label=_("From and about"), max_length=300, required=False, help_text=_("Name and address as they are written.")
    )
    body = forms.CharField(
        label=_("What it says"), max_length=20_000, widget=forms.Textarea(attrs={"rows": 8, "class": "vLargeTextField"})
    )
    kind = forms.ChoiceField(
        label=_("What it asks for"),
        required=False,
        choices=[("", _("let the rules sort it")), *RequestKind.choices],
        help_text=_("A wish to stop marketing is heard as soon as you save, whatever is chosen here."),
    )
    language = forms.ChoiceField(label=_("Answer in"), choices=settings.LANGUAGES)
    scans = ScansField(
        label=_("Scans"), required=False, help_text=_("PDF, JPEG, PNG or TIFF, ten files of 10 MB at most.")
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name in ("heading", "body"):
            self.fields[name].validators.append(refuse_card_number)

    def clean_received_on(self) -> dt.date:
        day = self.cleaned_data["received_on"]
        today = timezone.localdate()
        if not today - _OLDEST <= day <= today:
            raise forms.ValidationError(
                _("Type the day on which it arrived: it is not in the future, nor longer ago than 90 days.")
            )
        return day

    def told(self) -> Told:
        """What was typed, for the desk. A call of today came this moment; a letter counts from the beginning of its day."""
        said = self.cleaned_data
        day = dt.datetime.combine(said["received_on"], dt.time.min)
        is_today = said["received_on"] == timezone.localdate()
        return Told(
            by_post=said["how"] == "post",
            received_at=timezone.now() if is_today else timezone.make_aware(day),
            locale=said["language"],
            **{name: said[name] for name in ("sender", "heading", "body", "kind", "scans")},
        )
