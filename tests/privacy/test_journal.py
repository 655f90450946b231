"""The journal outlives a restore: it is written before the commit, found missing, and replayed; until then nothing leaves."""

import json
import os
import subprocess
import sys

import pytest
from django.core import mail
from django.core.management import call_command
from django.db import connection, transaction
from django.urls import reverse

from accounts.domain.closing import close_account
from accounts.models import Profile, User
from privacy import outbox
from privacy.declaration import Purpose
from privacy.errors import InQuarantine, NotErased
from privacy.gate import collecting, disclose
from privacy.internal import erasing, expiring, whereabouts
from privacy.internal.journal import keys, lines, replaying, standing, writing
from privacy.internal.journal.standing import State
from privacy.mail import send_letter
from privacy.models import JournalMark, Subject
from privacy.outbox import enqueue
from privacy.permission import may_contact, permission_to_send, withdraw
from privacy.signals import corrected
from tests.support import aged
from tests.support.journal import kinds
from tests.support.people import letter, shown_notice

pytestmark = pytest.mark.django_db(transaction=True)
NEWS = (Purpose.MARKETING_EMAIL, "email")


def state():
    standing.look_again()
    return standing.state()


LEFT_ALONE = "marketing.left_alone"


def forget_everything_seen():
    """The database of before: what it had seen of the journal is gone, by the hand of who restores it."""
    aged.as_owner("TRUNCATE privacy_journalmark")


def erase(subject):
    return erasing.erase(subject, acted_by=None, why="Article 17")


def permit(subject):
    from privacy.permission import grant

    grant(subject, *NEWS, method="form", notice=shown_notice(asks=[Purpose.MARKETING_EMAIL], opt_out_box=False))


def correct(profile, name):
    with collecting(surface="staff.admin", subject=profile.subject, fields=[Profile.name]):
        profile.name = name
        profile.save()
        corrected.send(sender=Profile, subject=profile.subject, record=profile, fields=["name"])


# --- what is written -----------------------------------------------------------------------------------------------


def test_an_erasure_a_no_and_a_correction_are_told_and_marked(journal):
    user = aged.account()
    subject = user.subject
    withdraw(subject, [NEWS], method="form")
    correct(Profile.objects.get(), "Mina Kym")
    erase(subject)
    told = [kind for kind in kinds() if kind != "done"]
    # What an erasure withdraws is in its line; which addresses are left alone from now on is not.
    assert told == ["stopped", LEFT_ALONE, "corrected", "erased", LEFT_ALONE, LEFT_ALONE]
    assert kinds().count("done") == JournalMark.objects.count() == len(told)
    assert state() is State.CLEAR


def test_no_value_and_no_key_of_a_person_stands_in_it(journal):
    user = aged.account()
    correct(Profile.objects.get(), "Zebedee Quartz")
    key = str(user.subject_id)
    erase(user.subject)
    everything = b"".join(p.read_bytes() for p in journal.parent.rglob("*") if p.is_file())
    everything += str(list(JournalMark.objects.values_list("line", flat=True))).encode()
    for value in ("mina", "Mina", "Zebedee", "Quartz", "Springfield", "+16502530000", key):
        assert value.encode() not in everything
    assert len(everything) > 500


def test_it_is_for_its_owner_alone(journal):
    erase(aged.account().subject)
    assert journal.stat().st_mode & 0o777 == 0o600
    assert journal.parent.stat().st_mode & 0o777 == 0o700


def test_the_line_is_on_the_disk_before_the_commit(journal):
    user = aged.account()
    with transaction.atomic():
        erase(user.subject)
        assert kinds()[-3:] == ["erased", LEFT_ALONE, LEFT_ALONE]


def test_a_transaction_that_is_rolled_back_leaves_the_store_open(journal):
    user = aged.account()
    with transaction.atomic():
        withdraw(user.subject, [NEWS], method="form")
        transaction.set_rollback(True)
    assert kinds() == ["stopped", LEFT_ALONE]
    assert not JournalMark.objects.exists()
    assert state() is State.CLEAR
    assert kinds() == ["stopped", LEFT_ALONE, "void", "void"]
    assert list(standing.missing()) == []
    # A staff account cannot be erased: refused after the line was written.
    staff = aged.account("staff@example.com", is_staff=True)
    with pytest.raises(NotErased):
        erase(staff.subject)
    assert state() is State.CLEAR


def test_a_process_that_is_killed_between_line_and_commit_does_no_harm(journal):
    user = aged.account()
    program = (
        "import os, sys, django; django.setup()\n"
        "from django.conf import settings\n"
        "from django.db import connection, transaction\n"
        "from privacy.models import Subject\n"
        "from privacy.permission import withdraw\n"
        f"settings.PRIVACY_JOURNAL, settings.PRIVACY_JOURNAL_KEY = {str(journal)!r}, 'a key that is only for this test'\n"
        f"connection.settings_dict['NAME'] = {connection.settings_dict['NAME']!r}\n"
        "with transaction.atomic():\n"
        f"    withdraw(Subject.objects.get(pk={str(user.subject_id)!r}), [{tuple(map(str, NEWS))!r}], method='form')\n"
        "    os.kill(os.getpid(), 9)\n"
    )
    environment = {**os.environ, "DJANGO_SETTINGS_MODULE": "tests.settings"}
    assert subprocess.run([sys.executable, "-c", program], env=environment, check=False).returncode == -9
    assert kinds() == ["stopped", LEFT_ALONE]
    for _ in range(50):
        # The server may need a moment to find out that nobody is there any more.
        if state() is State.CLEAR and kinds()[-1] == "void":
            break
    assert state() is State.CLEAR
    assert not JournalMark.objects.exists()


