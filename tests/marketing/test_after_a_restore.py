"""Whoever was left alone before a restore is left alone after it: the journal enters their addresses again."""

import io

import pytest
from django.db import connection, transaction

from marketing.domain import importing, suppressing
from marketing.models import Subscription, Suppression
from privacy.internal.erasing import erase
from privacy.internal.journal import keys, replaying, standing, writing
from privacy.internal.journal.standing import State
from privacy.permission import grant, may_contact, withdraw
from tests.marketing.conftest import new_campaign, released
from tests.marketing.telephoning import TEXTS, nothing_taken  # noqa: F401, a fixture
from tests.marketing.test_importing import HEAD
from tests.marketing.test_sending import run
from tests.support import aged
from tests.support.people import shown_notice
from tests.support.readers import NEWS, reader
from tests.support.telephones import NUMBER, text_reader

pytestmark = pytest.mark.django_db(transaction=True)


def restored() -> None:
    """The database of before: it knows nothing of the list, and nothing of what the journal says."""
    aged.as_owner("TRUNCATE privacy_journalmark, marketing_suppression")
    connection.close()
    standing.look_again()
    assert standing.state() is State.OLDER


def imported(address: str) -> str:
    row = f"{address},en,US,,2026-01-01,fair,words\n"
    return next(importing.import_file(io.StringIO(HEAD + row), source="old list.csv")).outcome


def test_who_had_said_no_is_on_the_list_again_and_gets_nothing(journal, sink):
    subscription = reader("mina.kim@gmail.com")
    withdraw(subscription.subject, method="one_click")
    restored()
    with writing.told_already():
        # What the backup holds: the yes of before.
        grant(subscription.subject, *NEWS, method="form", notice=shown_notice(asks=[NEWS[0]]))
    assert may_contact(subscription.subject, *NEWS)
    assert suppressing.suppressed({0: "mina.kim@gmail.com"}, NEWS[0]) == set()
    replaying.replay()
    assert standing.state() is State.CLEAR
    assert not may_contact(subscription.subject, *NEWS)
    assert suppressing.suppressed({0: "minakim+x@gmail.com"}, NEWS[0]) == {0}
    run(released(new_campaign()))
    assert sink.taken == []
    Subscription.objects.all().delete()
    assert imported("minakim@gmail.com") == "suppressed"


def test_who_was_erased_is_on_the_list_again_and_no_old_file_brings_them_back(journal):
    subscription = reader("mina.kim@gmail.com")
    with transaction.atomic():
        writing.note("erased", people=[keys.person(subscription.subject_id)], why="case 7")
    restored()
    replaying.replay()
    assert not Subscription.objects.exists()
    assert set(Suppression.objects.values_list("cause", flat=True)) >= {"erasure"}
    assert imported("MinaKim@googlemail.com") == "suppressed"


def test_who_is_nobody_in_the_backup_is_left_alone_all_the_same(journal):
    """They subscribed, said no and were erased after it: nothing but the hash of their address can be known."""
    early, late = reader("early.bird@gmail.com"), reader("mina.kim@gmail.com")
    withdraw(early.subject, method="one_click")
    erase(late.subject, acted_by=None, why="case 8")
    aged.as_owner("TRUNCATE marketing_subscription CASCADE")
    restored()
    replaying.replay()
    assert standing.state() is State.CLEAR
    assert imported("earlybird@googlemail.com") == "suppressed"
    assert imported("MinaKim@gmail.com") == "suppressed"
    before = Suppression.objects.count()
    aged.as_owner("TRUNCATE privacy_journalmark")
    standing.look_again()
    replaying.replay()
    assert Suppression.objects.count() == before, "twice is once"


def test_a_number_that_said_stop_is_on_the_list_again(journal):
    number = text_reader()
    withdraw(number.subject, method="text")
    restored()
    replaying.replay()
    assert not may_contact(number.subject, *TEXTS)
    assert suppressing.suppressed({0: NUMBER}, TEXTS[0]) == {0}


def test_the_journal_holds_no_address(journal):
    reader_, number = reader("zebedee.quartz@example.com"), text_reader()
    withdraw(reader_.subject, method="mail")
    withdraw(number.subject, method="text")
    written = b"".join(path.read_bytes() for path in journal.parent.rglob("*") if path.is_file())
    assert written.count(b"stopped") >= 2
    for value in (b"zebedee", b"quartz", NUMBER.encode(), NUMBER[3:].encode()):
        assert value not in written
