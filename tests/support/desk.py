"""The privacy desk for tests: a letter comes in, its writer opens the link, staff agree."""

from __future__ import annotations

import re
import uuid
from email.message import EmailMessage
from typing import Any

from django.core import mail as postbox
from django.test import Client

from accounts.models import User
from privacy.gate import collecting
from privacy.internal.desk import receiving
from privacy.models import RightsRequest, Subject
from privacy.outbox import deliver_due

WRONG_NAME = "Please correct my name, it is wrong."
COPY = "Under Article 15 GDPR, please send me a copy of all data that you hold about me."
ERASE = "Please erase all my personal data (Article 17 GDPR)."


def mail_of(body: str, sender: str = "mina@example.com", **headers: str) -> bytes:
    """A mail to the privacy mailbox, as it arrives."""
    message = EmailMessage()
    message["From"] = f"Mina <{sender}>"
    message["To"] = "privacy@kmall24.com"
    message["Subject"] = headers.pop("heading", "Please")
    message["Message-ID"] = f"<{uuid.uuid4()}@example.com>"
    for name, value in headers.items():
        message[name.replace("_", "-")] = value
    message.set_content(body)
    return message.as_bytes()


def asked(body: str = WRONG_NAME, sender: str = "mina@example.com", *, kind: str = "") -> RightsRequest:
    """A case that a mail has opened, acknowledged; `kind` where the test does not depend on the reading of it."""
    case = receiving.receive_letter(mail_of(body, sender))
    if kind:
        RightsRequest.objects.filter(pk=case.pk).update(kind=kind)
        case.refresh_from_db()
    deliver_due()
    case.refresh_from_db()
    return case


def link_in(text: str, page: str) -> str:
    """The path of a link in a letter, such as "requests/confirm"."""
    return re.search(rf"https?://[^/\s]+(/\S*?{page}/\S+)", text)[1]  # type: ignore[index]


def code_in(text: str) -> str:
    """The code in a letter."""
    return re.search(r"\b(\d{6})\b", text)[1]  # type: ignore[index]


def last_letter(to: str = "mina@example.com") -> Any:
    """The last mail that somebody was sent."""
    return [letter for letter in postbox.outbox if letter.to == [to]][-1]


def confirmed(case: RightsRequest, to: str = "mina@example.com") -> RightsRequest:
    """The writer of the letter opens its link and presses the button."""
    answer = Client().post(link_in(last_letter(to).body, "requests/confirm"))
    assert answer.status_code == 200, answer.content.decode()
    case.refresh_from_db()
    return case


def customer(email: str = "mina@example.com", *, name: str = "Mina Kym") -> User:
    """An account with a profile and a saved address, both with the same name in them."""
    from accounts.domain.address_book import save_address
    from accounts.domain.profile import change_profile
    from tests.orders.shop import ADDRESS

    account = User.objects.create_user(email, "long-enough-and-odd-42")
    fields = ["accounts.Profile.name", "accounts.Profile.phone", *[f"accounts.SavedAddress.{n}" for n in ADDRESS]]
    with collecting(surface="staff.console", subject=account.subject, fields=fields):
        change_profile(account, name=name, phone="+16502530000")
        save_address(account, {**ADDRESS, "recipient": name})
    return account


def two_of_the_desk() -> tuple[Subject, Subject]:
    """Two members of staff, as the ledger names them."""
    made = [Subject.objects.create(kind=Subject.Kind.EMPLOYEE) for _ in range(2)]
    return made[0], made[1]