def test_a_line_under_way_in_another_process_is_waited_for(journal):
    user = aged.account()
    cluster = writing.cluster()
    other = aged._owner()
    with other as theirs, theirs.cursor() as cursor:
        cursor.execute("SELECT pg_current_xact_id()::text::bigint")
        (number,) = cursor.fetchone()
        what = {"id": "7e5a0000-0000-4000-8000-000000000001", "kind": "stopped", "people": [], "at": "", "ways": []}
        lines.append({**what, "key": keys.key_id(), "cluster": cluster, "transaction": number})
        assert state() is State.CLEAR
        theirs.rollback()
    assert state() is State.CLEAR
    assert kinds()[-1] == "void"
    assert may_contact(user.subject, "essential.service", "email")


def test_several_processes_write_whole_lines(journal, tmp_path):
    """Eight processes at once: every line is whole and follows the one before it."""
    program = (
        "import os, sys, django; django.setup()\n"
        "from django.conf import settings\n"
        f"settings.PRIVACY_JOURNAL = {str(journal)!r}\n"
        "from privacy.internal.journal import lines\n"
        "for n in range(25): lines.append({'id': f'{os.getpid()}-{n}', 'kind': 'done', 'x': 'y' * 500}, at_once=False)\n"
    )
    environment = {**os.environ, "DJANGO_SETTINGS_MODULE": "tests.settings"}
    running = [subprocess.Popen([sys.executable, "-c", program], env=environment) for _ in range(4)]
    assert [process.wait(timeout=120) for process in running] == [0] * 4
    assert len(kinds()) == 100


# --- a restore -----------------------------------------------------------------------------------------------------


def test_an_older_database_is_shut_and_says_why(journal, client, caplog):
    message = letter()
    user = aged.account("other@example.com")
    permit(user.subject)
    withdraw(user.subject, [NEWS], method="form")
    forget_everything_seen()
    assert state() is State.OLDER
    for page in ("home", "privacy:centre", "account_login", "admin:index", "orders:lookup"):
        answer = client.get(reverse(page))
        assert answer.status_code == 503, page
        assert answer["Retry-After"]
    assert client.post(reverse("privacy:write"), {"body": "hello"}).status_code == 503
    ready = client.get("/readyz")
    assert ready.status_code == 503
    assert ready.json()["journal"] is False
    assert "replay_journal" in ready.json()["why"]
    assert client.get("/healthz").status_code == 200
    with pytest.raises(InQuarantine):
        send_letter(
            message, "sender", purpose=Purpose.SUPPORT, template="privacy/mail/acknowledge.txt", locale="en", context={}
        )
    with pytest.raises(InQuarantine):
        disclose(message, to="mailer", purpose=Purpose.SUPPORT)
    with pytest.raises(InQuarantine), permission_to_send(user.subject, *NEWS):
        pass
    enqueue("privacy.acknowledge", key="a", request_id=str(message.request_id))
    assert outbox.deliver_due() == 0
    assert mail.outbox == []


def test_the_closed_page_speaks_the_readers_language(journal, client):
    withdraw(Subject.objects.create(), [NEWS], method="form")
    forget_everything_seen()
    state()
    assert 'lang="ko"' in client.get("/ko/").content.decode()


def test_the_replay_does_everything_again_and_opens_the_store(journal, client, capsys):
    gone, quiet, right = (aged.account(f"{name}@example.com") for name in ("gone", "quiet", "right"))
    permit(quiet.subject)
    # What a backup would hold is written down, and put back below by hand.
    correct(right.profile, "Mina Kym")
    withdraw(quiet.subject, [NEWS], method="mail")
    with transaction.atomic():
        writing.note("erased", people=[keys.person(gone.subject_id)], why="case 7")
    forget_everything_seen()
    with writing.told_already():
        permit(quiet.subject)
        with collecting(surface="staff.admin", subject=right.subject, fields=[Profile.name]):
            Profile.objects.filter(pk=right.profile.pk).update(name="Mina Kim")
    assert may_contact(quiet.subject, *NEWS)
    assert state() is State.OLDER
    call_command("replay_journal")
    said = capsys.readouterr().out
    assert "erased: 1 done again" in said
    assert "stopped: 1 done again" in said
    assert "corrected: 1 done again" in said
    assert not may_contact(quiet.subject, *NEWS)
    assert Profile.objects.get(pk=right.profile.pk).name == "Mina Kym"
    assert list(whereabouts.places_of(gone.subject)) == []
    assert standing.state() is State.CLEAR
    assert client.get("/readyz").json()["journal"] is True
    before = journal.read_bytes()
    call_command("replay_journal")
    assert "Nothing to do" in capsys.readouterr().out
    assert journal.read_bytes() == before


