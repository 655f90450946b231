"""Heads are signed by a key that the database never sees, only over what extends the last head, and a new key can follow."""

import json
import stat
from io import StringIO

import pytest
import time_machine
from django.core.management import CommandError, call_command

from privacy import permission
from privacy.internal.ledger import building, heads, journal, keys, verifying
from privacy.internal.ledger.building import LedgerBroken
from privacy.internal.ledger.keys import KeyNotVouchedFor, SigningKey
from privacy.internal.ledger.tree import consistent
from privacy.models import LedgerKey, LedgerTile, Subject, TreeHead
from privacy.tasks import extend_ledger

pytestmark = pytest.mark.django_db


@pytest.fixture
def own_journal(settings, tmp_path):
    settings.LEDGER_JOURNAL = str(tmp_path / "journal")
    return tmp_path / "journal"


def evidence(times: int = 1) -> None:
    for _ in range(times):
        permission.withdraw(Subject.objects.create(), method="mail")


def test_the_task_signs_what_was_waiting_and_then_rests():
    evidence()
    size = extend_ledger()
    assert size == building.size_now() > 0
    assert extend_ledger() == size
    assert TreeHead.objects.count() == 1
    assert heads.newest().is_signed(keys.trusted())


def test_a_head_covers_all_and_extends_the_one_before_it():
    evidence()
    first = building.extend()
    evidence(100)
    second = building.extend()
    assert LedgerTile.objects.filter(level=1).count() == second.tree_size // 256
    proof = building.tree_of(second.tree_size).consistency(first.tree_size)
    assert consistent(first.tree_size, first.root_hash, second.tree_size, second.root_hash, proof)
    assert verifying.verify(witnesses=[first, second]).is_true


def test_a_head_whose_single_bit_is_turned_is_not_signed():
    evidence()
    head = building.extend()
    trusted = keys.trusted()
    for name, value in (
        ("tree_size", head.tree_size + 1),
        ("timestamp", head.timestamp + 1),
        ("root_hash", bytes(32)),
        ("signature", bytes(64)),
        ("key_id", "0" * 16),
    ):
        bent = heads.Head.of({**head.as_data(), name: value.hex() if isinstance(value, bytes) else value})
        assert not bent.is_signed(trusted), name


def test_a_silent_store_signs_anew_after_an_hour():

    evidence()
    building.extend()
    with time_machine.travel("2031-01-01 12:00Z", tick=False):
        late = building.extend()
    assert TreeHead.objects.count() == 2
    assert late.tree_size == TreeHead.objects.first().tree_size


def test_the_journal_remembers_every_head_for_its_owner_alone(own_journal):
    evidence()
    first = building.extend()
    evidence()
    second = building.extend()
    assert list(journal.heads()) == [first, second]
    (file,) = own_journal.iterdir()
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    with file.open("a") as lines:
        lines.write('{"tree_size": 99')  # the power went
    assert journal.last() == second
    assert verifying.verify().is_true


def test_nothing_is_signed_over_another_past(own_journal):
    evidence()
    head = building.extend()
    changed = heads.sign(head.tree_size, bytes(32), keys.current())
    journal.write(changed)
    evidence()
    with pytest.raises(LedgerBroken, match="are not those whose head was signed"):
        building.extend()
    assert TreeHead.objects.count() == 1


def test_nothing_is_signed_when_entries_are_gone(own_journal):
    evidence()
    head = building.extend()
    journal.write(heads.sign(head.tree_size + 50, bytes(32), keys.current()))
    with pytest.raises(LedgerBroken, match=f"counts {head.tree_size + 50} entries, and there are {head.tree_size}"):
        building.extend()
    assert verifying.verify().first.what == "missing"


def test_a_head_that_the_database_lost_is_found(own_journal):
    evidence()
    head = building.extend()
    journal.write(heads.sign(head.tree_size, head.root_hash, keys.current()))
    assert verifying.verify().first.what == "head"


def test_a_rotation_keeps_old_heads_readable_and_the_new_key_known_to_who_trusts_the_old(settings, tmp_path):
    evidence()
    old = building.extend()
    former = keys.current().public
    file = tmp_path / "key"
    said = StringIO()
    call_command("rotate_ledger_key", "--into", str(file), stdout=said)
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert file.read_text() not in said.getvalue()
    # Processes that have not been started anew go on.
    evidence()
    assert building.extend().key_id == former.id
    settings.LEDGER_SIGNING_KEY = file.read_text()
    evidence()
    new = building.extend()
    assert new.key_id == keys.current().public.id != former.id
    assert old.is_signed(keys.trusted())
    assert verifying.verify().is_true
    assert set(keys.lead_to([former], LedgerKey.objects.all())) == {former.id, new.key_id}


def test_a_key_that_only_appeared_signs_nothing(settings):
    evidence()
    building.extend()
    settings.LEDGER_SIGNING_KEY = "another key"
    with pytest.raises(KeyNotVouchedFor, match="rotate_ledger_key"):
        building.extend()
    assert verifying.verify().first.what == "signature"


def test_a_lost_key_can_be_followed_but_nobody_vouches_for_the_new_one(settings):
    evidence()
    building.extend()
    former = keys.current().public
    settings.LEDGER_SIGNING_KEY = "another key"
    call_command("rotate_ledger_key", "--former-is-lost", stdout=StringIO())
    building.extend()
    assert verifying.verify().is_true
    assert set(keys.lead_to([former], LedgerKey.objects.all())) == {former.id}
    with pytest.raises(CommandError, match="in use already"):
        call_command("rotate_ledger_key", "--former-is-lost")


def test_a_key_that_somebody_lists_is_not_trusted_for_it():
    evidence()
    building.extend()
    mine, theirs = keys.current(), SigningKey("theirs")
    keys.succeed(mine.public, theirs, former_key=None)
    assert theirs.public.id not in keys.trusted()
    LedgerKey.objects.create(
        key_id="f" * 16,
        public_key=theirs.public.raw,
        former_id=mine.public.id,
        named_by_former=bytes(64),
        names_former=b"",
    )
    assert set(keys.trusted()) == {mine.public.id}


def test_where_the_key_stands_in_the_environment_a_file_must_be_named(settings):
    settings.LEDGER_KEY_FILE = ""
    with pytest.raises(CommandError, match="--into"):
        call_command("rotate_ledger_key")
    with pytest.raises(CommandError, match="could not be written"):
        call_command("rotate_ledger_key", "--into", "/nowhere/key")
    assert LedgerKey.objects.count() == 1


def test_the_command_names_what_is_wrong_and_takes_a_witness(tmp_path, capsys):
    evidence()
    head = building.extend()
    call_command("verify_ledger")
    assert "Everything is as it was signed." in capsys.readouterr().out
    later = heads.sign(head.tree_size + 3, bytes(32), keys.current())
    file = tmp_path / "head.json"
    file.write_text(json.dumps({"head": later.as_data()}))
    with pytest.raises(SystemExit) as left:
        call_command("verify_ledger", "--witness", str(file), "--json")
    assert left.value.code == 1
    found = json.loads(capsys.readouterr().out)
    assert found["findings"][0]["what"] == "missing"
    with pytest.raises(CommandError, match="holds no signed head"):
        call_command("verify_ledger", "--witness", str(tmp_path / "nothing.json"))


def test_base58_goes_there_and_back():
    for value in (b"\0\0abc", bytes(range(34)), b"\xed\x01" + bytes(32)):
        assert keys.from_base58(keys.base58(value)) == value
    with pytest.raises(ValueError, match="base58"):
        keys.from_base58("z0OIl")
