"""Events and photographs for tests."""

from __future__ import annotations

import datetime as dt
import io
from typing import Any

from django.core.files.uploadedfile import SimpleUploadedFile
from django.utils import timezone
from PIL import Image

from marketing.models import Event


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
