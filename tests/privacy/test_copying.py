"""A copy holds everything that the declarations lead to, can be fetched once, and can be read in again."""

import io
import json
import re
import zipfile
from pathlib import Path

import jsonschema
import pytest
from django.conf import settings
from django.core import mail
from django.core.management import call_command
from django.urls import reverse
from django.utils import timezone, translation

from accounts.models import Profile, SavedAddress, User
from orders.models import DeliveryAddress, Order, OrderContact
from privacy import outbox
from privacy.declaration import Category, Keep, Purpose, datum, personal, personal_fields
from privacy.errors import NotCollected, NotDisclosed
from privacy.internal import erasing, whereabouts
from privacy.internal.copying import handing, packing
from privacy.internal.copying.reading import CopyFile
from privacy.internal.copying.taking_back import take_back
from privacy.models import Collection, Copy, Subject
from tests.privacy.test_erasing import everything_about
from tests.support import aged
from tests.support.people import letter

pytestmark = pytest.mark.django_db
SCHEMA = Path(settings.BASE_DIR) / "docs" / "copy-schema.json"


def packed(subject):
    return b"".join(packing.stream(subject))


def opened(content):
    return zipfile.ZipFile(io.BytesIO(content))


def document(content):
    return json.loads(opened(content).read("copy.json"))


def values_in(data):
    """Every value that a person gave, record by record, wherever the record stands."""
    given = {name for name, each in data["fields"].items() if each["from"] == "person"}
    return sorted(
        (record["record"], name, json.dumps(value))
        for record in data["records"]
        for name, value in record["values"].items()
        if f"{record['record']}.{name}" in given
    )


@pytest.fixture
def mina():
    user = aged.account()
    everything_about(user)
    return user


def test_everything_that_is_known_is_in_it(mina):
    data = document(packed(mina.subject))
    held = {(r["record"], r["key"], n) for r in data["records"] for n in r["values"]}
    for place in whereabouts.places_of(mina.subject):
        assert (place.record._meta.label, str(place.record.pk), place.field.name) in held, place.key
    assert {r["record"] for r in data["records"]} >= {"accounts.Profile", "orders.OrderContact", "catalogue.Review"}
    assert data["collections"]
    assert {c["surface"] for c in data["collections"]} >= {"staff.console", "provider.payment"}
    assert {c["state"] for c in data["consents"]} >= {"given"}
    contact = next(r for r in data["records"] if r["record"] == "orders.OrderContact")
    assert any(c["id"] == contact["collection"] for c in data["collections"])
    assert contact["kept_until"]
    described = data["fields"]["orders.OrderContact.email"]
    assert described["retention"]["law"].endswith("Art. 6(1) no. 2")
    assert described["recipients"] == ["kita", "mailer"]


def test_it_fits_its_schema_and_says_so(mina):
    schema = json.loads(SCHEMA.read_text(encoding="utf-8"))
    jsonschema.Draft202012Validator.check_schema(schema)
    data = document(packed(mina.subject))
    assert data["$schema"] == schema["$id"]
    jsonschema.validate(data, schema, cls=jsonschema.Draft202012Validator)
    data["records"][0]["values"] = "all of it"
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.validate(data, schema, cls=jsonschema.Draft202012Validator)


def test_a_newly_declared_field_shows_up_by_itself(mina):
    field = SavedAddress._meta.get_field("is_default")
    assert datum(field) is None
    personal(field, Category.ADDRESS, purposes=[Purpose.DELIVERY], keep=Keep.ACCOUNT)
    try:
        data = document(packed(mina.subject))
    finally:
        del field.personal
    (saved,) = [r for r in data["records"] if r["record"] == "accounts.SavedAddress"]
    assert saved["values"]["is_default"] is False
    assert "accounts.SavedAddress.is_default" in data["fields"]


def test_a_copy_that_forgets_a_table_is_seen(mina, monkeypatch):
    """What the first test asks is really asked: hide one table from the walk, and it fails."""
    walk = whereabouts.holders
    hidden = [(m, p) for m, p in walk() if m._meta.label != "catalogue.Review"]
    monkeypatch.setattr("privacy.internal.copying.contents.whereabouts.holders", lambda: iter(hidden))
    data = document(packed(mina.subject))
    assert not any(r["record"] == "catalogue.Review" for r in data["records"])


def test_what_lets_somebody_in_is_named_and_not_handed_out(mina):
    data = document(packed(mina.subject))
    (account,) = [r for r in data["records"] if r["record"] == "accounts.User"]
    assert account["values"]["password"] is None
    assert mina.password not in packed(mina.subject).decode("latin-1")


