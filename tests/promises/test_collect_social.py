"""collect.social: what people write and show for others enters with its notice, and a photograph says nothing of where it was."""

import pytest
from django.db import connection
from django.test import Client

from catalogue.forms import ReviewForm
from catalogue.models import Review, ReviewPhotograph
from orders.models import ReturnNote
from privacy.declaration import Category, column_key, personal_fields, personal_records, resolve
from privacy.errors import NotCollected
from privacy.internal import policy
from privacy.models import Collection
from tests.catalogue.test_reviews import paid, say
from tests.support.photographs import TELLING, taken_by_a_telephone

pytestmark = pytest.mark.usefixtures("store")


def test_every_place_for_a_photograph_is_declared_and_stated():
    places = {
        f"{model.__name__}.{field.name}"
        for model in personal_records()
        for field in personal_fields(model)
        if field.personal.category is Category.SELF_IMAGE
    }
    assert places == {
        "EventPhotograph.image",
        "ReviewPhotograph.jpeg",
        *(f"ReturnNote.photograph_{n}" for n in (1, 2, 3)),
    }
    stated = [s for s in policy.current().statements if s.category == Category.SELF_IMAGE]
    assert {s.clause for s in stated} == {"collect.social"}
    assert {retention for s in stated for retention in s.retention} == {"review", "complaint", "event_photograph"}
    assert ReturnNote.photograph_1.field.personal.keep == "complaint"


def test_a_review_with_photographs_writes_one_collection_that_covers_it():
    browser = Client()
    order = paid(browser)
    assert say(browser, order, photographs=[taken_by_a_telephone()], shows="A tin").status_code == 302
    collection = Collection.objects.get(surface="web.review")
    assert set(collection.fields) == {column_key(resolve(ref)) for ref in ReviewForm.collects.values()}
    assert Review.objects.get().collection_id == ReviewPhotograph.objects.get().collection_id == collection.pk
    assert collection.subject_id == order.subject_id
    assert collection.notice_digest


def test_nothing_that_a_telephone_adds_stands_anywhere_in_the_database():
    browser = Client()
    order = paid(browser)
    say(browser, order, photographs=[taken_by_a_telephone(kind) for kind in ("JPEG", "PNG", "WEBP")])
    assert ReviewPhotograph.objects.count() == 3
    with connection.cursor() as cursor:
        for table in connection.introspection.table_names():
            cursor.execute(f'SELECT t::text FROM "{table}" t')
            for (row,) in cursor.fetchall():
                assert "Secret" not in row, table
    for photograph in ReviewPhotograph.objects.all():
        shown = Client().get(photograph.get_absolute_url())
        assert shown.status_code == 404, "nobody has looked at it yet"
        assert not any(telling in photograph.jpeg.encode() for telling in TELLING)


def test_a_photograph_does_not_enter_by_another_way():
    browser = Client()
    order = paid(browser)
    say(browser, order)
    review = Review.objects.get()
    with pytest.raises(NotCollected, match="jpeg"):
        ReviewPhotograph.objects.create(review=review, subject=review.subject, jpeg="x")
