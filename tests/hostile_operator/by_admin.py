"""Attempts by staff, superusers included, on the pages of the admin."""

from __future__ import annotations

from typing import Any

from allauth.mfa.models import Authenticator
from allauth.mfa.totp.internal.auth import format_hotp_value, hotp_value, yield_hotp_counters_from_time
from django.contrib import admin
from django.test import Client
from django.urls import reverse

from accounts.domain import roles, second_factor
from accounts.models import SavedAddress, User
from orders.models import DeliveryAddress, Order, OrderContact
from privacy.errors import NotPublished
from privacy.internal import policy, publishing
from privacy.internal.checks import adapters_are_used, staff_see_masks
from privacy.models import Collection, Look, RequestMessage, Subject
from tests.hostile_operator.ways import code, found_in, refused, sql, way
from tests.support.aged import ADDRESS
from tests.support.people import letter
from tests.support.staff import PASSWORD, WHY, open_form, reveal, signed_in, superuser, works_as

BY = "The admin"
EMAIL = "mina@example.com"
SECRETS = (*(value for name, value in ADDRESS.items() if name != "country"), EMAIL)


def shows_nothing(page: Any) -> None:
    text = page.content.decode()
    for value in SECRETS:
        assert value not in text, value


def of(record: Any, page: str) -> str:
    opts = record._meta
    args = [record.pk] if page != "changelist" else []
    return reverse(f"admin:{opts.app_label}_{opts.model_name}_{page}", args=args)


@way(BY, "masks")
def read_the_lists_as_a_superuser(address: DeliveryAddress, boss: Client) -> None:
    letter(sender=EMAIL)
    opened = 0
    for model in admin.site._registry:
        page = boss.get(reverse(f"admin:{model._meta.app_label}_{model._meta.model_name}_changelist"))
        opened += page.status_code == 200
        shows_nothing(page)
    assert opened > 20


@way(BY, "masks")
def read_the_pages_and_their_inlines_as_a_superuser(address: DeliveryAddress, boss: Client) -> None:
    case = letter(sender=EMAIL, body=ADDRESS["street"]).request
    order = address.order
    for record in (order, address, order.contact, order.payments.get(), case, User.objects.get()):
        page = boss.get(of(record, "change"))
        assert page.status_code == 200, record
        shows_nothing(page)


@way(BY, "`Look` before every value")
def see_a_value_without_leaving_a_trace(address: DeliveryAddress, boss: Client) -> None:
    shown = reveal(boss, address)
    assert ADDRESS["street"] in shown.content.decode()
    assert Look.objects.filter(subject=address.subject, kind="reveal").count() == 1


@way(BY, "second factor")
def sign_in_with_a_stolen_password(boss: Client, settings: Any) -> None:
    settings.STAFF_SECOND_FACTOR = True
    assert boss.get(reverse("admin:index"))["Location"].startswith(reverse("accounts:second_factor_add"))
    _secret(User.objects.get())
    thief = Client()
    for _ in range(2):
        answer = thief.post(reverse("account_login"), {"login": "boss@example.com", "password": PASSWORD})
        assert answer["Location"] == reverse("mfa_authenticate")
        assert thief.get(reverse("admin:index")).status_code == 302


@way(BY, "a code that counts once, in all processes")
def type_a_code_that_somebody_was_seen_typing(boss: Client) -> None:
    secret = _secret(User.objects.get())
    factor = Authenticator.objects.get(type=Authenticator.Type.TOTP)
    # Whatever their clocks say, the last one that was typed and those before it are spent.
    for moment in yield_hotp_counters_from_time():
        assert not second_factor.spend(factor, format_hotp_value(hotp_value(secret, moment)))


@way(BY, "superusers only; a letter to its owner")
def take_a_colleagues_second_factor_off(boss: Client) -> None:
    owner = User.objects.get()
    _secret(owner)
    asked = {"action": "take_second_factor_off", "_selected_action": [owner.pk]}
    works_as(roles.PRIVACY_OFFICER).post(reverse("admin:accounts_user_changelist"), asked)
    assert second_factor.has_second_factor(owner)


@way("SQL of the application role", "secret that is sealed with a key outside the database")
def read_the_second_factor_of_a_superuser(boss: Client) -> None:
    owner = User.objects.get()
    secret = _secret(owner)
    written = repr(sql("SELECT * FROM mfa_authenticator"))
    for value in (secret, *second_factor.unused_codes(owner)):
        assert value not in written


def _secret(owner: User) -> str:
    """The account has a second factor; what its app knows."""
    secret = second_factor.new_secret()
    assert second_factor.set_up(owner, secret, next(iter(yield_hotp_counters_from_time())) + 2)
    return secret


