"""The outbox: written with the decision, carried out afterwards, counted, parked, never twice for one key."""

import datetime as dt

import pytest
from django.db import transaction
from django.utils import timezone

from privacy import outbox
from privacy.models import Effect
from privacy.outbox import PARKED_AFTER, deliver_due, effect, enqueue

pytestmark = pytest.mark.django_db


@pytest.fixture
def done(monkeypatch):
    seen = []
    monkeypatch.setattr(outbox, "_handlers", {**outbox._handlers})

    @effect("test.note")
    def note(number):
        seen.append(number)

    @effect("test.fail")
    def fail(number):
        raise ValueError("could not reach mina@example.com")

    return seen


def test_what_is_decided_is_done_once_even_when_it_is_decided_twice(done):
    for _ in range(2):
        enqueue("test.note", key="note:1", number=1)
    assert deliver_due() == 1
    assert deliver_due() == 0
    assert done == [1]


def test_a_decision_that_is_rolled_back_has_no_effect(done):
    with transaction.atomic():
        enqueue("test.note", key="note:2", number=2)
        transaction.set_rollback(True)
    assert deliver_due() == 0
    assert done == []


def test_failures_are_counted_parked_after_five_and_keep_no_address(done):
    enqueue("test.fail", key="fail:1", number=1)
    for _ in range(PARKED_AFTER + 3):
        Effect.objects.filter(parked_at__isnull=True).update(due_at=timezone.now() - dt.timedelta(seconds=1))
        deliver_due()
    row = Effect.objects.get(key="fail:1")
    assert row.attempts == PARKED_AFTER
    assert row.parked_at is not None
    assert row.done_at is None
    assert "ValueError" in row.last_error
    assert "example.com" not in row.last_error


def test_a_value_has_no_place_in_the_outbox(done):
    for value in ("mina@example.com", "Mina Kim", "a" * 65):
        with pytest.raises(ValueError, match="not an id"):
            enqueue("test.note", key="note:3", number=value)


def test_an_effect_without_a_handler_is_a_mistake_found_at_once():
    with pytest.raises(LookupError):
        enqueue("test.unknown", key="x")
