"""What is due goes on its day and not before; what a law still keeps moves apart; the books stay whole."""

import datetime as dt
from io import StringIO

import pytest
from django.contrib.sessions.models import Session
from django.core.management import CommandError, call_command
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from accounts.models import Profile, SavedAddress, User
from catalogue.domain import reviews
from catalogue.models import Review
from marketing.domain import subscribing
from marketing.models import Subscription
from orders.models import DeliveryAddress, OrderContact, PaymentInstrument
from privacy.declaration import personal_fields
from privacy.gate import collecting
from privacy.internal import archive, expiring, remaining
from privacy.models import ErasureCertificate, LegalHold, RequestMessage, RightsRequest, Subject
from privacy.models.consent import ConsentMethod
from tests.orders.shop import variant
from tests.support import aged
from tests.support.people import letter, shown_notice

pytestmark = pytest.mark.django_db


def kept(subject):
    return {(apart.table, apart.law) for apart in archive.index([subject.pk])}


def test_an_order_keeps_its_buyer_while_goods_may_come_back():
    order = aged.order(placed_at=aged.days_ago(85))
    expiring.expire()
    assert OrderContact.objects.filter(order=order).exists()
    assert archive.index([order.subject_id]) == []


def test_after_that_only_the_law_keeps_the_buyer_and_apart():
    order = aged.order(placed_at=aged.days_ago(125))
    subject, before = order.subject, (order.number, order.total)
    expiring.expire()
    order.refresh_from_db()
    assert not OrderContact.objects.exists()
    assert not DeliveryAddress.objects.exists()
    assert not PaymentInstrument.objects.exists()
    assert (order.number, order.total, order.subject) == (*before, None)
    order.full_clean(exclude=["subject"])
    assert kept(subject) == {
        ("orders_ordercontact", "contract"),
        ("orders_deliveryaddress", "contract"),
        ("orders_order", "contract"),
        ("orders_paymentinstrument", "payment"),
    }


def test_the_archive_lets_go_five_years_after_the_order_and_not_before():
    young, old = (
        aged.order(placed_at=then).subject for then in (aged.years_ago(5, days=-2), aged.years_ago(5, days=2))
    )
    expiring.expire()
    assert len(archive.index([young.pk])) == 4
    assert archive.index([old.pk]) == []
    assert remaining.overdue() == []


def test_an_account_sees_its_orders_until_the_law_itself_lets_go():
    user = aged.account()
    recent = aged.order(placed_at=aged.years_ago(4), subject=user.subject, account=user)
    ancient = aged.order(placed_at=aged.years_ago(5, days=1), subject=user.subject, account=user)
    expiring.expire()
    recent.refresh_from_db()
    ancient.refresh_from_db()
    assert (recent.account, recent.subject) == (user, user.subject)
    assert (ancient.account, ancient.subject) == (None, None)
    assert ancient.total == 12


def test_a_closed_account_is_gone_after_the_night():
    user, other = aged.account(closed_at=aged.days_ago(0.1)), aged.account("other@example.com")
    order = aged.order(placed_at=aged.days_ago(1), subject=user.subject, account=user)
    expiring.expire()
    assert list(User.objects.all()) == [other]
    assert Profile.objects.get().account == SavedAddress.objects.get().account == other
    order.refresh_from_db()
    assert order.account is None
    assert order.subject == user.subject, "its parcel is under way"


def test_a_hidden_review_goes_after_three_days_unless_shown_again():
    product = variant().product
    made = []
    for name in ("Ann", "Bea", "Cho"):
        with collecting(surface="import.reviews", subject=Subject(), fields=personal_fields(Review)):
            made.append(Review.objects.create(product=product, author_name=name, body="Good", rating=5))
    reviews.show(made)
    reviews.hide(made[1:])
    Review.objects.exclude(hidden_at=None).update(hidden_at=aged.days_ago(2.9))
    expiring.expire()
    assert Review.objects.count() == 3
    reviews.show(made[2:])
    Review.objects.exclude(hidden_at=None).update(hidden_at=aged.days_ago(3.1))
    expiring.expire()
    assert {r.author_name for r in Review.objects.all()} == {"Ann", "Cho"}