@way(BY, "question for the reason")
def see_a_value_without_a_reason(address: DeliveryAddress, boss: Client) -> None:
    for why in ({"reason": ""}, {"reason": "x" * 40}, {"category": ""}):
        page = reveal(boss, address, **why)
        assert page.status_code == 422
        shows_nothing(page)


@way(BY, "password typed lately")
def see_a_value_with_a_session_that_somebody_left_open(address: DeliveryAddress) -> None:
    left_open = signed_in(User.objects.create_superuser("boss@example.com", PASSWORD), seconds_ago=3600)
    for answer in (reveal(left_open, address), open_form(left_open, address)):
        assert answer["Location"].startswith(reverse("account_reauthenticate"))
    assert not Look.objects.exists()


@way(BY, "role without the right to reveal")
def see_a_value_with_a_role_that_has_no_need_of_it(address: DeliveryAddress) -> None:
    assert reveal(works_as(roles.MARKETER), address).status_code == 403


@way(BY, "refused look-ups (status 400)")
def guess_a_value_by_what_an_address_filters(address: DeliveryAddress, boss: Client) -> None:
    for model, question in (
        (OrderContact, "email__startswith=mina"),
        (DeliveryAddress, "phone__endswith=3"),
        (User, "emailaddress__email__startswith=m"),
        (User, "password__startswith=argon2"),
        (Order, "contact__email__startswith=m"),
    ):
        url = reverse(f"admin:{model._meta.app_label}_{model._meta.model_name}_changelist")
        assert boss.get(f"{url}?{question}").status_code == 400, question


@way(BY, "masked columns that sort nothing")
def guess_a_value_by_sorting_a_list(address: DeliveryAddress, boss: Client) -> None:
    listed = admin.site._registry[DeliveryAddress]
    for number, name in enumerate(listed.list_display, start=1):
        if name.startswith("masked_"):
            page = boss.get(of(address, "changelist") + f"?o={number}")
            assert page.context["cl"].get_ordering_field(name) is None


@way(BY, "search that asks for a reason")
def search_for_a_person_in_the_box_of_a_list(address: DeliveryAddress, boss: Client) -> None:
    for model, page in admin.site._registry.items():
        if page.search_fields:
            url = reverse(f"admin:{model._meta.app_label}_{model._meta.model_name}_changelist")
            found = boss.get(f"{url}?q={EMAIL}").context["cl"].result_count
            assert found == 0, model
    assert not Look.objects.exists()


@way(BY, "search that asks for a reason")
def search_for_a_person_without_a_reason(address: DeliveryAddress, boss: Client) -> None:
    page = boss.post(reverse("admin:look_find"), {**WHY, "reason": "", "wanted": EMAIL})
    assert "/admin/looks/reveal/" not in page.content.decode()


@way(BY, "no search field that leads to a value")
def ask_an_autocomplete_for_a_person(address: DeliveryAddress, boss: Client) -> None:
    for model in admin.site._registry:
        for field in model._meta.get_fields():
            if field.auto_created or field.related_model not in admin.site._registry:
                continue
            asked = {"app_label": model._meta.app_label, "model_name": model._meta.model_name, "field_name": field.name}
            answer = boss.get(reverse("admin:autocomplete"), {**asked, "term": EMAIL})
            assert answer.status_code in (403, 404) or answer.json()["results"] == [], field


@way(BY, "file that asks for a reason; `Look` for each person in it")
def take_a_list_out_as_a_file(address: DeliveryAddress, boss: Client) -> None:
    chosen = {"action": "take_out", "_selected_action": [address.pk]}
    asked = boss.post(of(address, "changelist"), chosen)
    shows_nothing(asked)
    asked = boss.post(reverse("admin:look_export", args=["orders.deliveryaddress"]), {"chosen": [address.pk]})
    assert "csv" not in asked["Content-Type"]
    shows_nothing(asked)


@way(BY, "form that is opened with a reason; history of names of fields")
def read_a_value_in_the_history(address: DeliveryAddress, boss: Client) -> None:
    open_form(boss, address)
    names = ("recipient", "phone", "country", "postal_code", "state", "city", "street", "street_2")
    values = {name: getattr(address, name) for name in names} | {"street": "1 Corrected Road"}
    assert boss.post(of(address, "change"), values).status_code == 302
    for page in (of(address, "history"), reverse("admin:index")):
        text = boss.get(page).content.decode()
        shows_nothing(boss.get(page))
        assert "Corrected Road" not in text