def test_nobody_elses_values_are_in_it(mina):
    aged.account("other@example.com")
    aged.order(placed_at=aged.years_ago(1), email="another@example.com")
    text = json.dumps(document(packed(mina.subject)))
    assert "other@example.com" not in text
    assert "another@example.com" not in text


def test_what_only_a_law_keeps_is_named_with_law_and_day(mina):
    subject = mina.subject
    erasing.erase(subject, acted_by=None, why="Article 17")
    data = document(packed(subject))
    assert [r["record"] for r in data["records"]] == []
    apart = {line["record"]: line for line in data["kept_apart"]}
    assert apart["orders.OrderContact"]["law"].endswith("Art. 6(1) no. 2")
    assert apart["orders.OrderContact"]["until"] > timezone.now().isoformat()


def test_the_page_can_be_read_without_a_network_and_runs_nothing(mina):
    letter(subject=mina.subject, body="<script>alert(1)</script><img src=https://evil.example/x>")
    page = opened(packed(mina.subject)).read("copy.html").decode()
    assert "mina@example.com" in page
    assert "<script" not in page
    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in page
    assert not re.findall(r'(?:src|href)="(?!#|photographs/|papers/|files/)', page)
    assert "@media print" in page
    assert "prefers-color-scheme: dark" in page


def test_the_page_speaks_the_readers_language(mina):
    with translation.override("ko"):
        pieces = packing.stream(mina.subject)
    page = opened(b"".join(pieces)).read("copy.html").decode()
    assert '<html lang="ko">' in page
    assert re.search("[가-힣]{2,}", page)


# --- fetching ------------------------------------------------------------------------------------------------------


def link_in(message):
    return re.search(r"http\S+/privacy/copy/\S+", message.body)[0].removeprefix(settings.BASE_URL)


def test_a_link_goes_to_the_confirmed_address_and_works_once(mina, client):
    handing.prepare_copy(mina.subject)
    outbox.deliver_due()
    (message,) = mail.outbox
    assert message.to == ["mina@example.com"]
    link = link_in(message)
    # A program that follows links uses nothing up.
    for _ in range(2):
        assert client.get(link).status_code == 200
    assert Copy.objects.get().used_at is None
    answer = client.post(link)
    assert answer.status_code == 200
    assert answer["Content-Type"] == "application/zip"
    assert "mina" not in answer["Content-Disposition"]
    assert values_in(document(b"".join(answer.streaming_content)))
    assert client.post(link).status_code == 410
    assert client.get(link).status_code == 410


def test_a_link_ends_and_a_forged_one_is_none(mina, client):
    copy = handing.prepare_copy(mina.subject)
    link = reverse("privacy:copy_by_link", args=[handing.token_of(copy)])
    Copy.objects.update(expires_at=aged.days_ago(1))
    assert client.post(link).status_code == 410
    assert client.post(link[:-4] + "abc/").status_code == 404
    Copy.objects.update(expires_at=aged.days_ago(31))
    assert handing.forget_old_links(timezone.now()) == 1


def test_two_at_once_get_one_copy(mina):
    copy = handing.prepare_copy(mina.subject)
    assert handing.fetch(copy)
    with pytest.raises(handing.LinkUsed):
        handing.fetch(copy)


def test_a_link_goes_nowhere_without_a_confirmed_address():
    with pytest.raises(NotDisclosed, match="confirmed address"):
        handing.prepare_copy(Subject.objects.create())


def test_a_guest_gets_it_at_the_address_that_was_confirmed(client):
    message = letter(sender="guest@example.com")
    handing.prepare_copy(message.request, address=message, field="sender")
    outbox.deliver_due()
    assert mail.outbox[0].to == ["guest@example.com"]
    data = document(b"".join(client.post(link_in(mail.outbox[0])).streaming_content))
    assert data["cases"][0]["id"] == str(message.request_id)


def test_a_guest_who_was_found_to_be_the_same_person_is_in_it(mina, client):
    message = letter(sender="mina@example.com")
    handing.prepare_copy(message.request, people=[mina.subject])
    outbox.deliver_due()
    assert mail.outbox[0].to == ["mina@example.com"]
    data = document(b"".join(client.post(link_in(mail.outbox[0])).streaming_content))
    assert {r["record"] for r in data["records"]} >= {"privacy.RequestMessage", "accounts.Profile"}
    assert str(mina.subject_id) in data["person"]["also"]


