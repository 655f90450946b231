"""A value that only a law keeps is never rewritten: the right one stands beside it, and whoever opens the archive sees both."""

from __future__ import annotations

import pytest
from django.core.exceptions import ValidationError
from django.urls import reverse

from accounts.domain.roles import PRIVACY_OFFICER
from privacy.internal import archive, expiring, whereabouts
from privacy.internal.desk import correcting, kept_apart
from privacy.models import Correction, Look
from tests.support import aged
from tests.support.desk import asked, confirmed, customer
from tests.support.staff import WHY, works_as

pytestmark = pytest.mark.django_db(transaction=True)
REASON = "The tax office asked for it, letter 2026-17"


@pytest.fixture
def mina():
    """An account whose order of two years ago stands in the law's archive, with a misspelt street."""
    user = customer(name="Mina Kim")
    aged.order(placed_at=aged.years_ago(2), subject=user.subject, account=user)
    expiring.expire()
    assert archive.index(whereabouts.family(user.subject))
    return user


def archived():
    return aged.as_owner("SELECT table_name, row_id, personal_values::text FROM law_archive.kept ORDER BY id")


def street_of(case):
    (street,) = [apart for apart in kept_apart.values_of(case) if apart.column == "orders_deliveryaddress.street"]
    return street


def test_the_right_value_stands_beside_and_the_archive_is_as_it_was(mina):
    case = confirmed(asked())
    before = archived()
    street = street_of(case)
    correcting.apply_correction(case, {street.key: "1600 Right Street"}, staff=None)
    assert archived() == before
    item = Correction.objects.get()
    assert (item.outcome, item.value, item.record) == ("beside", "1600 Right Street", street.label)
    assert item.subject == mina.subject
    assert kept_apart.beside("orders_deliveryaddress", street.row_id) == {"street": "1600 Right Street"}
    case.refresh_from_db()
    assert case.state == "fulfilled"


def test_nothing_of_anybody_is_offered_before_it_is_certain_who_asks(mina):
    case = asked()
    assert kept_apart.values_of(case) == []
    stranger = confirmed(asked(sender="eve@example.com"), to="eve@example.com")
    assert kept_apart.values_of(stranger) == []


def test_what_the_payment_provider_told_is_not_offered_and_a_card_number_is_no_correction(mina):
    case = confirmed(asked())
    assert not any("paymentinstrument" in apart.column for apart in kept_apart.values_of(case))
    with pytest.raises(ValidationError):
        correcting.apply_correction(case, {street_of(case).key: "4111 1111 1111 1111"}, staff=None)
    assert not Correction.objects.exists()


def test_staff_type_it_without_seeing_the_value_and_the_archive_shows_both(mina):
    case = confirmed(asked())
    street = street_of(case)
    staff = works_as(PRIVACY_OFFICER)
    address = reverse("admin:privacy_rightsrequest_correct", args=[case.pk])
    page = staff.post(address, WHY).content.decode()
    assert "What only a law keeps" in page
    wrong = next(values for table, _row, values in archived() if table == "orders_deliveryaddress")
    assert aged.ADDRESS["street"] in wrong
    part = page[page.index("What only a law keeps") :]
    assert aged.ADDRESS["street"] not in part
    staff.post(address, {street.key: "1600 Right Street"})
    assert Correction.objects.get().value == "1600 Right Street"
    assert Look.objects.exists()
    opened = staff.post(
        f"{reverse('admin:privacy_archivelook_open')}?person={mina.subject_id}", {"law": "contract", "reason": REASON}
    ).content.decode()
    assert aged.ADDRESS["street"] in opened
    assert "is right as: 1600 Right Street" in opened
