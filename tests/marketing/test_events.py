"""Events: no more guests than seats, the longest wait moves up, and nobody is shown on a photograph without their yes."""

from __future__ import annotations

import datetime as dt
import re
import uuid
from typing import Any

import pytest
from django.core import mail
from django.db import IntegrityError, connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from marketing.domain import events
from marketing.models import Event, EventRegistration
from privacy.internal import retention
from privacy.internal.erasing import erase
from privacy.models import Collection, Disclosure
from privacy.outbox import deliver_due
from tests.marketing.conftest import event, guest, kept, sign_up
from tests.orders.test_race import _at_once
from tests.support.pages import hidden_inputs
from tests.support.staff import superuser

pytestmark = pytest.mark.django_db

COMING, WAITING, CANCELLED = EventRegistration.State
CROWD = 64


def states(of: Event) -> list[str]:
    return list(EventRegistration.objects.filter(event=of).order_by("pk").values_list("state", flat=True))


class TestRegistering:
    def test_a_guest_comes_in_by_the_named_point_and_gets_a_letter_with_the_way_out(self) -> None:
        tasting = event()
        one = guest(tasting)
        assert (one.state, one.collection.surface) == (COMING, "web.event")
        assert one.collection.notice_digest
        deliver_due()
        (letter,) = mail.outbox
        assert letter.to == ["mina@example.com"]
        assert "You have a seat: Tea tasting" in letter.subject
        assert f"/events/mine/{one.token}/" in letter.body
        assert Disclosure.objects.get().purpose == "essential.service.notifications.email"

    def test_the_form_carries_the_notice_and_the_box(self, client: Client) -> None:
        page = client.get(event().get_absolute_url()).content.decode()
        assert 'name="no_marketing"' in page
        assert "Kept 30 days after the event." in page
        assert re.search(r'name="may_be_shown"[^>]*>', page)
        assert not re.search(r'name="may_be_shown"[^>]*checked', page)

    def test_what_was_typed_is_not_lost_when_something_is_wrong(self, client: Client) -> None:
        refused = sign_up(event(), "not an address", client)
        assert refused.status_code == 422
        assert 'value="Mina Kim"' in refused.content.decode()
        assert not EventRegistration.objects.exists()

    def test_an_address_takes_one_seat_and_the_answer_does_not_tell(self) -> None:
        tasting = event()
        first, second = sign_up(tasting), sign_up(tasting, "MINA@example.com")
        assert (first.status_code, first.url) == (second.status_code, second.url)
        assert EventRegistration.objects.count() == 1
        tasting.refresh_from_db()
        assert tasting.taken == 1

    def test_over_is_over(self) -> None:
        page = hidden_inputs(Client().get(event().get_absolute_url()))
        Event.objects.update(closes_at=timezone.now() - dt.timedelta(seconds=1))
        sent = Client().post("/events/tasting/", {**page, "name": "Mina", "email": "m@example.com"})
        assert sent.status_code == 422
        assert not EventRegistration.objects.exists()
        assert not Collection.objects.exists()

    def test_who_is_signed_in_types_no_address(self, client: Client, django_user_model: Any) -> None:
        account = django_user_model.objects.create_user("a@example.com", "long enough words")
        client.force_login(account)
        assert 'value="a@example.com"' in client.get(event().get_absolute_url()).content.decode()
        sign_up(Event.objects.get(), "a@example.com", client)
        assert EventRegistration.objects.get().subject == account.subject

    @pytest.mark.parametrize("state", [Event.State.DRAFT])
    def test_a_draft_is_not_there(self, client: Client, state: str) -> None:
        event(state=state)
        assert client.get("/events/tasting/").status_code == 404
        assert "Tea tasting" not in client.get("/events/").content.decode()

    def test_the_list_takes_a_few_statements_however_many_there_are(self, client: Client) -> None:
        event()
        with CaptureQueriesContext(connection) as few:
            client.get("/ko/events/")
        for n in range(20):
            event(f"more-{n}")
        with CaptureQueriesContext(connection) as many:
            page = client.get("/ko/events/").content.decode()
        assert page.count("차 시음회") == 21
        assert len(many) <= len(few) <= 4

    def test_the_calendar_file_is_one_event_and_says_nothing_of_guests(self, client: Client) -> None:
        tasting = event(texts={"en": "Leaves, water; and time\nfor everybody " + "차" * 60})
        guest(tasting)
        file = client.get("/events/tasting/event.ics")
        assert file["Content-Type"].startswith("text/calendar")
        body = file.content.decode()
        assert all(len(line.encode()) <= 75 for line in body.split("\r\n"))
        plain = body.replace("\r\n ", "")
        assert f"DTSTART:{tasting.starts_at.astimezone(dt.UTC):%Y%m%dT%H%M%SZ}" in plain
        assert r"DESCRIPTION:Leaves\, water\; and time\nfor everybody 차차" in plain
        assert "mina" not in body.lower()


