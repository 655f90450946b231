"""The drill: back up, erase and stop and correct, restore; nobody is reachable, nothing is sent; replay; all is as it was."""

from __future__ import annotations

import os
import random
import subprocess
import sys
import time
import uuid
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from uuid import UUID

from django.conf import settings
from django.core import mail
from django.db import transaction
from django.test import Client
from django.utils import timezone

from privacy import outbox
from privacy.declaration import Purpose
from privacy.errors import InQuarantine
from privacy.gate import collecting
from privacy.internal import erasing, whereabouts
from privacy.internal.journal import standing
from privacy.mail import send_letter
from privacy.models import RequestMessage, RightsRequest, Subject
from privacy.models.consent import ConsentMethod
from privacy.outbox import enqueue
from privacy.permission import audience, grant, may_contact, permission_to_send, withdraw
from privacy.signals import corrected
from tests.support.people import shown_notice

NEWS = (Purpose.MARKETING_EMAIL, "email")
FIELDS = [RequestMessage.sender, RequestMessage.heading, RequestMessage.body]


@dataclass
class Figures:
    erased: int = 0
    stopped: int = 0
    corrected: int = 0
    seconds: dict[str, float] = field(default_factory=dict)
    wrong: list[str] = field(default_factory=list)

    def expect(self, condition: bool, sentence: str) -> None:
        if not condition:
            self.wrong.append(sentence)


@dataclass
class People:
    """By their keys, since the rows are of two different databases."""

    gone: list[UUID]
    quiet: list[UUID]
    right: list[UUID]
    others: list[UUID]

    @property
    def all(self) -> list[UUID]:
        return [*self.gone, *self.quiet, *self.right, *self.others]


def drill(backup: Any, *, each: int, seed: int, say: Callable[[str], None]) -> Figures:
    """`each` erasures and `each` opt-outs, some of the latter in transactions that fail, and a tenth as many corrections."""
    settings.EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"
    mail.outbox = []
    # Pages name their pictures without `collectstatic` having run.
    settings.STORAGES["staticfiles"]["BACKEND"] = "django.contrib.staticfiles.storage.StaticFilesStorage"
    randomness, figures = random.Random(seed), Figures()
    people = _settle(each, randomness)
    standing.look_again()
    figures.expect(standing.state() is standing.State.CLEAR, "the store was shut before anything happened")
    backup.back_up()
    say(f"{len(people.all)} people, backed up by {backup.name}")

    _happen(people, randomness, figures)
    say(f"{figures.erased} erased, {figures.stopped} opted out, {figures.corrected} corrected")

    backup.restore()
    _judge_the_quarantine(people, figures)
    say("restored: shut" if not figures.wrong else f"restored: {figures.wrong[-1]}")

    started = time.monotonic()
    said = _replay(figures)
    figures.seconds["replay"] = time.monotonic() - started
    say(said.strip().replace("\n", "; "))
    _judge_the_replay(people, figures)
    again = _replay(figures)
    figures.expect("Nothing to do" in again, f"the second replay did something: {again}")
    return figures


