"""What the owner of an account likes: asked where it may be used, kept through the gate, and gone with the permission."""

import pytest
from django.core.cache import cache
from django.test import Client

from accounts.models import Interest
from catalogue.models import Category
from cookies import question
from privacy.internal import erasing
from privacy.models import Collection, ConsentEvent
from tests.orders.conftest import provider, store  # noqa: F401, fixtures
from tests.orders.shop import variant
from tests.support.pages import hidden_inputs

pytestmark = pytest.mark.usefixtures("store")
PAGE = "/preferences/interests/"


def shelf(slug: str, *skus: str) -> Category:
    made = Category.objects.create(slug=slug, names={"en": slug.title(), "ko": slug})
    for sku in skus:
        goods = variant(sku)
        goods.product.category = made
        goods.product.save()
    cache.clear()
    return made


@pytest.fixture
def shelves() -> None:
    shelf("paper", "PEN", "INK")
    shelf("clay", "CUP", "BOWL")


@pytest.fixture
def account(django_user_model):
    return django_user_model.objects.create_user("mina@example.com", "a long password")


@pytest.fixture
def owner(account, shelves) -> Client:
    browser = Client()
    browser.force_login(account)
    return browser


def permit(browser: Client) -> None:
    sent = {"notice": question.token(), "cookie_groups": "preferences"}
    assert browser.post("/cookies/accept/", sent).status_code == 302


@pytest.fixture
def willing(owner) -> Client:
    permit(owner)
    return owner


def name_them(browser: Client, *slugs: str):
    form = browser.get(PAGE).context["form"]
    return browser.post(PAGE, {"interests": list(slugs), "notice": form.notice_shown.token()})


def likes(browser: Client, *slugs: str) -> None:
    assert name_them(browser, *slugs).status_code == 302


def test_nothing_is_asked_where_it_may_not_be_used(owner):
    page = owner.get(PAGE).content.decode()
    assert 'name="interests"' not in page
    assert "Permit it" in page
    token = question.token()
    assert owner.post(PAGE, {"interests": ["clay"], "notice": token}).status_code == 200
    assert not Interest.objects.exists()
    assert owner.post("/cookies/accept/", {**hidden_inputs(owner.get(PAGE)), "next": PAGE}).status_code == 302
    assert 'name="interests"' in owner.get(PAGE).content.decode()


def test_it_belongs_to_an_account(shelves):
    assert Client().get(PAGE).status_code == 302


def test_it_enters_with_its_notice_and_the_box(willing, account):
    page = willing.get(PAGE).content.decode()
    assert (
        "To remember what you like and choose which of our news to send you, if you want that. Kept until you close"
        in page
    )
    assert 'name="no_marketing"' in page
    assert "checked" not in page
    likes(willing, "clay", "paper")
    collection = Collection.objects.get(surface="web.interests")
    assert collection.fields == ["accounts_interest.shelf"]
    assert {i.shelf for i in Interest.objects.filter(collection=collection)} == {"clay", "paper"}
    likes(willing, "clay")
    assert [i.shelf for i in account.interests.all()] == ["clay"]
    likes(willing)
    assert not Interest.objects.exists()


def test_a_stale_notice_and_a_shelf_that_is_not_there_are_refused_with_a_sentence(willing):
    assert "changed" in willing.post(PAGE, {"interests": ["clay"], "notice": "x"}).content.decode()
    page = name_them(willing, "nothing")
    assert page.status_code == 422
    assert "valid choice" in page.content.decode()
    assert not Interest.objects.exists()


def test_it_shapes_the_front_page_and_says_why(willing):
    likes(willing, "clay")
    page = willing.get("/").content.decode()
    assert "Because you like Clay" in page
    assert willing.get("/").context["liked_first"][0]["slug"] == "clay"
    (shown,) = willing.get("/").context["suggested"]
    assert {card.slug for card in shown.cards} == {"cup", "bowl"}


def test_another_browser_of_the_account_uses_it_only_with_a_permission_of_its_own(willing, account):
    likes(willing, "clay")
    other = Client()
    other.force_login(account)
    assert "Because you like" not in other.get("/").content.decode()
    permit(other)
    assert "Because you like" in other.get("/").content.decode()


def test_one_button_on_the_front_page_ends_it_and_takes_it_out_of_the_account(willing, account):
    likes(willing, "clay")
    page = willing.get("/")
    stop = {name: hidden_inputs(page)[name] for name in ("cookie_groups", "notice", "next")}
    assert willing.post("/cookies/decline/", stop).status_code == 302
    after = willing.get("/")
    assert "Because you like" not in after.content.decode()
    assert not account.interests.exists()
    last = ConsentEvent.objects.filter(purpose="personalize.content").latest("received_at")
    assert (last.state, last.subject_id) == ("withdrawn", account.subject_id)


def test_a_no_of_somebody_else_takes_nothing_out(willing, account, django_user_model):
    likes(willing, "clay")
    stranger = Client()
    stranger.force_login(django_user_model.objects.create_user("other@example.com", "a long password"))
    stranger.post("/cookies/decline/", {"notice": question.token(), "all_groups": "true"})
    assert account.interests.count() == 1


def test_it_goes_with_the_person(willing, account):
    likes(willing, "clay")
    erasing.erase(account.subject, acted_by=None, why="Article 17, case 2026-12")
    assert not Interest.objects.exists()


def test_who_is_signed_in_has_one_place_for_it(willing):
    assert "interests" not in willing.get("/preferences/").context["form"].fields
    assert PAGE in willing.get("/preferences/").content.decode()
    assert PAGE in willing.get("/accounts/").content.decode()