def test_a_subscription_goes_when_the_wish_is_taken_back_or_never_confirmed():
    def ask(email):
        notice = shown_notice(Subscription.email)
        subscribing.ask(email, locale="en", notice=notice, fields=[Subscription.email])
        return Subscription.objects.get(email=email)

    def confirm(one):
        notice = shown_notice(asks=["marketing.communications.email"], opt_out_box=False)
        assert subscribing.confirm(one.token, notice=notice)

    standing, left, silent, new = (ask(f"{name}@example.com") for name in ("standing", "left", "silent", "new"))
    confirm(standing)
    confirm(left)
    subscribing.leave(left.token, method=ConsentMethod.ONE_CLICK)
    Subscription.objects.filter(pk=silent.pk).update(created_at=aged.days_ago(31))
    Subscription.objects.filter(pk=new.pk).update(created_at=aged.days_ago(29))
    expiring.expire()
    assert set(Subscription.objects.values_list("pk", flat=True)) == {standing.pk, new.pk}


def test_letters_of_closed_cases_stand_apart_after_a_month_and_their_words_go():
    message = letter(body="Please erase me")
    RightsRequest.objects.update(closed_at=aged.days_ago(31), why="erase me")
    expiring.expire()
    assert not RequestMessage.objects.exists()
    assert kept(message.subject) == {("privacy_requestmessage", "complaint")}
    assert RightsRequest.objects.get().why == ""


def test_sessions_end():
    past, future = aged.days_ago(1), timezone.now() + dt.timedelta(days=1)
    Session.objects.create(session_key="old", session_data="x", expire_date=past)
    Session.objects.create(session_key="new", session_data="x", expire_date=future)
    expiring.expire()
    assert [s.session_key for s in Session.objects.all()] == ["new"]


def test_keys_of_guests_with_nothing_left_go_and_those_with_evidence_stay():
    bare, fresh = Subject.objects.create(), Subject.objects.create()
    with_evidence = aged.order(placed_at=aged.days_ago(1)).subject
    Subject.objects.exclude(pk=fresh.pk).update(created_at=aged.days_ago(2))
    assert expiring.expire().subjects == 1
    assert set(Subject.objects.values_list("pk", flat=True)) == {fresh.pk, with_evidence.pk}
    assert bare.pk


# --- holds -------------------------------------------------------------------------------------------------------------


def hold(**what):
    until = what.pop("until", timezone.now() + dt.timedelta(days=900))
    return LegalHold.objects.create(law="Court order 2026-17", reason="evidence in a dispute", until=until, **what)


def test_a_hold_keeps_one_field_of_a_record_beyond_its_day_and_nothing_else():
    order = aged.order(placed_at=aged.years_ago(6))
    subject = order.subject
    hold(table_name="orders_deliveryaddress", column_name="street")
    expiring.expire()
    (apart,) = archive.index([subject.pk])
    assert (apart.table, apart.columns, apart.law) == ("orders_deliveryaddress", ("street",), "Court order 2026-17")


def test_a_lifted_hold_holds_nothing():
    subject = aged.order(placed_at=aged.years_ago(6)).subject
    held = hold(table_name="orders_deliveryaddress", column_name="street")
    LegalHold.objects.filter(pk=held.pk).update(lifted_at=timezone.now())
    expiring.expire()
    assert archive.index([subject.pk]) == []


def test_a_hold_on_the_record_of_one_person_is_none_on_another():
    one, other = (aged.order(placed_at=aged.years_ago(6)) for _ in range(2))
    subjects = [one.subject, other.subject]
    hold(table_name="orders_ordercontact", row_id=str(one.contact.pk))
    expiring.expire()
    assert [len(archive.index([s.pk])) for s in subjects] == [1, 0]


# --- certificates, reading back, batches ---------------------------------------------------------------------------------


