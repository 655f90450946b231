"""After a choice a person downloads a receipt that proves itself; what TS 27560 asks for is in it, and nothing of anybody else."""

import copy
import json
import re
import uuid

import pytest
import time_machine
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from accounts.models import User
from privacy import permission
from privacy.internal import receipt_terms, receipts, sealing
from privacy.internal.ledger import building, evidence, keys
from privacy.internal.ledger.heads import Head
from privacy.internal.ledger.tree import included, leaf_hash
from privacy.internal.receipts import Choice
from privacy.models import ConsentEvent, Subject
from privacy.models.consent import ConsentMethod, ConsentState
from privacy.notice import Notice
from tests.support.aged import ADDRESS
from tests.support.pages import hidden_inputs

pytestmark = pytest.mark.django_db

# What standards.md names as mandatory, part by part.
HEADER = {"schema_version", "record_id", "pii_principal_id"}
PURPOSE = {
    "privacy_notice", "language", "purpose", "pii_information", "pii_controllers", "storage_locations", "retention_period",
    "jurisdiction", "recipient_third_parties", "withdrawal_method", "lawful_basis", "collection_method",
}  # fmt: skip
PARTY = {"party_id", "party_name", "party_address", "party_contact", "party_type"}
EVENT = {"event_time", "validity_duration", "entity_id", "event_type", "event_state"}


def choose(subject: Subject | None = None, *, yes: bool = True, locale: str = "en") -> Choice:
    notice = Notice(asks=["marketing.communications.email"], locale=locale)
    shown = notice.answered(notice.token())
    ways = [("marketing.communications.email", "email")]
    state = ConsentState.GIVEN if yes else ConsentState.REFUSED
    subject = subject or Subject.objects.create()
    events = permission.record_choices(subject, ways, state, method="form", notice=shown, surface="web.account")
    return Choice(tuple(events))


@pytest.fixture
def signed_in(client):
    user = User.objects.create_user("mina@example.com", "long enough words")
    client.force_login(user)
    return client


def choose_on_the_page(client: Client) -> str:
    """Tick a box in the privacy centre; the address of the receipt that the next page offers."""
    page = client.get(reverse("privacy:centre"))
    box = re.search(r'name="(allow_\d+)"', page.content.decode())[1]
    client.post(reverse("privacy:choose"), {**hidden_inputs(page), box: "on"})
    return re.search(r'href="(/privacy/receipts/link/[^"]+)"', client.get(reverse("privacy:centre")).content.decode())[
        1
    ]


@pytest.mark.parametrize("locale", ["en", "ko"])
def test_the_plain_receipt_has_every_mandatory_field(locale):
    choice = choose(locale=locale)
    building.extend()
    receipt = receipts.document(choice)
    assert set(receipt) >= HEADER
    assert receipt["schema_version"] == "ISO/IEC TS 27560:2023"
    (purpose,) = receipt["pii_processing"]["purposes"]
    assert set(purpose) >= PURPOSE
    assert purpose["lawful_basis"] == "consent"
    assert purpose["language"] == locale
    assert purpose["pii_information"][0]["pii_category"] == "user.contact.email"
    assert "mailer" in purpose["recipient_third_parties"]
    parties = receipt["party_identification"]
    assert all(set(party) >= PARTY for party in parties)
    assert {"operator", *purpose["recipient_third_parties"]} == {party["party_id"] for party in parties}
    (event,) = receipt["event"]
    assert set(event) >= EVENT
    assert event["event_state"] == "given"
    for part in (receipt, purpose, event, *parties):
        assert all(value not in ("", None) for name, value in part.items()), part


def test_the_words_are_those_that_the_person_read():
    english, korean = receipts.document(choose()), receipts.document(choose(locale="ko"))
    assert english["pii_processing"]["purposes"][0]["purpose"] == "Send me news of this store by e-mail"
    assert re.search("[가-힣]", korean["pii_processing"]["purposes"][0]["purpose"])
    assert re.search("[가-힣]", korean["pii_processing"]["purposes"][0]["collection_method"])


def test_the_json_ld_speaks_dpv():
    choice = choose()
    building.extend()
    receipt = receipt_terms.document(choice)
    assert receipt["dct:conformsTo"] == {"@id": "https://w3id.org/dpv/schema/dpv-27560"}
    (process,) = receipt["dpv:hasProcess"]
    assert process["dpv:hasPurpose"][0]["skos:broader"] == [{"@id": "dpv:DirectMarketing"}]
    assert process["dpv:hasConsentStatus"][0]["@type"] == ["dpv:ConsentGiven", "dpv:ExpressedConsent"]
    assert process["dpv:hasPersonalData"][0]["skos:broader"] == {"@id": "pd:EmailAddress"}
    known = {entity["@id"] for entity in receipt["dpv:hasEntity"]}
    assert {party["@id"] for party in process["dpv:hasRecipient"]} <= known
    prefixes = set(receipt["@context"])
    for name in re.findall(r'"([a-z-]+):[A-Za-z]', json.dumps({k: v for k, v in receipt.items() if k != "@context"})):
        assert name in prefixes | {"urn", "http", "https"}, name