class TestTheWaitingList:
    def test_moves_up_in_the_order_of_coming_with_a_letter(self) -> None:
        tasting = event(capacity=1)
        first, second, third = (guest(tasting, f"g{n}@example.com") for n in range(3))
        assert states(tasting) == [COMING, WAITING, WAITING]
        deliver_due()
        mail.outbox.clear()
        Client().post(reverse("events:own", args=[first.token]), {"cancel": "1"})
        assert states(tasting) == [CANCELLED, COMING, WAITING]
        deliver_due()
        assert [(letter.to, letter.subject) for letter in mail.outbox] == [
            ([second.email], "A seat has become free for you: Tea tasting")
        ]
        third.refresh_from_db()
        assert third.moved_up_at is None

    def test_a_newcomer_does_not_pass_those_who_wait(self) -> None:
        tasting = event(capacity=1)
        for n in range(2):
            guest(tasting, f"g{n}@example.com")
        Event.objects.update(capacity=2)
        assert guest(tasting, "late@example.com").state == WAITING
        assert events.fill_seats(tasting.pk) == 1
        assert states(tasting) == [COMING, COMING, WAITING]

    def test_who_waits_no_longer_is_passed_over(self) -> None:
        tasting = event(capacity=1)
        first, second, _third = (guest(tasting, f"g{n}@example.com") for n in range(3))
        events.cancel(second.token)
        events.cancel(first.token)
        assert states(tasting) == [CANCELLED, CANCELLED, COMING]

    def test_an_erased_guest_leaves_the_seat_to_the_next(self) -> None:
        tasting = event(capacity=1)
        first, second = (guest(tasting, f"g{n}@example.com") for n in range(2))
        erase(first.subject, acted_by=None, why="GDPR Art. 17")
        second.refresh_from_db()
        assert (second.state, EventRegistration.objects.count()) == (COMING, 1)

    def test_the_page_says_the_place_in_the_list(self, client: Client) -> None:
        tasting = event(capacity=1)
        *_rest, last = (guest(tasting, f"g{n}@example.com") for n in range(4))
        assert "number 3 on the waiting list" in client.get(f"/events/mine/{last.token}/").content.decode()


class TestCancelling:
    def test_opening_the_link_changes_nothing_and_the_button_does_once(self, client: Client) -> None:
        tasting = event()
        one = guest(tasting)
        address = reverse("events:own", args=[one.token])
        for _ in range(3):
            assert client.get(address).status_code == 200
            assert client.head(address).status_code == 200
        assert states(tasting) == [COMING]
        for _ in range(2):
            assert client.post(address, {"cancel": "1"}).status_code == 302
        tasting.refresh_from_db()
        assert (states(tasting), tasting.taken) == ([CANCELLED], 0)

    def test_a_link_that_is_not_known_leads_nowhere(self, client: Client) -> None:
        address = reverse("events:own", args=[uuid.uuid4()])
        assert client.get(address).status_code == client.post(address, {"cancel": "1"}).status_code == 404

    def test_after_cancelling_one_may_come_back_to_the_end(self) -> None:
        tasting = event(capacity=1)
        first = guest(tasting, "a@example.com")
        guest(tasting, "b@example.com")
        events.cancel(first.token)
        sign_up(tasting, "a@example.com")
        assert states(tasting) == [CANCELLED, COMING, WAITING]

    def test_calling_off_tells_everybody_once(self) -> None:
        tasting = event(capacity=1)
        for n in range(2):
            guest(tasting, f"g{n}@example.com")
        deliver_due()
        mail.outbox.clear()
        assert (events.call_off(tasting.pk), events.call_off(tasting.pk)) == (2, 0)
        deliver_due()
        assert {letter.subject for letter in mail.outbox} == {"Called off: Tea tasting"}
        assert len(mail.outbox) == 2


