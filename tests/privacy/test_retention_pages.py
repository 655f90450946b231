"""What people and staff read about things that are kept apart, and the one page that opens them."""

import datetime as dt

import pytest
from django.test import Client
from django.utils import timezone

from accounts.domain.roles import ORDER_DESK, PRIVACY_OFFICER
from orders.models import OrderContact
from privacy.internal import expiring
from privacy.models import ArchiveLook, LegalHold
from tests.support import aged
from tests.support.staff import works_as

REASON = "Tax audit, file seventeen"


def kept_apart(**extra):
    order = aged.order(placed_at=aged.days_ago(125), **extra)
    expiring.expire()
    return order


@pytest.mark.django_db
def test_the_buyer_reads_that_the_details_are_kept_apart_and_until_when(client):
    user = aged.account()
    order = kept_apart(subject=user.subject, account=user)
    client.force_login(user)
    page = client.get(order.get_absolute_url()).content.decode()
    assert "We keep the name and the addresses of this order apart until" in page
    centre = client.get("/privacy/").content.decode()
    assert "Kept only because a law says so" in centre
    assert "Art. 6(1) no. 2" in centre
    assert "E-mail address" in centre
    assert "mina@example.com" not in page


@pytest.mark.django_db
def test_the_buyer_reads_that_the_details_are_gone(client):
    user = aged.account()
    order = aged.order(placed_at=aged.days_ago(1), subject=user.subject, account=user)
    OrderContact.objects.all().delete()
    client.force_login(user)
    assert "have been removed" in client.get(order.get_absolute_url()).content.decode()


@pytest.mark.django_db
def test_whose_values_are_all_in_use_reads_nothing_of_the_archive(client):
    user = aged.account()
    client.force_login(user)
    assert "Kept only because a law says so" not in client.get("/privacy/").content.decode()


@pytest.mark.django_db(transaction=True)
def test_an_officer_opens_the_archive_from_the_order_and_leaves_a_trace():
    order = kept_apart()
    officer = works_as(PRIVACY_OFFICER)
    page = officer.get(f"/admin/orders/order/{order.pk}/change/").content.decode()
    assert "kept apart until" in page
    way = f"/admin/privacy/archivelook/open/?of=orders_ordercontact&amp;belongs_to={order.pk}"
    assert way in page
    way = way.replace("&amp;", "&")
    assert "mina@example.com" not in officer.get(way).content.decode()
    refused = officer.post(way, {"law": "contract", "reason": "because"})
    assert "Nothing was shown" in refused.content.decode()
    assert not ArchiveLook.objects.exists()
    opened = officer.post(way, {"law": "contract", "reason": REASON})
    assert "mina@example.com" in opened.content.decode()
    assert "no-store" in opened["Cache-Control"]
    (trace,) = ArchiveLook.objects.all()
    assert (trace.reason, trace.law, trace.staff.account.is_staff) == (REASON, "contract", True)
    assert "no. 3" in officer.get(way).content.decode()


@pytest.mark.django_db(transaction=True)
def test_an_address_that_leads_nowhere_says_so():
    officer, way, said = (
        works_as(PRIVACY_OFFICER),
        "/admin/privacy/archivelook/open/",
        {"law": "contract", "reason": REASON},
    )
    for query in ("", "?person=nobody", "?of=auth_group&belongs_to=1", "?of=orders_ordercontact%00&belongs_to=1"):
        assert officer.post(way + query, said).status_code in (400, 404), query
    gone = officer.post(f"{way}?of=orders_ordercontact&belongs_to=999", said)
    assert "Nothing of it is kept" in gone.content.decode()
    assert officer.post(f"{way}?of=orders_ordercontact&belongs_to=%00", said).status_code < 500


@pytest.mark.django_db
def test_who_may_not_open_is_refused():
    desk = works_as(ORDER_DESK)
    assert desk.get("/admin/privacy/archivelook/open/").status_code == 403
    assert Client().get("/admin/privacy/archivelook/open/").status_code == 302


@pytest.mark.django_db
def test_a_hold_is_set_and_lifted_and_never_on_everything():
    officer = works_as(PRIVACY_OFFICER)
    typed = {
        "table_name": "orders_ordercontact",
        "column_name": "",
        "row_id": "",
        "law": "Court order 1",
        "reason": "a dispute",
        "until_0": (timezone.localdate() + dt.timedelta(days=9)).isoformat(),
        "until_1": "10:00",
    }
    add = "/admin/privacy/legalhold/add/"
    assert "never on everything" in officer.post(add, typed).content.decode()
    assert "This table has: email." in officer.post(add, typed | {"column_name": "phone"}).content.decode()
    assert "no personal values there" in officer.post(add, typed | {"table_name": "auth_group"}).content.decode()
    past = {"until_0": "2020-01-01", "column_name": "email"}
    assert "still to come" in officer.post(add, typed | past).content.decode()
    assert officer.post(add, typed | {"column_name": "email"}).status_code == 302
    (hold,) = LegalHold.objects.all()
    assert hold.set_by.account.is_staff
    lifting = {"action": "lift", "_selected_action": [hold.pk]}
    officer.post("/admin/privacy/legalhold/", lifting)
    hold.refresh_from_db()
    assert hold.lifted_at


@pytest.mark.django_db
@pytest.mark.parametrize("page", ["erasurecertificate", "erasure", "archivelook", "legalhold"])
def test_the_lists_open(page):
    kept_apart()
    assert works_as(PRIVACY_OFFICER).get(f"/admin/privacy/{page}/").status_code == 200
