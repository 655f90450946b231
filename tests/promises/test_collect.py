"""collect.contact, collect.shipping: each page that asks writes one collection, and it covers exactly what was written."""

import pytest
from allauth.account.models import EmailAddress
from django.urls import reverse

from accounts.forms import AddressForm, ProfileForm, SignUpForm
from accounts.models import Profile, SavedAddress, User
from orders.forms import CheckoutForm
from orders.models import DeliveryAddress, OrderContact
from privacy.declaration import Origin, column_key, personal_fields, personal_records, resolve
from privacy.internal import policy
from privacy.models import Collection
from tests.orders.shop import ADDRESS, buy, variant
from tests.support.pages import answer

pytestmark = pytest.mark.usefixtures("store")

PASSWORD = "long-enough-and-odd-42"


@pytest.fixture
def account(django_user_model: type[User]) -> User:
    return django_user_model.objects.create_user("mina@example.com", PASSWORD)


@pytest.fixture
def signed_in(client, account):
    client.force_login(account)
    return client


def written_under(collection: Collection) -> set[str]:
    """Every column in which a value stands that names this collection."""
    return {
        column_key(field)
        for model in personal_records()
        for record in model.objects.filter(collection=collection)
        for field in personal_fields(model, origin=Origin.PERSON)
        if getattr(record, field.attname) not in (None, "")
    }


def collects(form) -> set[str]:
    return {column_key(resolve(ref)) for ref in form.collects.values()}


def one_collection(surface: str) -> Collection:
    """The only one of this surface, made with the notice in force."""
    collection = Collection.objects.get(surface=surface)
    assert collection.policy_version == policy.current().version
    assert collection.notice_digest
    assert collection.notice_shown_at <= collection.received_at
    return collection


def test_sign_up_writes_one_collection_of_address_and_name(client):
    sent = {"email": "new@example.com", "password1": PASSWORD, "name": "Lee Jisoo"}
    assert answer(client, reverse("account_signup"), sent).status_code == 302
    collection = one_collection("web.sign_up")
    assert Collection.objects.count() == 1
    # allauth's own table carries no reference, so its address is found by its owner.
    assert EmailAddress.objects.get(user__subject=collection.subject).email == "new@example.com"
    assert written_under(collection) | {"account_emailaddress.email"} == set(collection.fields) == collects(SignUpForm)


def test_a_checkout_writes_one_collection_of_contact_and_delivery_address(client):
    order = buy(client, variant())
    collection = one_collection("web.checkout")
    assert Collection.objects.count() == 1
    assert written_under(collection) == set(collection.fields) == collects(CheckoutForm)
    assert collection.subject_id == order.subject_id
    contact, address = OrderContact.objects.get(), DeliveryAddress.objects.get()
    assert {contact.subject_id, address.subject_id} == {order.subject_id}
    assert {contact.collection_id, address.collection_id} == {collection.pk}


def test_a_second_order_is_a_second_collection_about_the_same_guest(client):
    first = buy(client, variant("A"))
    second = buy(client, variant("B"))
    assert first.subject_id == second.subject_id
    assert Collection.objects.filter(surface="web.checkout").count() == 2
    assert OrderContact.objects.values("collection").distinct().count() == 2


def test_an_address_book_entry_writes_one_collection_and_a_change_another(signed_in, account):
    response = answer(signed_in, reverse("accounts:add_address") + "?country=US", ADDRESS)
    assert response.status_code == 302, response.content.decode()
    collection = one_collection("web.address_book")
    assert written_under(collection) == set(collection.fields) == collects(AddressForm)
    address = SavedAddress.objects.get()
    assert address.subject_id == collection.subject_id == account.subject_id

    page = reverse("accounts:change_address", args=[address.pk])
    assert answer(signed_in, page, ADDRESS | {"recipient": "Mina Lee"}).status_code == 302
    address.refresh_from_db()
    assert address.recipient == "Mina Lee"
    assert address.collection_id != collection.pk
    assert Collection.objects.filter(surface="web.address_book").count() == 2


def test_a_profile_writes_one_collection(signed_in):
    sent = {"name": "Mina Kim", "phone": "+1 650 253 0000"}
    assert answer(signed_in, reverse("accounts:profile"), sent).status_code == 302
    collection = one_collection("web.account")
    assert written_under(collection) == set(collection.fields) == collects(ProfileForm)
    assert Profile.objects.get().collection_id == collection.pk


def test_the_api_writes_one_collection_with_its_own_channel(signed_in):
    token = signed_in.options("/api/v1/addresses/").json()["notice"]["token"]
    made = signed_in.post("/api/v1/addresses/", ADDRESS | {"notice": token}, content_type="application/json")
    assert made.status_code == 201, made.content
    collection = one_collection("api.addresses")
    assert collection.channel == "api"
    assert written_under(collection) == set(collection.fields) == collects(AddressForm)


def test_what_a_page_refuses_leaves_no_trace_of_the_person(client):
    for bad in ({"email": "no address"}, {"country": "XX"}, {"recipient": ""}):
        with pytest.raises(AssertionError):
            buy(client, variant(f"SKU-{len(bad)}-{next(iter(bad))}"), **bad)
    assert not Collection.objects.exists()
    assert not OrderContact.objects.exists()


def test_what_is_asked_beyond_that_is_not_kept(client):
    """A page that sends more than the form asks for: what nobody declared goes nowhere."""
    buy(client, variant(), birthday="1990-01-01", subject="x", collection="x", note="MARKER-OF-A-NOTE")
    assert written_under(Collection.objects.get()) == collects(CheckoutForm)
