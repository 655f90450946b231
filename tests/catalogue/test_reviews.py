"""Reviews: written by who bought the thing, read by staff before they are shown, and gone with their photographs."""

from __future__ import annotations

import contextlib
import re
import threading

import pytest
from django.db import connection
from django.test import Client
from django.urls import reverse

from catalogue.domain import reviews
from catalogue.models import Review, ReviewPhotograph
from orders.domain import reviewing
from orders.domain.payment import finalise
from orders.models import Order
from privacy.internal import erasing, expiring
from privacy.models import Collection, ConsentEvent
from privacy.photographs import as_jpeg
from tests.orders.conftest import open_store, provider, store  # noqa: F401, fixtures
from tests.orders.fake_provider import FakeProvider
from tests.orders.shop import buy, payment_of, variant
from tests.support import aged
from tests.support.pages import hidden_inputs
from tests.support.photographs import TELLING, as_upload, taken_by_a_telephone
from tests.support.staff import superuser, works_as

SAID = {"rating": "5", "title": "Fresh", "body": "Smells of spring.", "author_name": "Mina Kim"}


def paid(browser: Client, *goods) -> Order:
    order = buy(browser, *(goods or (variant(),)))
    FakeProvider.settle(payment_of(order).intent_id)
    finalise(payment_of(order).pk)
    order.refresh_from_db()
    return order


def page_of(order: Order, slug: str = "tea-1") -> str:
    return reverse("orders:review", args=[order.number, slug])


def say(browser: Client, order: Order, *, slug: str = "tea-1", photographs=(), **changed):
    address = page_of(order, slug)
    sent = {**hidden_inputs(browser.get(address)), **SAID, **changed}
    return browser.post(address, {**sent, "photographs": [as_upload(p) for p in photographs]})


@pytest.fixture
def guest(store) -> Client:  # noqa: F811
    return Client()


@pytest.fixture
def order(guest) -> Order:
    return paid(guest)


