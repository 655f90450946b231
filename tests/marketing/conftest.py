"""Events and photographs; people who said yes, a campaign that two released, and a mail server that remembers."""

from __future__ import annotations

import datetime as dt
import io
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.utils import timezone
from PIL import Image

from marketing.domain import photographs, releasing
from marketing.models import Campaign, CampaignText, Event, EventPhotograph, EventRegistration
from privacy.gate import collecting
from privacy.models import Subject
from tests.orders.conftest import open_store, provider, store
from tests.support.mail_sink import mail_sink
from tests.support.pages import answer
from tests.support.people import shown_notice

__all__ = ["new_campaign", "open_store", "provider", "released", "store"]


@pytest.fixture
def sink(settings):
    with mail_sink() as sink:
        settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
        settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", sink.port
        settings.EMAIL_USE_TLS = settings.EMAIL_USE_SSL = False
        settings.EMAIL_HOST_USER = ""
        settings.MARKETING_PER_MINUTE = {"email": 600_000, "sms": 600_000, "push": 600_000}
        yield sink


@pytest.fixture
def campaign(db):
    return new_campaign()


def new_campaign(**values) -> Campaign:
    """A draft in English and Korean."""
    campaign = Campaign.objects.create(**{"name": "Autumn", "fallback": "en", **values})
    body = '<h1>Autumn teas</h1><p>New <a href="/products/">goods</a>, <strong>fresh</strong>.</p>'
    CampaignText.objects.create(campaign=campaign, locale="en", subject="Autumn teas", body=body)
    CampaignText.objects.create(
        campaign=campaign, locale="ko", subject="가을 차", body="<p>새로운 차가 나왔습니다.</p>"
    )
    return campaign


def released(campaign: Campaign) -> Campaign:
    """Written by one, released by another."""
    writer, reader = (Subject.objects.create(kind=Subject.Kind.EMPLOYEE) for _ in range(2))
    releasing.had_a_hand_in(campaign, writer)
    releasing.hand_in(campaign.pk)
    releasing.release(campaign.pk, by=reader)
    campaign.refresh_from_db()
    return campaign


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