def test_every_purpose_and_state_has_its_dpv_term():
    from privacy.declaration import Purpose

    assert set(receipt_terms.PURPOSES) == set(Purpose)
    assert set(receipt_terms.STATES) == set(ConsentState)


@pytest.mark.parametrize("form", [receipts.document, receipt_terms.document])
def test_a_receipt_proves_itself_and_any_change_shows(form):
    for _ in range(4):
        choose()
    choice = choose()
    building.extend()
    receipt = sealing.sealed(form(choice))
    trusted = keys.trusted()
    assert sealing.is_true(json.loads(json.dumps(receipt)), trusted)
    (entry,) = receipt["ledger"]["entries"]
    head = Head.of(receipt["ledger"]["head"])
    data = entry["table"].encode() + b"\0" + bytes.fromhex(entry["nonce"]) + bytes.fromhex(entry["row"])
    path = [bytes.fromhex(step) for step in entry["path"]]
    assert head.is_signed(trusted)
    assert included(leaf_hash(data), entry["position"], head.tree_size, path, head.root_hash)
    row = dict(zip(entry["columns"], evidence.values_in(bytes.fromhex(entry["row"])), strict=True))
    assert (row["id"], row["state"], row["received_at"]) == (choice.first.pk, "given", choice.first.received_at)
    for way in _leaves_of(receipt):
        bent = copy.deepcopy(receipt)
        inner = bent
        for step in way[:-1]:
            inner = inner[step]
        inner[way[-1]] = _other(inner[way[-1]])
        assert not sealing.is_true(bent, trusted), way
    assert not sealing.is_true(receipt, {})


def _leaves_of(value, way=()):
    if isinstance(value, dict | list) and value:
        for name, inner in value.items() if isinstance(value, dict) else enumerate(value):
            yield from _leaves_of(inner, (*way, name))
    else:
        yield way


def _other(value):
    if isinstance(value, bool):
        return not value
    if isinstance(value, str):
        return value[:-1] + ("x" if value[-1:] != "x" else "y")
    return 7 if value is None or isinstance(value, list) else value + 1


def test_within_the_first_minute_the_receipt_says_that_it_waits():
    choose()
    building.extend()
    choice = choose()
    receipt = receipts.document(choice)
    assert receipt["ledger"] == {"head": None, "entries": [], "waiting": [str(choice.first.pk)]}


def test_reading_a_receipt_writes_nothing(client):
    token = receipts.token_for(choose().events)
    with CaptureQueriesContext(connection) as asked:
        for form in ("json", "jsonld"):
            assert client.get(reverse("privacy:receipt_by_link_as", args=[token, form])).status_code == 200
        assert client.get(reverse("privacy:receipt_by_link", args=[token])).status_code == 200
    assert [q["sql"] for q in asked if re.match(r"\s*(INSERT|UPDATE|DELETE)", q["sql"])] == []


def test_a_number_that_languages_write_differently_is_not_signed():
    with pytest.raises(ValueError, match="whole"):
        sealing.canonical({"share": 0.1})
    with pytest.raises(ValueError, match="ASCII"):
        sealing.canonical({"이름": 1})


def test_who_is_signed_in_finds_the_receipt_in_the_privacy_centre(signed_in):
    link = choose_on_the_page(signed_in)
    building.extend()
    event = ConsentEvent.objects.get(state="given")
    centre = signed_in.get(reverse("privacy:centre")).content.decode()
    listed = re.search(r'href="(/privacy/receipts/[0-9a-f-]{36}/)"', centre)[1]
    assert "given" in signed_in.get(listed).content.decode()
    address = reverse("privacy:receipt", args=[event.pk])
    assert str(event.pk) in signed_in.get(address).content.decode()
    for form, kind in (("json", "application/json"), ("jsonld", "application/ld+json")):
        for file in (f"{address}receipt.{form}", f"{link}receipt.{form}"):
            response = signed_in.get(file)
            assert response["Content-Type"].startswith(kind)
            assert sealing.is_true(json.loads(response.content), keys.trusted())
    plain = json.loads(signed_in.get(f"{address}receipt.json").content)
    assert {e["event_state"] for e in plain["event"]} == {"given", "refused"}


def test_one_person_cannot_open_the_receipt_of_another(signed_in, client):
    theirs = choose().first
    assert signed_in.get(reverse("privacy:receipt", args=[theirs.pk])).status_code == 404
    assert signed_in.get(reverse("privacy:receipt_as", args=[theirs.pk, "json"])).status_code == 404
    assert signed_in.get(reverse("privacy:receipt", args=[uuid.uuid4()])).status_code == 404
    stranger = Client().get(reverse("privacy:receipt", args=[theirs.pk]))
    assert stranger.status_code == 302
    assert "/accounts/login" in stranger.url


