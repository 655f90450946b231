"""collect.demographic: postcode, preferences and interests enter only where they are asked, each under its own statement."""

import pytest
from django.test import Client

from accounts.models import Interest, SavedAddress
from cookies import preferences
from orders.models import DeliveryAddress
from privacy.declaration import Category, Keep, Purpose, personal_fields, personal_records
from privacy.errors import NotCollected
from privacy.internal import policy
from privacy.models import Collection
from tests.preferring.test_interests import account, likes, owner, shelves, willing

__all__ = ["account", "owner", "shelves", "willing"]
pytestmark = pytest.mark.usefixtures("store")


def where(category: Category) -> set[str]:
    return {
        f"{model.__name__}.{field.name}"
        for model in personal_records()
        for field in personal_fields(model)
        if field.personal.category is category
    }


def test_interests_stand_in_one_place_for_two_purposes_that_are_permitted_each_by_itself():
    assert where(Category.INTERESTS) == {"Interest.shelf"}
    declared = Interest.shelf.field.personal
    assert declared.purposes == (Purpose.PERSONALISE, Purpose.ADVERTISING)
    assert declared.keep is Keep.ACCOUNT
    assert {policy.current().legal_basis(purpose) for purpose in declared.purposes} == {"consent"}


def test_a_postcode_stands_only_in_addresses():
    places = where(Category.POSTAL_CODE)
    assert {f"{model.__name__}.postal_code" for model in (SavedAddress, DeliveryAddress)} <= places
    assert all(place.endswith("postal_code") for place in places)


def test_interests_enter_through_their_own_collection_point_and_no_other(willing, account):
    likes(willing, "clay")
    assert Interest.objects.get().collection == Collection.objects.get(surface="web.interests")
    with pytest.raises(NotCollected, match="shelf"):
        Interest.objects.create(account=account, subject=account.subject, shelf="paper")


def test_preferences_of_a_guest_are_kept_in_their_browser_and_nowhere_else(shelves):
    browser = Client()
    from cookies import question

    browser.post("/cookies/accept/", {"notice": question.token(), "cookie_groups": "preferences"})
    assert browser.post("/preferences/", {"currency": "KRW", "interests": ["clay"]}).status_code == 302
    assert browser.cookies[preferences.COOKIE].value
    assert not Collection.objects.exists()
    assert not Interest.objects.exists()
