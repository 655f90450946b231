"""People who said yes, a campaign that two released, and a mail server that remembers."""

import pytest

from marketing.domain import releasing
from marketing.models import Campaign, CampaignText
from privacy.models import Subject
from tests.orders.conftest import open_store, provider, store
from tests.support.mail_sink import mail_sink

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