def _settle(each: int, randomness: random.Random) -> People:
    keys = [_somebody(number) for number in range(each * 2 + each // 5 + 10)]
    randomness.shuffle(keys)
    few = max(1, each // 10)
    gone, quiet, right = keys[:each], keys[each : 2 * each], keys[2 * each : 2 * each + few]
    return People(gone, quiet, right, keys[2 * each + few :])


def _somebody(number: int) -> UUID:
    with collecting(surface="mail.privacy_mailbox", subject=Subject(), fields=FIELDS) as collection:
        now = timezone.now()
        case = RightsRequest.objects.create(
            subject=collection.subject, kind="access", channel="mail", received_at=now, expected_by=now, closed_at=now
        )
        RequestMessage.objects.create(
            request=case,
            sender=f"person{number}@example.com",
            heading=f"Heading {number}",
            body=f"Body {number}",
            letter_digest=uuid.uuid4().hex,
            received_at=now,
        )
        notice = shown_notice(asks=[Purpose.MARKETING_EMAIL], opt_out_box=False)
        grant(collection.subject, *NEWS, method=ConsentMethod.FORM, notice=notice)
        # A letter that waits when the backup is made must not leave after the restore for somebody who is erased.
        enqueue("privacy.acknowledge", key=f"acknowledge:{case.pk}", request_id=str(case.pk))
    return collection.subject.pk


class _ChangedTheirMind(Exception):
    pass


def _happen(people: People, randomness: random.Random, figures: Figures) -> None:
    deeds: list[tuple[Callable[[UUID], None], UUID]] = [
        *((_erase, key) for key in people.gone),
        *((_stop, key) for key in people.quiet),
        *((_correct, key) for key in people.right),
    ]
    randomness.shuffle(deeds)
    started = time.monotonic()
    for deed, key in deeds:
        if randomness.random() < 0.05:
            # One that fails after its line is written, as when a form's transaction is rolled back.
            try:
                with transaction.atomic():
                    _stop(randomness.choice(people.others))
                    raise _ChangedTheirMind
            except _ChangedTheirMind:
                pass
        deed(key)
    standing.look_again()
    figures.expect(standing.state() is standing.State.CLEAR, "rolled back transactions shut the store")
    figures.seconds["deeds"] = time.monotonic() - started
    figures.erased, figures.stopped, figures.corrected = len(people.gone), len(people.quiet), len(people.right)


def _erase(key: UUID) -> None:
    erasing.erase(Subject.objects.get(pk=key), acted_by=None, why="Article 17, drill")


def _stop(key: UUID) -> None:
    withdraw(Subject.objects.get(pk=key), [NEWS], method=ConsentMethod.MAIL)


def _correct(key: UUID) -> None:
    message = RequestMessage.objects.get(subject=key)
    with collecting(surface="staff.admin", subject=message.subject, fields=[RequestMessage.heading]):
        message.heading = f"Corrected of {key}"
        message.save()
        corrected.send(sender=RequestMessage, subject=message.subject, record=message, fields=["heading"])


def _judge_the_quarantine(people: People, figures: Figures) -> None:
    figures.expect(
        RequestMessage.objects.filter(subject__in=people.gone).count() == len(people.gone),
        "the backup did not bring the erased back: this drill proves nothing",
    )
    figures.expect(
        all(may_contact(Subject.objects.get(pk=key), *NEWS) for key in people.quiet[:20]),
        "the backup did not bring the permissions back: this drill proves nothing",
    )
    standing.forget_what_was_read()  # as a process that has just started
    client = Client()
    for page in ("/", "/ko/", "/privacy/", "/accounts/login/", "/admin/", "/orders/", "/api/v1/products/", "/media/x"):
        answer = client.get(page, headers={"host": "127.0.0.1"})
        figures.expect(answer.status_code == 503, f"{page} answered {answer.status_code} in quarantine")
    ready = client.get("/readyz", headers={"host": "127.0.0.1"})
    figures.expect(ready.status_code == 503 and ready.json()["journal"] is False, "/readyz says nothing of it")
    outbox.deliver_due(limit=10_000)
    for key in [*people.gone, *people.quiet]:
        subject = Subject.objects.get(pk=key)
        message = RequestMessage.objects.get(subject=subject)
        letter = {"purpose": Purpose.SUPPORT, "template": "privacy/mail/acknowledge.txt", "locale": "en"}
        figures.expect(
            _refused(lambda m=message, w=letter: send_letter(m, "sender", context={}, **w)), f"{key} was written to"
        )
        figures.expect(_refused(lambda s=subject: permission_to_send(s, *NEWS).__enter__()), f"{key} may be sent news")
    figures.expect(not mail.outbox, f"{len(mail.outbox)} letters left in quarantine")


def _refused(attempt: Callable[[], Any]) -> bool:
    try:
        attempt()
    except InQuarantine:
        return True
    return False


def _replay(figures: Figures) -> str:
    command = [sys.executable, str(Path(settings.BASE_DIR) / "manage.py"), "replay_journal"]
    done = subprocess.run(command, env=os.environ, capture_output=True, text=True, check=False)
    figures.expect(done.returncode == 0, f"replay_journal ended with {done.returncode}: {done.stderr.strip()[-300:]}")
    return done.stdout


def _judge_the_replay(people: People, figures: Figures) -> None:
    standing.look_again()
    figures.expect(standing.state() is standing.State.CLEAR, "the store is shut after the replay")
    figures.expect(Client().get("/", headers={"host": "127.0.0.1"}).status_code == 200, "the home page does not answer")
    back = [key for key in people.gone if any(True for _ in whereabouts.places_of(Subject.objects.get(pk=key)))]
    figures.expect(not back, f"{len(back)} of the erased are back")
    asked = set(audience(*NEWS))
    figures.expect(not asked & set(people.gone), "somebody who is erased is in an audience")
    figures.expect(not asked & set(people.quiet), "somebody who opted out is in an audience")
    figures.expect(asked >= set(people.others), "somebody who never said no was stopped")
    for key in people.right:
        heading = RequestMessage.objects.get(subject=key).heading
        figures.expect(heading == f"Corrected of {key}", f"the correction of {key} does not stand")
    # A round of the outbox ends after some seconds, and the looks after so many erasures are longer than one.
    for _ in range(100):
        if not outbox.deliver_due(limit=100_000):
            break
    written_to = {address for message in mail.outbox for address in message.to}
    addresses = dict(RequestMessage.objects.values_list("sender", "subject"))
    figures.expect(bool(written_to), "no letter left after the replay")
    figures.expect(all(address in addresses for address in written_to), "a letter went to somebody who is erased")