def test_the_link_dies_with_the_person(mina, client):
    copy = handing.prepare_copy(mina.subject)
    link = reverse("privacy:copy_by_link", args=[handing.token_of(copy)])
    erasing.erase(mina.subject, acted_by=None, why="Article 17")
    assert client.post(link).status_code == 410
    assert not Copy.objects.exists()
    outbox.deliver_due()
    assert not [m for m in mail.outbox if "copy" in m.subject.lower()]


def test_who_is_signed_in_types_the_password_again(mina, client):
    page = reverse("privacy:copy")
    assert client.get(page).status_code == 302
    client.force_login(mina)
    assert client.get(page)["Location"].startswith(reverse("account_reauthenticate"))
    assert client.post(page).status_code == 302
    assert not Copy.objects.exists()
    assert client.post(reverse("account_reauthenticate"), {"password": "pass-word-17"}).status_code == 302
    assert client.get(page).status_code == 200
    assert not Copy.objects.exists()
    data = document(b"".join(client.post(page).streaming_content))
    assert values_in(data)
    assert Copy.objects.get().used_at


def test_no_file_lies_around(mina, client, tmp_path, settings):
    settings.MEDIA_ROOT = tmp_path
    packed(mina.subject)
    assert list(tmp_path.rglob("*")) == []


# --- reading in again ----------------------------------------------------------------------------------------------


def test_export_erase_import_export_gives_the_same_values(mina):
    subject = mina.subject
    first = packed(subject)
    erasing.erase(subject, acted_by=None, why="Article 17")
    assert values_in(document(packed(subject))) == []
    outcome = take_back(CopyFile(io.BytesIO(first)))
    assert outcome.refused == []
    assert outcome.subject == subject
    second = document(packed(subject))
    assert values_in(second) == values_in(document(first))
    assert {c["surface"] for c in second["collections"]} >= {"import.copy"}
    for order in Order.objects.filter(account__subject=subject):
        assert order.contact.email == "mina@example.com"
    assert not User.objects.get().has_usable_password()


def test_the_same_file_twice_changes_nothing(mina):
    first = packed(mina.subject)
    before = Collection.objects.count()
    outcome = take_back(CopyFile(io.BytesIO(first)))
    assert outcome.stored == {}
    assert outcome.refused == []
    assert Collection.objects.count() == before


def test_no_permission_comes_with_a_copy(mina):
    from privacy.permission import may_contact

    subject = mina.subject
    first = packed(subject)
    erasing.erase(subject, acted_by=None, why="Article 17")
    take_back(CopyFile(io.BytesIO(first)))
    assert not may_contact(subject, Purpose.MARKETING_EMAIL, "email")


def test_a_copy_from_elsewhere_brings_values_and_touches_no_books(mina, settings):
    subject = mina.subject
    first = packed(subject)
    erasing.erase(subject, acted_by=None, why="Article 17")
    settings.LEDGER_SIGNING_KEY = "another store's key, long and random enough"
    settings.LEDGER_KEY_FILE = ""
    file = CopyFile(io.BytesIO(first))
    assert not file.is_ours
    outcome = take_back(file)
    assert outcome.subject != subject
    assert set(outcome.stored) >= {"accounts.Profile", "accounts.SavedAddress", "account.EmailAddress"}
    assert not OrderContact.objects.exists()
    assert not DeliveryAddress.objects.exists()
    assert not Order.objects.filter(subject__isnull=False).exists()
    assert any("orders.Order" in line for line in outcome.refused)
    assert "mina" not in " ".join(outcome.refused).lower()


def test_a_file_that_was_changed_is_refused(mina):
    content = opened(packed(mina.subject))
    changed = io.BytesIO()
    with zipfile.ZipFile(changed, "w") as other:
        for name in content.namelist():
            other.writestr(name, content.read(name).replace(b"Springfield", b"Shelbyville"))
    with pytest.raises(NotCollected, match="not as it was"):
        CopyFile(changed)
    with pytest.raises(NotCollected, match="no copy"):
        CopyFile(io.BytesIO(b"PK nothing"))


def test_the_command_says_what_it_did(mina, tmp_path, capsys):
    file = tmp_path / "copy.zip"
    file.write_bytes(packed(mina.subject))
    erasing.erase(mina.subject, acted_by=None, why="Article 17")
    call_command("import_copy", str(file))
    said = capsys.readouterr().out
    assert "accounts.Profile: 1 stored" in said
    assert "mina" not in said.lower()
    assert personal_fields(Profile)