def test_each_batch_is_certified_with_counts_and_no_value():
    for _ in range(5):
        aged.order(placed_at=aged.years_ago(1))
    night = expiring.expire(batch=2)
    certificates = ErasureCertificate.objects.all()
    assert night.certificates == certificates.count() == 4 * 3
    assert {line["table"] for c in certificates for line in c.counts} >= {"orders_ordercontact", "orders_order"}
    assert sum(line["moved"] for c in certificates for line in c.counts) == 20
    assert "mina" not in str([c.counts for c in certificates]).lower()


def test_a_row_that_would_not_go_is_found_and_nothing_is_certified(monkeypatch):
    aged.order(placed_at=aged.years_ago(1))
    monkeypatch.setattr("django.db.models.query.QuerySet.delete", lambda self: (0, {}))
    night = expiring.expire()
    assert set(night.failed) == {"orders_ordercontact", "orders_deliveryaddress", "orders_paymentinstrument"}
    assert OrderContact.objects.exists()
    assert [line["table"] for c in ErasureCertificate.objects.all() for line in c.counts] == ["orders_order"]
    assert archive.index(Subject.objects.values_list("pk", flat=True))[0].table == "orders_order"


def test_the_limit_ends_a_run_and_the_next_goes_on():
    for _ in range(3):
        aged.order(placed_at=aged.years_ago(1))
    night = expiring.expire(batch=1, until=ErasureCertificate.objects.exists)
    assert night.unfinished
    assert night.certificates == 1
    assert not expiring.expire().unfinished
    assert not OrderContact.objects.exists()


def test_a_batch_is_a_handful_of_statements_however_many_rows():
    for _ in range(12):
        aged.order(placed_at=aged.years_ago(1))
    with CaptureQueriesContext(connection) as queries:
        expiring.expire()
    spent = len(queries)
    for _ in range(24):
        aged.order(placed_at=aged.years_ago(1))
    with CaptureQueriesContext(connection) as queries:
        expiring.expire()
    assert len(queries) <= spent


# --- the command ---------------------------------------------------------------------------------------------------------


def said(*arguments):
    out = StringIO()
    call_command("expire", *arguments, stdout=out, stderr=out)
    return out.getvalue()


def test_a_dry_run_says_what_would_happen_and_changes_nothing():
    aged.order(placed_at=aged.days_ago(125))
    aged.order(placed_at=aged.years_ago(6))
    aged.account(closed_at=aged.days_ago(1))
    spoken = said("--dry-run")
    assert "orders_ordercontact: 1 would be removed, 1 moved apart" in spoken
    assert "account_emailaddress: 1 would be removed, 0 moved apart" in spoken
    assert OrderContact.objects.count() == 2
    assert not ErasureCertificate.objects.exists()


def test_a_dry_run_can_look_ahead_and_a_run_cannot():
    aged.order(placed_at=aged.days_ago(1))
    day = (timezone.now() + dt.timedelta(days=200)).date().isoformat()
    assert "orders_ordercontact: 0 would be removed, 1 moved apart" in said("--dry-run", "--on", day)
    with pytest.raises(CommandError, match="dry-run"):
        said("--on", day)
    with pytest.raises(CommandError, match="no day"):
        said("--dry-run", "--on", "tomorrow")


def test_the_report_names_what_is_left_and_why():
    aged.order(placed_at=aged.days_ago(125))
    aged.order(placed_at=aged.days_ago(1))
    hold(table_name="orders_ordercontact", column_name="email")
    said()
    spoken = said("--report")
    assert "orders_ordercontact: 1" in spoken
    assert "A buyer may withdraw for three months" in spoken
    assert "law_archive: orders_ordercontact: 1" in spoken
    assert "Art. 6(1) no. 2" in spoken
    assert "Court order 2026-17" in spoken
    assert "Records past their day: 0" in spoken


def test_what_is_past_its_day_is_seen():
    aged.order(placed_at=aged.days_ago(125))
    late = {one.table: one.records for one in remaining.overdue()}
    assert late["orders_ordercontact"] == 1
    assert remaining.records_overdue() == 4
    with pytest.raises(SystemExit):
        said("--report")
    expiring.expire()
    assert remaining.records_overdue() == 0