@pytest.mark.django_db(transaction=True)
class TestAtOnce:
    def _crowd(self, tasting: Event, number: int = CROWD) -> list[Any]:
        page = hidden_inputs(Client().get(tasting.get_absolute_url()))
        return [
            lambda n=n: (
                Client()
                .post(tasting.get_absolute_url(), {**page, "name": f"Guest {n}", "email": f"g{n}@example.com"})
                .status_code
            )
            for n in range(number)
        ]

    def test_64_who_come_at_once_take_exactly_the_seats(self) -> None:
        tasting = event(capacity=9)
        assert set(_at_once(*self._crowd(tasting))) == {302}
        tasting.refresh_from_db()
        assert (states(tasting).count(COMING), states(tasting).count(WAITING), tasting.taken) == (9, CROWD - 9, 9)

    def test_with_the_lock_off_the_same_crowd_is_more_than_the_seats(self, monkeypatch: pytest.MonkeyPatch) -> None:
        """The race above is one: without the lock either too many come, or only the constraint stops them."""
        monkeypatch.setattr(events, "_locked", lambda pk: Event.objects.get(pk=pk))
        tasting = event(capacity=9)
        told = _at_once(*self._crowd(tasting))
        refused_by_the_table = sum(isinstance(answered, IntegrityError) for answered in told)
        assert states(tasting).count(COMING) + refused_by_the_table > 9

    def test_coming_and_going_at_once_leaves_no_seat_empty_and_none_twice(self) -> None:
        tasting = event(capacity=6)
        for deed in self._crowd(tasting, 12):
            deed()
        tokens = list(EventRegistration.objects.order_by("pk").values_list("token", flat=True)[:6])
        more = [lambda n=n: sign_up(tasting, f"late{n}@example.com").status_code for n in range(6)]
        _at_once(*more, *[lambda t=t: events.cancel(t) for t in tokens])
        tasting.refresh_from_db()
        assert states(tasting).count(COMING) == tasting.taken == 6
        coming = EventRegistration.objects.filter(state=COMING).order_by("pk").values_list("email", flat=True)
        assert list(coming) == [f"g{n}@example.com" for n in range(6, 12)], (
            "those who waited, and nobody who came later"
        )

    def test_the_database_holds_the_seats_by_itself(self) -> None:
        event(capacity=1)
        with pytest.raises(IntegrityError, match="event_has_no_more_guests_than_seats"):
            Event.objects.update(taken=2)


class TestTheEnd:
    def test_a_registration_ends_30_days_after_the_event_and_a_photograph_after_a_year(self) -> None:
        tasting = event()
        one, picture = guest(tasting), kept(tasting)
        assert retention.day_of_death(one) == tasting.ends_at + dt.timedelta(days=30)
        dies = retention.day_of_death(picture)
        assert dies is not None
        assert dies.date() == tasting.ends_at.date().replace(year=tasting.ends_at.year + 1)
        events.cancel(one.token)
        one.refresh_from_db()
        assert one.cancelled_at is not None
        assert retention.day_of_death(one) == one.cancelled_at + dt.timedelta(days=30)


class TestStaff:
    def test_see_guests_masked_and_seats_as_numbers(self) -> None:
        tasting = event(capacity=1)
        for n in range(3):
            guest(tasting, f"somebody{n}@example.com")
        boss = superuser()
        names = ("event_changelist", "eventregistration_changelist", "eventphotograph_changelist")
        pages = [boss.get(reverse(f"admin:marketing_{name}")) for name in names]
        one = EventRegistration.objects.latest("pk")
        pages.append(boss.get(reverse("admin:marketing_eventregistration_change", args=[one.pk])))
        for page in pages:
            assert page.status_code == 200
            assert "somebody" not in page.content.decode()
            assert "Mina Kim" not in page.content.decode()
        assert "1 / 1" in pages[0].content.decode()

    def test_more_room_moves_guests_up_and_the_count_is_not_written_over(self) -> None:
        tasting = event(capacity=1)
        for n in range(3):
            guest(tasting, f"g{n}@example.com")
        boss, address = superuser(), reverse("admin:marketing_event_change", args=[tasting.pk])
        form = boss.get(address).context["adminform"].form
        sent = {name: form[name].value() for name in form.fields} | {"capacity": 2}
        sent = {name: "" if value is None else value for name, value in sent.items()}
        for name in ("titles", "texts", "venues"):
            sent |= {f"{name}_{language}": words for language, words in dict(sent.pop(name) or {}).items()}
        for name in ("starts_at", "ends_at", "closes_at"):
            moment = sent.pop(name)
            sent[f"{name}_0"] = f"{timezone.localtime(moment):%Y-%m-%d}" if moment else ""
            sent[f"{name}_1"] = f"{timezone.localtime(moment):%H:%M:%S}" if moment else ""
        assert boss.post(address, sent).status_code == 302
        tasting.refresh_from_db()
        assert (states(tasting), tasting.taken) == ([COMING, COMING, WAITING], 2)