def test_an_account_that_its_owner_closed_is_closed_again(journal):
    user = aged.account()
    close_account(user)
    closed = user.closed_at
    forget_everything_seen()
    User.objects.update(closed_at=None, is_active=True)
    replaying.replay()
    user.refresh_from_db()
    assert (user.closed_at, user.is_active) == (closed, False)
    assert kinds() == ["accounts.closed", "done"]


def test_a_line_that_is_passed_over_keeps_the_store_shut(journal, settings, capsys):
    """A replay that could not do everything does not open the store: another key, another version, an error."""
    withdraw(Subject.objects.create(), [NEWS], method="form")
    with transaction.atomic():
        writing.note("of.tomorrow", people=[])
    forget_everything_seen()
    settings.PRIVACY_JOURNAL_KEY = "another key"
    with pytest.raises(SystemExit):
        call_command("replay_journal")
    assert "another key" in capsys.readouterr().err
    assert standing.state() is State.OLDER
    settings.PRIVACY_JOURNAL_KEY = "a key that is only for this test"
    with pytest.raises(SystemExit):
        call_command("replay_journal")
    assert "of.tomorrow" in capsys.readouterr().err
    assert state() is State.OLDER
    assert JournalMark.objects.count() == 1


def test_a_correction_that_came_later_is_not_undone(journal):
    right = aged.account()
    correct(right.profile, "Mina Kym")
    forget_everything_seen()
    with collecting(surface="staff.admin", subject=right.subject, fields=[Profile.name]):
        Profile.objects.filter(pk=right.profile.pk).update(name="Mina Park")
    replaying.replay()
    assert Profile.objects.get().name == "Mina Park"


def test_a_corrected_value_dies_with_the_person(journal):
    user = aged.account()
    correct(user.profile, "Mina Kym")
    (line,) = [one for one in lines.Reader().read() if one.kind == "corrected"]
    assert json.loads(keys.unseal(line.id, line.what["sealed"])) == {"name": "Mina Kym"}
    erase(user.subject)
    assert keys.unseal(line.id, line.what["sealed"]) is None
    assert list((journal.parent / "values").iterdir()) == []


def test_a_corrected_value_goes_when_no_backup_needs_it_any_more(journal):
    user = aged.account()
    correct(user.profile, "Mina Kym")
    (kept,) = (journal.parent / "values").iterdir()
    expiring.expire()
    assert kept.exists()
    long_ago = aged.days_ago(91).timestamp()
    os.utime(kept, (long_ago, long_ago))
    expiring.expire()
    assert not kept.exists()


# --- a journal that has lost something -----------------------------------------------------------------------------


def test_a_lost_line_is_found_and_written_again(journal, client, capsys):
    for _ in range(3):
        withdraw(Subject.objects.create(), [NEWS], method="form")
    texts = journal.read_bytes().splitlines(keepends=True)
    journal.write_bytes(b"".join(texts[:2]))
    standing.forget_what_was_read()
    assert standing.state() is State.LOST
    assert client.get("/readyz").status_code == 503
    assert client.get("/").status_code == 200
    with pytest.raises(SystemExit):
        call_command("replay_journal", "--check")
    assert "2 lines that this database knows are not in the journal" in capsys.readouterr().out
    call_command("replay_journal", "--write-lost")
    assert state() is State.CLEAR
    forget_everything_seen()
    standing.look_again()
    assert len(list(standing.missing())) == 3


@pytest.mark.parametrize("damage", ["shortened", "removed", "changed", "middle"])
def test_a_damaged_journal_is_found(journal, damage):
    for _ in range(3):
        withdraw(Subject.objects.create(), [NEWS], method="form")
    assert state() is State.CLEAR
    text = journal.read_bytes()
    parts = text.splitlines(keepends=True)
    match damage:
        case "shortened":
            journal.write_bytes(b"".join(parts[:-2]))
        case "removed":
            journal.unlink()
        case "changed":
            journal.write_bytes(text.replace(b"stopped", b"started", 1))
            standing.forget_what_was_read()
        case "middle":
            # One that is no loss to anybody: the chain alone tells of it.
            journal.write_bytes(b"".join([parts[0], *parts[2:]]))
            standing.forget_what_was_read()
    assert state() is State.LOST


def test_half_a_line_of_a_power_cut_is_cut_off(journal):
    withdraw(Subject.objects.create(), [NEWS], method="form")
    with journal.open("ab") as file:
        file.write(b'{"digest":"00')
    assert state() is State.CLEAR
    withdraw(Subject.objects.create(), [NEWS], method="form")
    assert kinds() == ["stopped", "done"] * 2


def test_ordinary_pages_ask_nothing(journal, client, django_assert_num_queries):
    state()
    client.get("/robots.txt")
    with django_assert_num_queries(0):
        for _ in range(100):
            assert not standing.quarantined()
    assert connection