def test_what_somebody_chose_as_a_guest_is_in_their_account(signed_in):
    account = User.objects.get().subject
    guest = Subject.objects.create(merged_into=account)
    event = choose(guest).first
    assert signed_in.get(reverse("privacy:receipt", args=[event.pk])).status_code == 200


def test_a_guest_gets_a_link_right_after_an_answer_about_cookies():
    guest = Client()
    hidden = hidden_inputs(guest.get(reverse("cookies:page")))
    ticked = {"choice": "true"}
    response = guest.post(reverse("cookies:choose"), {**hidden, **ticked})
    assert 'rel="https://w3id.org/dpv#ConsentReceipt"' in response["Link"]
    # Nothing is put into the browser but the answer itself: the link travels in the address.
    assert set(guest.cookies) == {"csrftoken", "cookie_consent"}
    page = guest.get(response["Location"]).content.decode()
    assert {name for name, cookie in guest.cookies.items() if cookie.value} == {"csrftoken", "cookie_consent"}
    assert "/privacy/receipts/link/" not in guest.get(reverse("cookies:page") + "?receipt=forged").content.decode()
    link = re.search(r'href="(/privacy/receipts/link/[^"]+)"', page)[1]
    building.extend()
    receipt = json.loads(Client().get(f"{link}receipt.json").content)
    assert receipt["pii_principal_id"] == receipt["record_id"]
    assert {event["event_state"] for event in receipt["event"]} == {"refused"}
    assert sealing.is_true(receipt, keys.trusted())


def test_a_link_expires_and_cannot_be_bent():
    choice = choose()
    token = receipts.token_for(choice.events)
    page, file = (
        reverse("privacy:receipt_by_link", args=[token]),
        reverse("privacy:receipt_by_link_as", args=[token, "json"]),
    )
    client = Client()
    assert client.get(page).status_code == 200
    with time_machine.travel("2027-06-01", tick=False):
        assert client.get(page).status_code == 410
        assert client.get(file).status_code == 410
    for bent in (token[:-1], "x" + token, "a:b:c", "%00", "x" * 3000):
        assert client.get(reverse("privacy:receipt_by_link", args=[bent])).status_code == 404
    assert client.get(reverse("privacy:receipt_by_link_as", args=[token, "exe"])).status_code == 404


def test_nobody_is_offered_a_receipt_for_what_they_did_not_do_here():
    from privacy import receipts as noting

    with noting.noting() as chosen:
        permission.withdraw(Subject.objects.create(), method=ConsentMethod.MAIL)
        permission.heed_gpc(Subject.objects.create())
    assert chosen == []


def test_the_head_is_public_and_leads_from_a_receipt_to_today(client):
    assert client.get(reverse("privacy:ledger_head")).status_code in (200, 404)
    for _ in range(3):
        choose()
    old = building.extend()
    choose()
    building.extend()
    head = client.get(reverse("privacy:ledger_head")).json()
    assert Head.of(head).is_signed(
        {key["id"]: keys.PublicKey(bytes.fromhex(key["public_key"])) for key in head["keys"]}
    )
    query = {"first": old.tree_size, "second": head["tree_size"]}
    assert client.get(reverse("privacy:ledger_consistency"), query).json()["proof"]
    found = client.get(reverse("privacy:ledger_inclusion"), {"position": 0, "tree_size": head["tree_size"]}).json()
    assert len(found["leaf_hash"]) == 64


NONSENSE = [
    ("", ""),
    ("0", "1"),
    ("2", "1"),
    ("a", "b"),
    ("1", "999999999999999"),
    ("-1", "1"),
    ("1", "٣"),
    ("9" * 40, "1"),
]


@pytest.mark.parametrize(("first", "second"), NONSENSE)
def test_a_question_that_makes_no_sense_is_answered_with_a_sentence(client, first, second):
    choose()
    building.extend()
    response = client.get(reverse("privacy:ledger_consistency"), {"first": first, "second": second})
    assert response.status_code == 400
    assert response.json()["title"].endswith(".")
    path = client.get(reverse("privacy:ledger_inclusion"), {"position": f"{first}x", "tree_size": second})
    assert path.status_code == 400


def test_the_api_answers_a_choice_with_the_address_of_its_receipt(signed_in):
    token = signed_in.options("/api/v1/addresses/").json()["notice"]["token"]
    body = {**ADDRESS, "state": "IL", "postal_code": "62701", "notice": token, "no_marketing": True}
    response = signed_in.post("/api/v1/addresses/", body, content_type="application/json")
    assert response.status_code == 201, response.content
    address, _, relation = response["Link"].partition("; ")
    assert relation == 'rel="https://w3id.org/dpv#ConsentReceipt"'
    assert "messages" not in signed_in.cookies
    building.extend()
    link = re.search(r"/privacy/receipts/link/[^>]+", address)[0]
    receipt = json.loads(Client().get(f"{link}receipt.jsonld").content)
    states = {process["dpv:hasConsentStatus"][0]["@type"][0] for process in receipt["dpv:hasProcess"]}
    assert states == {"dpv:ConsentRefused"}
    assert sealing.is_true(receipt, keys.trusted())
