"""What comes back: an address that does not exist is written to no more; a complaint is an opt-out; nothing else is a choice."""

from __future__ import annotations

from dataclasses import dataclass
from email import message_from_bytes, policy
from email.message import EmailMessage, Message
from email.utils import getaddresses

from marketing.domain import composing, suppressing
from marketing.models import Delivery, PushDevice
from marketing.models.reached import address_of
from privacy.models.consent import ConsentMethod, ContactChannel
from privacy.permission import withdraw

Returned = Delivery.Returned


@dataclass(frozen=True, slots=True)
class Report:
    """What a report is about: which delivery, and what became of it."""

    delivery: int | None
    returned: str


def note_dead(number: int, address: str, channel: str = ContactChannel.EMAIL) -> None:
    """The carrier said that there is no such address. That is no wish of a person's, so no permission is changed.

    A device whose application is gone is forgotten with its token, which nobody will have again; a mailbox or a number may
    come back, and is left alone until its owner says yes anew.
    """
    if channel == ContactChannel.PUSH:
        forget_device(address)
    else:
        suppressing.suppress([address], suppressing.Cause.BOUNCE)
    Delivery.objects.filter(pk=number).update(returned=Returned.HARD)


def forget_device(token: str) -> None:
    """Remove a device that its push service does not know any more. What its owner permitted stays as they said it."""
    PushDevice.objects.filter(device=token).delete()


def receive_report(raw: bytes) -> Report:
    """Take in a delivery status notification (RFC 3464) or a complaint (RFC 5965) that came to the mailbox for returns.

    It counts only when it came to an address that the store itself made for one delivery: a report that somebody wrote
    about another's address suppresses nobody.
    """
    message = message_from_bytes(raw, policy=policy.default)
    number = _delivery_of(message)
    returned = _verdict(message)
    delivery = Delivery.objects.select_related("subject").filter(pk=number).first() if number else None
    if delivery is None:
        return Report(None, returned)
    if returned and delivery.returned != Returned.COMPLAINT:
        Delivery.objects.filter(pk=delivery.pk).update(returned=returned)
    if returned in (Returned.HARD, Returned.COMPLAINT):
        _leave_alone(delivery, returned)
    return Report(delivery.pk, returned)


def _leave_alone(delivery: Delivery, returned: str) -> None:
    from marketing.domain.claiming import subscriptions

    record = subscriptions([delivery.subject_id]).get(delivery.subject_id)
    if returned == Returned.COMPLAINT:
        # Whoever calls a mail unwanted wants no more of them.
        withdraw(delivery.subject, method=ConsentMethod.MAIL, surface="mail.returns")
    if record is not None:
        complaint = returned == Returned.COMPLAINT
        cause = suppressing.Cause.COMPLAINT if complaint else suppressing.Cause.BOUNCE
        suppressing.suppress([address_of(record)], cause)


def _delivery_of(message: EmailMessage) -> int | None:
    """The delivery whose return address the report was sent to, or that stands in the mail it brings back."""
    headers = [str(value) for name in ("Delivered-To", "X-Original-To", "To") for value in message.get_all(name, [])]
    for part in message.walk():
        if part.get_content_type() in ("message/feedback-report", "text/rfc822-headers", "message/rfc822"):
            fields = _fields(part)
            headers += [str(fields.get(name, "")) for name in ("Original-Mail-From", "Return-Path")]
    for _name, address in getaddresses(headers):
        number = composing.number_in(address)
        if number is not None:
            return number
    return None


def _verdict(message: EmailMessage) -> str:
    for part in message.walk():
        kind = part.get_content_type()
        if kind == "message/feedback-report" and str(_fields(part).get("Feedback-Type", "")).strip().lower() == "abuse":
            return Returned.COMPLAINT
        if kind == "message/delivery-status":
            for block in _blocks(part):
                action = str(block.get("Action", "")).strip().lower()
                status = str(block.get("Status", "")).strip()
                if action == "failed" and status.startswith("5.1."):
                    return Returned.HARD
                if action in ("failed", "delayed"):
                    return Returned.SOFT
    return Returned.NO


def _blocks(part: Message) -> list[Message]:
    payload = part.get_payload()
    return [block for block in payload if isinstance(block, Message)] if isinstance(payload, list) else []


def _fields(part: Message) -> Message:
    """The header-like lines in a part, however deep the parser took them apart."""
    payload = part.get_payload()
    if isinstance(payload, list) and payload and isinstance(payload[0], Message):
        inner = payload[0]
        return inner if inner.keys() else message_from_bytes(str(inner.get_payload()).encode())
    return message_from_bytes(str(payload).strip().encode("utf-8", "replace"))