@way(BY, "form that is opened with a reason")
def change_a_value_without_opening_its_form(address: DeliveryAddress, boss: Client) -> None:
    boss.post(
        of(address, "change"), {"street": "1 Stolen Road", "recipient": "X", "phone": "+16502530000", "country": "US"}
    )
    address.refresh_from_db()
    assert address.street == ADDRESS["street"]


@way(BY, "trigger `privacy_gate`, and check `privacy.E009`")
def change_a_value_on_a_page_that_is_no_personal_admin(message: RequestMessage) -> None:
    message.body = "typed by staff"
    form = type("Form", (), {"changed_data": ["body"]})()
    with refused("only be written inside collecting"):
        admin.ModelAdmin(RequestMessage, admin.site).save_model(object(), message, form, change=True)
    real = admin.site._registry[SavedAddress]
    admin.site._registry[SavedAddress] = admin.ModelAdmin(SavedAddress, admin.site)
    try:
        assert "privacy.E009" in {found.id for found in adapters_are_used()}
    finally:
        admin.site._registry[SavedAddress] = real


@way(BY, "check `privacy.E027`")
def show_a_value_in_a_column_of_ones_own(message: RequestMessage) -> None:
    planted = "class OrderAdmin:\n    def buyer(self, order):\n        return order.contact.email\n"
    assert found_in(staff_see_masks, code("orders/admin.py", planted)) == {"privacy.E027"}


@way(BY, "no action that removes, no right to delete")
def remove_people_by_an_action_on_a_list(address: DeliveryAddress, boss: Client) -> None:
    chosen = {"action": "delete_selected", "_selected_action": [address.pk], "post": "yes"}
    boss.post(of(address, "changelist"), chosen)
    assert boss.post(of(address, "delete"), {"post": "yes"}).status_code == 403
    assert DeliveryAddress.objects.filter(pk=address.pk).exists()


@way(BY, "no page that asks to remove a person's record")
def read_a_value_on_a_page_that_asks_before_deleting(address: DeliveryAddress, boss: Client) -> None:
    account = User.objects.get(is_superuser=True)
    (email,) = sql("SELECT id FROM account_emailaddress WHERE user_id = %s", account.pk)[0]
    pages = [of(address, "delete"), of(account, "delete"), reverse("admin:account_emailaddress_delete", args=[email])]
    for url in pages:
        page = boss.get(url)
        assert page.status_code == 403, url
        shows_nothing(page)
        assert "boss@example.com" not in page.content.decode()


@way(BY, "pages of evidence are read only")
def change_or_remove_evidence_on_its_page(address: DeliveryAddress, boss: Client) -> None:
    reveal(boss, address)
    for record in (Collection.objects.first(), Look.objects.get()):
        assert boss.post(of(record, "change"), {"reason": "none"}).status_code == 403
        assert boss.post(of(record, "delete"), {"post": "yes"}).status_code == 403


@way(BY, "superusers only")
def give_oneself_more_rights(message: RequestMessage) -> None:
    officer = works_as(roles.PRIVACY_OFFICER)
    me = User.objects.get(is_staff=True)
    officer.post(of(me, "change"), {"is_superuser": "on", "is_staff": "on", "is_active": "on"})
    me.refresh_from_db()
    assert not me.is_superuser


@way(BY, "second person")
def publish_a_policy_alone(plant: Any) -> None:
    version = plant("2031-03-01", draft=True)
    me = Subject.objects.create(kind=Subject.Kind.EMPLOYEE)
    proposal = publishing.propose(version, drafted_by=me)
    with refused("does not publish it"):
        publishing.publish(proposal, published_by=me)
    assert version not in policy.versions()
    assert issubclass(NotPublished, Exception)


@way(BY, "letters shown as text, under a strict policy for content")
def let_a_letter_run_a_script_before_staff(boss: Client) -> None:
    attack = "<script>alert(1)</script><img src=//evil.example/x>"
    shown = reveal(boss, letter(body=attack))
    assert attack not in shown.content.decode()
    assert "&lt;script&gt;" in shown.content.decode()
    assert "script-src 'self'" in shown["Content-Security-Policy"]


@way(BY, "`Look` names the one who looked, whoever that is")
def look_in_the_name_of_a_colleague(address: DeliveryAddress, boss: Client) -> None:
    colleague = superuser("colleague@example.com")
    open_form(colleague, address)
    boss.post(of(address, "change"), {"street": "1 Stolen Road", "_look": str(Look.objects.get().pk)})
    address.refresh_from_db()
    assert address.street == ADDRESS["street"]