class TestWriting:
    def test_a_guest_reviews_from_the_page_of_their_order(self, guest, order):
        assert page_of(order) in guest.get(order.get_absolute_url()).content.decode()
        answer = say(guest, order, photographs=[taken_by_a_telephone()], shows="A green tin")
        assert (answer.status_code, answer["Location"]) == (302, order.get_absolute_url())
        review = Review.objects.get()
        assert (review.rating, review.title, review.verified, review.shown_at) == (5, "Fresh", True, None)
        assert review.subject_id == order.subject_id
        photograph = review.photographs.get()
        assert photograph.shows == "A green tin"
        assert {review.collection.surface, photograph.collection.surface} == {"web.review"}

    def test_an_account_does_it_under_its_own_name(self, guest, django_user_model):
        account = django_user_model.objects.create_user("mina@example.com", "a long password")
        guest.force_login(account)
        order = paid(guest)
        assert say(guest, order).status_code == 302
        assert Review.objects.get().subject_id == account.subject_id

    def test_the_page_carries_the_notice_beside_each_field_and_the_box(self, guest, order):
        page = guest.get(page_of(order)).content.decode()
        assert page.count("Kept while your review is shown.") == 5
        assert 'name="no_marketing"' in page
        say(guest, order, no_marketing="on")
        assert set(ConsentEvent.objects.filter(surface="web.review").values_list("state", flat=True)) == {"refused"}

    def test_nobody_reviews_what_they_did_not_buy_or_pay(self, guest, order):
        variant("COFFEE")
        assert guest.get(page_of(order, "coffee")).status_code == 404
        assert Client().get(page_of(order)).status_code == 404
        assert Client().post(page_of(order), SAID).status_code == 404
        unpaid = buy(guest, variant("MILK"))
        assert guest.get(page_of(unpaid, "milk")).status_code == 404
        assert not Review.objects.exists()

    def test_one_person_says_it_once(self, guest, order):
        assert say(guest, order).status_code == 302
        again = guest.post(page_of(order), {**SAID, "notice": "x"})
        assert again.status_code == 422
        assert Review.objects.count() == 1
        assert "Take it back" in guest.get(page_of(order)).content.decode()

    def test_a_form_that_is_sent_again_makes_no_second_one(self, guest, order):
        form = hidden_inputs(guest.get(page_of(order)))
        first, second = (guest.post(page_of(order), {**form, **SAID}) for _ in range(2))
        assert (first.status_code, second.status_code) == (302, 422)
        assert "already" in second.content.decode()
        assert Review.objects.count() == 1

    @pytest.mark.parametrize("field", ["title", "body", "author_name", "shows"])
    def test_a_card_number_is_refused_and_nothing_typed_is_lost(self, guest, order, field):
        answer = say(guest, order, **{field: "4242 4242 4242 4242"})
        page = answer.content.decode()
        assert answer.status_code == 422
        assert "looks like a card number" in page
        assert "Smells of spring." in page or field == "body"
        assert not Review.objects.exists()
        assert not Collection.objects.filter(surface="web.review").exists()

    @pytest.mark.parametrize(
        ("wrong", "says"),
        [
            ({"rating": "6"}, "valid choice"),
            ({"rating": ""}, "required"),
            ({"body": ""}, "required"),
            ({"shows": "\n".join("abcde")}, "at most 4 lines"),
            ({"shows": "x" * 201}, "at most 200 signs"),
        ],
    )
    def test_what_is_wrong_is_said(self, guest, order, wrong, says):
        answer = say(guest, order, photographs=[taken_by_a_telephone()], **wrong)
        assert answer.status_code == 422
        assert says in answer.content.decode()
        assert "choose them once more" in answer.content.decode()

    def test_at_most_four_photographs_and_photographs_only(self, guest, order):
        assert say(guest, order, photographs=[taken_by_a_telephone()] * 5).status_code == 422
        assert say(guest, order, photographs=[b"%PDF-1.4"]).status_code == 422
        assert say(guest, order, photographs=[taken_by_a_telephone()] * 4).status_code == 302
        assert ReviewPhotograph.objects.count() == 4

    def test_of_a_photograph_neither_place_nor_device_nor_name_is_stored(self, guest, order):
        say(guest, order, photographs=[taken_by_a_telephone("PNG"), taken_by_a_telephone("JPEG")])
        with connection.cursor() as cursor:
            cursor.execute("SELECT t::text FROM catalogue_reviewphotograph t")
            rows = [row.encode() for (row,) in cursor.fetchall()]
        stored = [as_jpeg(jpeg) for jpeg in ReviewPhotograph.objects.values_list("jpeg", flat=True)]
        assert len(stored) == 2
        for content in (*rows, *stored):
            assert [telling for telling in TELLING if telling in content] == []


