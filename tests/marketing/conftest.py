"""Events and photographs for tests."""

from __future__ import annotations

import datetime as dt
import io
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.utils import timezone, translation
from PIL import Image

from marketing.domain import photographs
from marketing.models import Event, EventPhotograph, EventRegistration
from privacy.gate import collecting
from privacy.models import Subject
from tests.support.pages import answer
from tests.support.people import shown_notice


@pytest.fixture(autouse=True)
def _in_english() -> None:
    """A Korean page of the test before leaves its language to the thread."""
    translation.activate("en")


def event(slug: str = "tasting", *, capacity: int = 2, hours: float = 48, **more: Any) -> Event:
    """An announced event that begins in so many hours and takes two."""
    begins = timezone.now() + dt.timedelta(hours=hours)
    given = {
        "state": Event.State.OPEN,
        "titles": {"en": "Tea tasting", "ko": "차 시음회"},
        "venues": {"en": "Seoul"},
    } | more
    return Event.objects.create(
        slug=slug, starts_at=begins, ends_at=begins + dt.timedelta(hours=2), capacity=capacity, **given
    )


def begun(of: Event) -> None:
    """The doors are open."""
    now = timezone.now()
    Event.objects.filter(pk=of.pk).update(starts_at=now - dt.timedelta(hours=1), ends_at=now + dt.timedelta(hours=1))


def photograph(name: str = "me.jpg") -> SimpleUploadedFile:
    """A JPEG that says where and with what it was taken."""
    picture, file = Image.new("RGB", (40, 30), "red"), io.BytesIO()
    exif = Image.Exif()
    exif[0x010F] = "SECRET-CAMERA"
    exif.get_ifd(0x8825)[2] = (37.0, 33.0, 0.0)
    picture.save(file, "JPEG", exif=exif, comment=b"SECRET-COMMENT")
    return SimpleUploadedFile(name, file.getvalue(), content_type="image/jpeg")


def kept(of: Event, subject: Subject | None = None, **more: Any) -> EventPhotograph:
    fields = [EventPhotograph.image, EventPhotograph.caption]
    with collecting(
        surface="web.event", subject=subject or Subject(), fields=fields, notice=shown_notice(*fields)
    ) as collection:
        made = photographs.send(of, image="eA==", caption="A cup", subject=collection.subject)
    EventPhotograph.objects.filter(pk=made.pk).update(**more)
    return made


def sign_up(of: Event, email: str = "mina@example.com", client: Client | None = None, **values: Any) -> Any:
    values = {"name": "Mina Kim", "email": email, **values}
    return answer(client or Client(), of.get_absolute_url(), values)


def guest(of: Event, email: str = "mina@example.com", **values: Any) -> EventRegistration:
    assert sign_up(of, email, **values).status_code == 302
    return EventRegistration.objects.get(event=of, email=email)
