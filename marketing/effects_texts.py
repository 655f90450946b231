"""The text and push messages that are no news: the code that proves an address, and the confirmation of what was chosen."""

from __future__ import annotations

from uuid import UUID

from django.conf import settings
from django.urls import reverse
from django.utils import translation
from django.utils.translation import gettext as _

from marketing.carriers import Fate, Parcel, carrier_of
from marketing.domain import bouncing, composing, proving
from marketing.models import CampaignText, PushDevice, TextNumber
from marketing.queries import chosen_by
from privacy.declaration import Purpose
from privacy.gate import disclose
from privacy.models.consent import ContactChannel
from privacy.outbox import effect


class NotCarried(Exception):
    """The provider took nothing for now; the outbox tries again."""


@effect("marketing.number_code")
def number_code(row_id: int) -> None:
    """Send the code that proves a number. One that is too old, or was used, is sent no more."""
    number = TextNumber.objects.filter(pk=row_id).first()
    if number is not None and proving.is_awaited(number):
        with translation.override(number.locale):
            _send_text(number, _words(number))


@effect("marketing.device_code")
def device_code(row_id: int) -> None:
    """Send the code that proves a device to the application on it."""
    device = PushDevice.objects.filter(pk=row_id).first()
    if device is not None and proving.is_awaited(device):
        with translation.override(device.locale):
            _send_push(device, _words(device))


@effect("marketing.remind_by_text")
def remind_by_text(row_id: int) -> None:
    """Remind, as the law asks every two years, of a permission for text messages; silence keeps it."""
    number = TextNumber.objects.filter(pk=row_id, confirmed_at__isnull=False).first()
    if number is not None:
        confirm_by_text(number)


@effect("marketing.remind_by_push")
def remind_by_push(row_id: int) -> None:
    """The same for push messages."""
    device = PushDevice.objects.filter(pk=row_id, confirmed_at__isnull=False).first()
    if device is not None:
        with translation.override(device.locale):
            _send_push(device, _chosen(device))


def confirm_by_text(number: TextNumber) -> None:
    """Say in one message what was chosen, and where it can be changed."""
    with translation.override(number.locale):
        _send_text(number, _chosen(number))


def try_on_own_telephone(text: CampaignText, subject_id: UUID) -> None:
    """Send a member of staff a text or push message as somebody would get it, to what they registered for themselves."""
    words = composing.example(text).content.decode()
    if text.campaign.channel == ContactChannel.SMS:
        number = TextNumber.objects.filter(subject=subject_id, confirmed_at__isnull=False).first()
        if number is not None:
            _send_text(number, words)
    else:
        device = PushDevice.objects.filter(subject=subject_id, confirmed_at__isnull=False).order_by("-pk").first()
        if device is not None:
            _send_push(device, words)


def _words(record: TextNumber | PushDevice) -> str:
    return _(
        "%(operator)s: your code is %(code)s. Type it only if you asked for our news; if it was not you, do nothing, and "
        "none will come."
    ) % {"operator": settings.OPERATOR_NAME, "code": proving.code_of(record)}


def _chosen(record: TextNumber | PushDevice) -> str:
    lines = [f"{words}: {answer} ({since:%Y-%m-%d})" for words, answer, since in chosen_by(record.subject_id)]
    heading = _("%(operator)s: this is what you permitted us. It is no advertisement.") % {
        "operator": settings.OPERATOR_NAME
    }
    path = settings.BASE_URL + reverse("marketing:choices", args=[record.token])
    return "\n".join([heading, *lines, _("See and change it: %(address)s") % {"address": path}])


def _send_text(number: TextNumber, words: str) -> None:
    to = disclose(number, to="text_service", purpose=Purpose.SERVICE).row["phone"]
    _carry(ContactChannel.SMS, to, words)


def _send_push(device: PushDevice, words: str) -> None:
    to = disclose(device, to="push_service", purpose=Purpose.SERVICE).row["device"]
    if _carry(ContactChannel.PUSH, to, words):
        bouncing.forget_device(to)


def _carry(channel: str, to: str, words: str) -> bool:
    """Give it to the provider; whether the provider says that there is no such address."""
    with carrier_of(channel).line() as line:
        outcome = line.carry(Parcel(to, "", f"{words}\n".encode()))
    if outcome.fate is Fate.LATER:
        raise NotCarried(channel)
    return outcome.no_such_address