class TestShowing:
    @pytest.fixture
    def review(self, guest, order) -> Review:
        say(guest, order, photographs=[taken_by_a_telephone()] * 2, shows="A green tin\n")
        return Review.objects.get()

    def test_nothing_is_shown_before_staff_have_looked(self, guest, review):
        address = review.photographs.first().get_absolute_url()
        assert guest.get(address).status_code == 404
        assert "Smells of spring." not in guest.get("/products/tea-1/").content.decode()
        assert guest.get("/api/v1/products/tea-1/reviews/").json()["count"] == 0

    def test_then_with_stars_in_words_and_every_picture_described(self, guest, review):
        reviews.show([review])
        page = Client().get("/products/tea-1/").content.decode()
        assert "5 of 5 stars" in page
        assert "bought here" in page
        assert "Mina K." in page
        assert "Mina Kim" not in page
        alts = re.findall(r'<img src="/reviews/photographs/[^"]+" alt="([^"]*)"', page)
        assert alts == ["A green tin", "Photograph 2 of 2 by Mina K."]
        picture = Client().get(review.photographs.first().get_absolute_url())
        assert picture.status_code == 200
        assert picture["Content-Type"] == "image/jpeg"
        assert picture["X-Content-Type-Options"] == "nosniff"
        assert "max-age=300" in picture["Cache-Control"]
        assert picture.content.startswith(b"\xff\xd8")

    def test_the_page_of_a_product_reads_no_picture(self, review, django_assert_max_num_queries):
        reviews.show([review])
        Client().get("/products/tea-1/")
        with django_assert_max_num_queries(5) as asked:
            Client().get("/products/tea-1/")
        assert not any('"jpeg"' in query["sql"] for query in asked.captured_queries)

    def test_markup_is_shown_as_text(self, guest, review):
        other = paid(guest, variant("CUP"))
        say(
            guest,
            other,
            slug="cup",
            body="<script>x</script>",
            shows='"><script>',
            photographs=[taken_by_a_telephone()],
        )
        reviews.show(Review.objects.all())
        page = Client().get("/products/cup/").content.decode()
        assert "<script>x" not in page
        assert '"><script>' not in page

    def test_the_api_reads_the_same(self, review):
        reviews.show([review])
        (told,) = Client().get("/api/v1/products/tea-1/reviews/").json()["results"]
        assert (told["author"], told["rating"], told["bought_here"]) == ("Mina K.", 5, True)
        assert [p["shows"] for p in told["photographs"]] == ["A green tin", ""]
        assert told["photographs"][0]["url"].endswith(review.photographs.first().get_absolute_url())
        assert Client().get("/api/v1/products/nothing/reviews/").status_code == 404

    def test_the_author_takes_it_back_and_everything_goes_at_once(self, guest, order, review):
        reviews.show([review])
        address = review.photographs.first().get_absolute_url()
        assert Client().post(page_of(order), {"take_back": "1"}).status_code == 404
        assert guest.post(page_of(order), {"take_back": "1"}).status_code == 302
        assert not Review.objects.exists()
        assert not ReviewPhotograph.objects.exists()
        assert Client().get(address).status_code == 404
        assert guest.get(page_of(order)).status_code == 200
        assert say(guest, order).status_code == 302


class TestModerating:
    @pytest.fixture
    def review(self, guest, order) -> Review:
        say(guest, order, photographs=[taken_by_a_telephone()], shows="A green tin")
        return Review.objects.get()

    def test_staff_see_words_and_pictures_and_the_name_masked(self, review):
        staff = superuser()
        page = staff.get(reverse("admin:catalogue_review_change", args=[review.pk])).content.decode()
        address = reverse("admin:catalogue_review_photograph", args=[review.photographs.get().key])
        assert f'src="{address}"' in page
        assert "Smells of spring." in page
        assert "Mina Kim" not in page
        picture = staff.get(address)
        assert picture.content.startswith(b"\xff\xd8")
        assert "no-store" in picture["Cache-Control"]

    def test_who_may_not_see_reviews_sees_no_picture(self, review):
        address = reverse("admin:catalogue_review_photograph", args=[review.photographs.get().key])
        assert works_as("marketer", "a@example.com").get(address).status_code == 200
        assert works_as("order desk", "b@example.com").get(address).status_code == 403
        assert Client().get(address).status_code == 302

    def test_one_click_shows_and_another_hides(self, review):
        staff, listed = superuser(), reverse("admin:catalogue_review_changelist")
        for action, shown in (("show", True), ("hide", False)):
            staff.post(listed, {"action": action, "_selected_action": [review.pk]})
            review.refresh_from_db()
            assert (review.shown_at is not None) is shown


class TestTheEnd:
    @pytest.fixture
    def photograph(self, guest, order) -> ReviewPhotograph:
        say(guest, order, photographs=[taken_by_a_telephone()])
        return ReviewPhotograph.objects.get()

    def test_a_hidden_review_takes_its_photographs_with_it(self, photograph):
        reviews.hide([photograph.review])
        Review.objects.update(hidden_at=aged.days_ago(3.1))
        night = expiring.expire()
        assert not night.failed
        assert not ReviewPhotograph.objects.exists()
        assert not Review.objects.exists()
        assert {line["table"] for line in night.tally.lines()} == {"catalogue_review", "catalogue_reviewphotograph"}

    def test_an_erasure_takes_both_and_says_so(self, photograph):
        reviews.show([photograph.review])
        outcome = erasing.erase(photograph.subject, acted_by=None, why="Article 17, case 2026-11")
        tables = {line["table"] for line in outcome.tally.lines() if line["removed"]}
        assert {"catalogue_review", "catalogue_reviewphotograph"} <= tables
        assert not ReviewPhotograph.objects.exists()
        assert Client().get(photograph.get_absolute_url()).status_code == 404


