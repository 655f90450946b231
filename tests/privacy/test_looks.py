"""Staff see a value whole only after a reason was written down; the person reads who, when, what and why."""

from __future__ import annotations

import re
from typing import Any

import pytest
from django.contrib import admin
from django.db import DatabaseError, connection, transaction
from django.test import Client
from django.urls import reverse

from accounts.domain import roles
from accounts.models import Profile, User
from orders.models import DeliveryAddress
from privacy.declaration import Origin, personal_fields
from privacy.gate import collecting
from privacy.internal import looking
from privacy.internal.desk import identifying
from privacy.models import Look, Subject
from privacy.staff import leads_to_a_secret
from tests.orders.conftest import provider, store  # noqa: F401, fixtures
from tests.orders.shop import ADDRESS, CONTACT, buy, variant
from tests.support.people import letter
from tests.support.staff import PASSWORD, WHY, open_form, reveal, superuser, works_as

pytestmark = pytest.mark.usefixtures("store")


@pytest.fixture
def address(client: Client) -> DeliveryAddress:
    return buy(client, variant()).delivery_address


def change_page(record: Any) -> str:
    return reverse(f"admin:{record._meta.app_label}_{record._meta.model_name}_change", args=[record.pk])


class TestRevealing:
    def test_opening_the_page_shows_nothing_and_writes_nothing(self, address: DeliveryAddress) -> None:
        boss = superuser()
        page = boss.get(reverse("admin:look_reveal", args=["orders.deliveryaddress", address.pk]))
        assert page.status_code == 200
        assert ADDRESS["street"] not in page.content.decode()
        assert not Look.objects.exists()

    def test_a_reason_shows_the_record_once_and_leaves_a_look_without_a_value(self, address: DeliveryAddress) -> None:
        boss = superuser()
        shown = reveal(boss, address)
        assert ADDRESS["street"] in shown.content.decode()
        assert "no-store" in shown["Cache-Control"]
        look = Look.objects.get()
        assert (look.subject, look.kind, look.category) == (address.subject, Look.Kind.REVEAL, WHY["category"])
        assert look.staff == User.objects.get(is_superuser=True).subject
        assert look.records == [f"orders.DeliveryAddress:{address.pk}"]
        assert "orders_deliveryaddress.street" in look.fields
        written = " ".join(str(getattr(look, field.attname)) for field in Look._meta.concrete_fields)
        for value in (*ADDRESS.values(), CONTACT["email"]):
            assert len(value) < 3 or value not in written
        # Once: the record's own page is masked as before, for the same superuser.
        assert ADDRESS["street"] not in boss.get(change_page(address)).content.decode()

    @pytest.mark.parametrize(
        "why",
        [
            {"reason": ""},
            {"reason": "short"},
            {"reason": "aaaaaaaaaaaaaaaa"},
            {"reason": "......................"},
            {"category": ""},
            {"category": "curiosity"},
            {"reason": "because of somebody@example.com"},
            {"reason": "call back +82 10 1234 5678 today"},
            {"reason": "the parcel of Mina Kim came back"},
        ],
    )
    def test_no_reason_no_value_no_look(self, address: DeliveryAddress, why: dict[str, str]) -> None:
        refused = reveal(superuser(), address, **why)
        assert refused.status_code == 422
        assert ADDRESS["street"] not in refused.content.decode()
        assert not Look.objects.exists()

    def test_what_cannot_be_written_down_is_not_shown(
        self, address: DeliveryAddress, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        def full_disk(*_args: Any, **_kwargs: Any) -> None:
            raise DatabaseError("no space left")

        boss = superuser()
        boss.raise_request_exception = False
        monkeypatch.setattr(Look.objects, "bulk_create", full_disk)
        answer = reveal(boss, address)
        assert answer.status_code == 500
        assert ADDRESS["street"] not in answer.content.decode()

    def test_a_letter_is_masked_until_its_case_is_named(self) -> None:
        message, boss = letter(sender="sad@example.com", body="Something private"), superuser()
        page = boss.get(reverse("admin:privacy_rightsrequest_change", args=[message.request_id])).content.decode()
        assert "Something private" not in page
        assert "sad@example.com" not in page
        asked = boss.get(reverse("admin:look_reveal", args=["privacy.requestmessage", message.pk])).content.decode()
        assert f"Answering case {str(message.request_id)[:8]}" in asked
        assert "Something private" in reveal(boss, message).content.decode()

    def test_only_what_is_masked_can_be_revealed(self) -> None:
        boss = superuser()
        for label in ("orders.order", "accounts.user", "privacy.look", "no.such", "nonsense"):
            assert boss.get(reverse("admin:look_reveal", args=[label, "1"])).status_code == 404, label
        for key in ("0", "x", "9" * 40, "-1"):
            assert reveal(boss, Deleted(key)).status_code == 404, key


class Deleted:
    """The address of a record that is not there."""

    def __init__(self, key: str) -> None:
        self.pk, self._meta = key, DeliveryAddress._meta


class TestWhoMay:
    def test_the_order_desk_reveals_an_address_and_no_letter(self, address: DeliveryAddress) -> None:
        desk, message = works_as(roles.ORDER_DESK), letter()
        assert ADDRESS["street"] in reveal(desk, address).content.decode()
        assert reveal(desk, message).status_code == 403
        assert Look.objects.get().role == roles.ORDER_DESK

    @pytest.mark.parametrize("role", [roles.MARKETER, roles.CATALOGUE_EDITOR])
    def test_who_has_no_need_reveals_finds_and_exports_nothing(self, address: DeliveryAddress, role: str) -> None:
        browser = works_as(role)
        assert reveal(browser, address).status_code == 403
        assert browser.get(reverse("admin:look_find")).status_code == 403
        assert browser.post(reverse("admin:look_export", args=["marketing.subscription"]), WHY).status_code == 403
        assert open_form(browser, address).status_code == 403
        assert not Look.objects.exists()

    def test_shoppers_and_strangers_find_none_of_the_pages(self, address: DeliveryAddress, client: Client) -> None:
        client.force_login(User.objects.create_user("shopper@example.com", PASSWORD))
        for browser in (client, Client()):
            assert reveal(browser, address).status_code == 302
            assert browser.post(reverse("admin:look_find"), {**WHY, "wanted": "mina"}).status_code == 302
        assert not Look.objects.exists()


class TestFinding:
    def find(self, browser: Client, wanted: str, **why: str) -> Any:
        return browser.post(reverse("admin:look_find"), {**WHY, **why, "wanted": wanted})

    @pytest.mark.parametrize("wanted", ["MINA@example.com", "650 253 0000", "+1-650-253-0000", "mina k"])
    def test_everybody_whom_a_search_shows_has_a_look_of_their_own(self, wanted: str) -> None:
        people = {buy(Client(), variant(f"TEA-{n}")).subject_id for n in range(3)}
        page = self.find(superuser(), wanted)
        assert page.status_code == 200
        looks = Look.objects.filter(kind=Look.Kind.SEARCH)
        assert {look.subject_id for look in looks} == people
        assert len(looks) == 3
        text = page.content.decode()
        assert text.count("/admin/looks/reveal/") == 3
        for value in (CONTACT["email"], ADDRESS["street"], ADDRESS["recipient"], "6502530000"):
            assert value not in text

    def test_without_a_reason_a_search_shows_no_result(self, address: DeliveryAddress) -> None:
        page = self.find(superuser(), CONTACT["email"], reason="")
        assert page.status_code == 422
        assert "/admin/looks/reveal/" not in page.content.decode()
        assert not Look.objects.exists()

    def test_what_is_looked_for_never_stands_in_an_address(self, address: DeliveryAddress) -> None:
        boss = superuser()
        asked = boss.get(
            reverse("admin:look_find") + f"?wanted={CONTACT['email']}&category=letter&reason={WHY['reason']}"
        )
        assert "/admin/looks/reveal/" not in asked.content.decode()
        assert CONTACT["email"] not in asked.content.decode()
        assert re.search(r'<form method="post"', asked.content.decode())

    def test_whoever_finds_sees_only_their_own_rooms(self, address: DeliveryAddress) -> None:
        letter(sender=CONTACT["email"])
        text = self.find(works_as(roles.ORDER_DESK), CONTACT["email"]).content.decode()
        assert "orders.ordercontact" in text
        assert "requestmessage" not in text

    def test_a_search_that_finds_half_the_town_shows_nobody(
        self, address: DeliveryAddress, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        buy(Client(), variant("TEA-2"))
        monkeypatch.setattr(looking, "MOST_FOUND", 1)
        page = self.find(superuser(), "mina")
        assert page.status_code == 422
        assert not Look.objects.exists()

    def test_no_list_of_the_admin_finds_a_person_by_its_search_or_its_address(self, address: DeliveryAddress) -> None:
        """For every registered model: no search field and no parameter asks about a value that the page masks."""
        boss, asked = superuser(), 0
        for model, page in admin.site._registry.items():
            request = type("Request", (), {"user": User.objects.get(is_superuser=True), "GET": {}})()
            for name in page.get_search_fields(request):
                assert not leads_to_a_secret(model, name), (model, name)
            for field in personal_fields(model, origin=Origin.PERSON):
                asked += 1
                url = reverse(f"admin:{model._meta.app_label}_{model._meta.model_name}_changelist")
                assert boss.get(f"{url}?{field.name}__startswith=m").status_code == 400, (model, field)
        assert asked >= 20
        assert boss.get("/admin/accounts/user/?password__startswith=argon2").status_code == 400
        assert boss.get("/admin/accounts/user/?emailaddress__email__startswith=m").status_code == 400

    def test_no_list_is_sorted_by_what_it_masks(self, address: DeliveryAddress) -> None:
        for model, page in admin.site._registry.items():
            for field in personal_fields(model, origin=Origin.PERSON):
                column = getattr(page, f"masked_{field.name}", None)
                assert getattr(column, "admin_order_field", None) is None, (model, field)


class TestExport:
    def ask(self, browser: Client, *records: Any, **why: str) -> Any:
        opts = records[0]._meta
        return browser.post(
            reverse("admin:look_export", args=[opts.label_lower]), {"chosen": [r.pk for r in records], **why}
        )

    def test_the_action_of_a_list_asks_before_it_gives_a_file(self, address: DeliveryAddress) -> None:
        boss = superuser()
        listed = reverse("admin:orders_deliveryaddress_changelist")
        page = boss.post(listed, {"action": "take_out", "_selected_action": [address.pk]})
        assert page.status_code == 200
        assert page["Content-Type"].startswith("text/html")
        assert ADDRESS["street"] not in page.content.decode()
        assert not Look.objects.exists()
        assert f'name="chosen" value="{address.pk}"' in page.content.decode()

    def test_a_file_has_a_look_for_each_person_in_it(self) -> None:
        first, second = (buy(Client(), variant(f"TEA-{n}")).delivery_address for n in range(2))
        answer = self.ask(superuser(), first, second, **WHY)
        assert answer["Content-Type"].startswith("text/csv")
        assert {"no-store", "private"} <= set(answer["Cache-Control"].split(", "))
        text = answer.content.decode()
        assert text.count(ADDRESS["street"]) == 2
        # A phone number is no formula.
        assert "'+16502530000" in text
        looks = Look.objects.filter(kind=Look.Kind.EXPORT)
        assert {look.subject_id for look in looks} == {first.subject_id, second.subject_id}

    def test_no_reason_no_file(self, address: DeliveryAddress) -> None:
        for why in ({}, {**WHY, "reason": "no"}):
            answer = self.ask(superuser("a@example.com") if not why else superuser(), address, **why)
            assert answer["Content-Type"].startswith("text/html")
            assert ADDRESS["street"] not in answer.content.decode()
        assert not Look.objects.exists()

    def test_the_order_desk_takes_no_file_out(self, address: DeliveryAddress) -> None:
        desk = works_as(roles.ORDER_DESK)
        assert self.ask(desk, address, **WHY).status_code == 403
        assert "take_out" not in desk.get(reverse("admin:orders_deliveryaddress_changelist")).content.decode()


class TestChanging:
    SENT = ("recipient", "phone", "country", "postal_code", "state", "city", "street", "street_2")

    def send(self, browser: Client, address: DeliveryAddress) -> Any:
        values = {name: getattr(address, name) for name in self.SENT} | {"street": "1 Corrected Road"}
        return browser.post(change_page(address), values, follow=True)

    def test_the_form_opens_for_a_reason_and_saves_while_that_is_fresh(self, address: DeliveryAddress) -> None:
        boss = superuser()
        form = open_form(boss, address, category="correction").content.decode()
        assert f'value="{ADDRESS["street"]}"' in form
        assert Look.objects.get().kind == Look.Kind.EDIT
        self.send(boss, address)
        address.refresh_from_db()
        assert address.street == "1 Corrected Road"
        history = boss.get(reverse("admin:orders_deliveryaddress_history", args=[address.pk])).content.decode()
        assert "Changed Street address." in history
        assert "Corrected Road" not in history

    def test_a_form_that_was_never_opened_saves_nothing(self, address: DeliveryAddress) -> None:
        page = self.send(superuser(), address)
        address.refresh_from_db()
        assert address.street == ADDRESS["street"]
        assert "Nothing was saved" in page.content.decode()

    def test_the_reason_of_somebody_else_or_of_another_record_opens_nothing(self, address: DeliveryAddress) -> None:
        other = buy(Client(), variant("TEA-2")).delivery_address
        boss = superuser()
        open_form(superuser("colleague@example.com"), address)
        open_form(boss, other)
        reveal(boss, address)
        self.send(boss, address)
        address.refresh_from_db()
        assert address.street == ADDRESS["street"]

    def test_an_old_reason_opens_nothing(self, address: DeliveryAddress, monkeypatch: pytest.MonkeyPatch) -> None:
        boss = superuser()
        open_form(boss, address)
        monkeypatch.setattr(looking, "EDIT_WITHIN", -looking.EDIT_WITHIN)
        self.send(boss, address)
        address.refresh_from_db()
        assert address.street == ADDRESS["street"]

    def test_nobody_removes_a_record_about_a_person_by_hand(self, address: DeliveryAddress) -> None:
        boss = superuser()
        for model, page in admin.site._registry.items():
            if not personal_fields(model, origin=Origin.PERSON):
                continue
            opts = model._meta
            assert boss.get(reverse(f"admin:{opts.app_label}_{opts.model_name}_delete", args=["1"])).status_code == 403
            assert "delete_selected" not in page.get_actions(type("R", (), {"user": User.objects.first(), "GET": {}})())

    def test_a_correction_of_a_case_shows_its_values_for_a_reason(self) -> None:
        person = Subject.objects.create()
        account = User.objects.create_user("mina@example.com", PASSWORD, subject=person)
        with collecting(surface="staff.console", subject=person, fields=[Profile.name]):
            profile = Profile.objects.create(account=account, name="Minna Kim")
        case = letter(sender="mina@example.com", subject=person).request
        boss, url = superuser(), reverse("admin:privacy_rightsrequest_correct", args=[case.pk])
        checked_by = Subject.objects.create(kind=Subject.Kind.EMPLOYEE)
        identifying.record_check(case, person=person, seen="shown_in_person", staff=checked_by)
        assert "Minna Kim" not in boss.get(url).content.decode()
        key = f"accounts.Profile:{profile.pk}:name"
        sent = {key: "Mina Kim"}
        assert "Minna Kim" not in boss.post(url, sent).content.decode()
        assert "Minna Kim" in boss.post(url, {**WHY, "category": "correction"}).content.decode()
        assert Look.objects.get().kind == Look.Kind.EDIT
        boss.post(url, sent)
        profile.refresh_from_db()
        assert profile.name == "Mina Kim"


class TestThePerson:
    def test_reads_who_when_what_and_why_and_not_by_name(self, client: Client) -> None:
        account = User.objects.create_user("mina@example.com", PASSWORD)
        client.force_login(account)
        order = buy(client, variant())
        reveal(works_as(roles.ORDER_DESK, "park@example.com"), order.delivery_address, category="order")
        page = client.get(reverse("privacy:centre")).content.decode()
        section = page[page.index('id="looks-title"') :]
        assert "order desk" in section
        assert "Sending an order or taking it back" in section
        assert WHY["reason"] in section
        assert "street address" in section
        staff = User.objects.get(is_staff=True)
        for name in ("park@example.com", str(staff.handle)[:8], str(staff.subject_id)[:8]):
            assert name not in section

    def test_sees_nothing_of_other_people(self, client: Client) -> None:
        reveal(superuser(), buy(Client(), variant()).delivery_address)
        client.force_login(User.objects.create_user("other@example.com", PASSWORD))
        assert "Nobody has looked at your data" in client.get(reverse("privacy:centre")).content.decode()

    def test_sees_what_was_looked_at_when_they_still_were_a_guest(self, client: Client) -> None:
        order = buy(Client(), variant())
        reveal(superuser(), order.delivery_address)
        account = User.objects.create_user("mina@example.com", PASSWORD)
        Subject.objects.filter(pk=order.subject_id).update(merged_into=account.subject)
        client.force_login(account)
        assert WHY["reason"] in client.get(reverse("privacy:centre")).content.decode()


class TestTheTrail:
    @pytest.mark.parametrize("sql", ["UPDATE privacy_look SET reason = 'something else'", "DELETE FROM privacy_look"])
    def test_stays_as_it_was_written(self, address: DeliveryAddress, sql: str) -> None:
        reveal(superuser(), address)
        with pytest.raises(DatabaseError), transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(sql)
        assert Look.objects.count() == 1

    def test_goes_into_the_ledger(self, address: DeliveryAddress) -> None:
        reveal(superuser(), address)
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT count(*) FROM pg_trigger WHERE tgname = 'privacy_leaf' AND tgrelid = 'privacy_look'::regclass"
            )
            assert cursor.fetchone() == (1,)

    def test_is_read_by_those_who_watch_the_staff(self, address: DeliveryAddress) -> None:
        reveal(superuser(), address)
        officer = works_as(roles.PRIVACY_OFFICER)
        page = officer.get(reverse("admin:privacy_look_changelist")).content.decode()
        assert WHY["reason"] in page
        assert officer.get(reverse("admin:privacy_look_change", args=[Look.objects.get().pk])).status_code == 200
