"""What people and staff read about things that are kept apart, and the one page that opens them."""

import datetime as dt

import pytest
from django.test import Client
from django.utils import timezone

from accounts.domain.roles import PRIVACY_OFFICER
from orders.models import OrderContact
from privacy.internal import expiring
from privacy.models import ArchiveLook, LegalHold
from tests.support import aged
from tests.support.staff import signed_in

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
    officer = signed_in(PRIVACY_OFFICER)
    page = officer.client.get(f"/admin/orders/order/{order.pk}/change/").content.decode()
    assert "kept apart until" in page
    way = f"/admin/privacy/archivelook/open/?of=orders_ordercontact&amp;belongs_to={order.pk}"
    assert way in page
    way = way.replace("&amp;", "&")
    assert "mina@example.com" not in officer.client.get(way).content.decode()
    refused = officer.client.post(way, {"law": "contract", "reason": "because"})
    assert "Nothing was shown" in refused.content.decode()
    assert not ArchiveLook.objects.exists()
    opened = officer.client.post(way, {"law": "contract", "reason": REASON})
    assert "mina@example.com" in opened.content.decode()
    assert opened["Cache-Control"] == "no-store"
    (trace,) = ArchiveLook.objects.all()
    assert (trace.reason, trace.law, trace.staff) == (REASON, "contract", officer.user.subject)
    assert "no. 3" in officer.client.get(way).content.decode()


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("query", ["", "?person=nobody", "?of=auth_group&belongs_to=1"])
def test_an_address_that_leads_nowhere_is_none(query):
    officer = signed_in(PRIVACY_OFFICER)
    assert officer.client.post(f"/admin/privacy/archivelook/open/{query}", {"law": "contract", "reason": REASON}).status_code == 404


@pytest.mark.django_db(transaction=True)
def test_what_is_not_kept_any_more_is_said():
    officer = signed_in(PRIVACY_OFFICER)
    way = "/admin/privacy/archivelook/open/?of=orders_ordercontact&belongs_to=999"
    assert "Nothing of it is kept" in officer.client.post(way, {"law": "contract", "reason": REASON}).content.decode()


@pytest.mark.django_db
def test_who_may_not_open_is_refused():
    desk = signed_in("order desk")
    assert desk.client.get("/admin/privacy/archivelook/open/").status_code == 403
    assert Client().get("/admin/privacy/archivelook/open/").status_code == 302


@pytest.mark.django_db
def test_a_hold_is_set_and_lifted_and_never_on_everything():
    officer = signed_in(PRIVACY_OFFICER)
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
    assert "never on everything" in officer.client.post(add, typed).content.decode()
    assert "This table has: email." in officer.client.post(add, typed | {"column_name": "phone"}).content.decode()
    assert "no personal values there" in officer.client.post(add, typed | {"table_name": "auth_group"}).content.decode()
    past = {"until_0": "2020-01-01", "column_name": "email"}
    assert "still to come" in officer.client.post(add, typed | past).content.decode()
    assert officer.client.post(add, typed | {"column_name": "email"}).status_code == 302
    (hold,) = LegalHold.objects.all()
    assert hold.set_by == officer.user.subject
    lifting = {"action": "lift", "_selected_action": [hold.pk]}
    officer.client.post("/admin/privacy/legalhold/", lifting)
    hold.refresh_from_db()
    assert hold.lifted_at


@pytest.mark.django_db
@pytest.mark.parametrize("page", ["erasurecertificate", "erasure", "archivelook", "legalhold"])
def test_the_lists_open(page):
    kept_apart()
    assert signed_in(PRIVACY_OFFICER).client.get(f"/admin/privacy/{page}/").status_code == 200