def test_the_privacy_centre_tells_of_a_photograph_and_does_not_pour_it_out(guest, django_user_model):
    guest.force_login(django_user_model.objects.create_user("mina@example.com", "a long password"))
    say(guest, paid(guest), photographs=[taken_by_a_telephone()])
    page = guest.get("/privacy/").content.decode()
    assert "a photograph, " in page
    assert ReviewPhotograph.objects.get().jpeg[:80] not in page


class TestTheApi:
    ADDRESS = "/api/v1/reviews/"

    def send(self, browser: Client, placed: Order, **changed):
        token = browser.options(self.ADDRESS).json()["notice"]["token"]
        sent = {**SAID, "order": placed.number, "product": "tea-1", "notice": token, **changed}
        return browser.post(self.ADDRESS, sent)

    def test_takes_words_and_photographs_through_the_same_door(self, guest, order):
        photographs = [as_upload(taken_by_a_telephone()), as_upload(taken_by_a_telephone("WEBP"))]
        answer = self.send(guest, order, photographs=photographs, shows=["A green tin", ""])
        assert answer.status_code == 201, answer.content
        assert answer.json() == {"product": "tea-1", "rating": 5, "photographs": 2, "shown": False}
        review = Review.objects.get()
        assert review.collection.surface == "api.reviews"
        assert review.collection.channel == "api"
        assert [p.shows for p in review.photographs.all()] == ["A green tin", ""]
        assert not any(t in as_jpeg(p.jpeg) for p in review.photographs.all() for t in TELLING)

    def test_takes_json_where_there_are_no_photographs(self, guest, order):
        token = guest.options(self.ADDRESS).json()["notice"]["token"]
        sent = {**SAID, "order": order.number, "product": "tea-1", "notice": token}
        answer = guest.post(self.ADDRESS, sent, content_type="application/json")
        assert answer.status_code == 201, answer.content

    @pytest.mark.parametrize(
        ("changed", "field"),
        [
            ({"notice": "x"}, "notice"),
            ({"body": "4242 4242 4242 4242"}, "body"),
            ({"shows": ["4242 4242 4242 4242"]}, "shows"),
            ({"order": "K24-0000-0000-0000-0000"}, "order"),
            ({"product": "coffee"}, "product"),
            ({"rating": "0"}, "rating"),
        ],
    )
    def test_refuses_with_a_problem_that_names_the_field(self, guest, order, changed, field):
        answer = self.send(guest, order, **changed)
        assert answer.status_code == 400
        assert field in answer.content.decode()
        assert not Review.objects.exists()

    def test_refuses_what_is_no_photograph_and_somebody_elses_order(self, guest, order):
        assert self.send(guest, order, photographs=[as_upload(b"%PDF-1.4")]).status_code == 400
        assert self.send(Client(), order).status_code == 400
        assert not Review.objects.exists()


def test_two_forms_at_once_make_one_review(open_store, monkeypatch):  # noqa: F811
    browser = Client()
    order = paid(browser)
    form = {**hidden_inputs(browser.get(page_of(order))), **SAID}
    answers: list[int] = []
    # Both look before either writes, unless the second has to wait for the first: then nobody comes to the meeting.
    both_have_looked, look = threading.Barrier(2), reviewing.reviews.review_of

    def look_together(*args):
        found = look(*args)
        with contextlib.suppress(threading.BrokenBarrierError):
            both_have_looked.wait(2)
        return found

    monkeypatch.setattr(reviewing.reviews, "review_of", look_together)

    def send() -> None:
        same = Client()
        same.cookies = browser.cookies
        answers.append(same.post(page_of(order), form).status_code)
        connection.close()

    threads = [threading.Thread(target=send) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert sorted(answers) == [302, 422]
    assert Review.objects.count() == 1
