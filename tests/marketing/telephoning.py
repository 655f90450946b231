"""What the tests of text and push messages share: the two ways, a noon and a midnight, a campaign, and to whom it went."""

import datetime as dt

import pytest
from django.utils import timezone

from marketing.carriers import sandbox
from marketing.domain import sending
from marketing.models import Campaign, CampaignText
from privacy.declaration import Purpose
from tests.marketing.conftest import released

TEXTS = (Purpose.MARKETING_SMS, "sms")
PUSHES = (Purpose.MARKETING_PUSH, "push")
NIGHT = Purpose.MARKETING_AT_NIGHT
# Tomorrow in Seoul: the database's own clock is behind it, so everything that is due at once is due.
NOON = (timezone.now() + dt.timedelta(days=1)).replace(hour=3, minute=0)
MIDNIGHT = NOON.replace(hour=15)


@pytest.fixture(autouse=True)
def nothing_taken(settings):
    """Whichever module names it: a sandbox that took nothing yet, and no waiting for a turn."""
    sandbox.taken.clear()
    sandbox.gone.clear()
    settings.MARKETING_PER_MINUTE = {"email": 600_000, "sms": 600_000, "push": 600_000}


def campaign(channel="sms", purpose=Purpose.MARKETING_SMS, **values) -> Campaign:
    made = Campaign.objects.create(name="Tea", channel=channel, purpose=purpose, fallback="en", **values)
    CampaignText.objects.create(campaign=made, locale="en", subject="Autumn teas", body="<p>New teas are here.</p>")
    return released(made)


def run(of: Campaign) -> list[str]:
    """Send it, and say to whom it went."""
    sandbox.taken.clear()
    sending.send_round(of.pk, seconds=300)
    return sorted(parcel.to for parcel in sandbox.taken)
