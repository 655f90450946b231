"""Erasing a person: gone is what no law keeps, apart is what one does, and the answer says which."""

import datetime as dt

import pytest
from django.contrib.sessions.backends.db import SessionStore
from django.contrib.sessions.models import Session
from django.utils import timezone

from accounts.domain.closing import close_account
from accounts.models import Profile, User
from catalogue.models import Review
from marketing.domain import subscribing
from marketing.models import Subscription
from orders.models import DeliveryAddress, Order, OrderContact
from orders.models.order import PARCEL_ARRIVES_WITHIN
from orders.payment.provider import Forgotten
from privacy import outbox
from privacy.declaration import Purpose, personal_fields
from privacy.errors import NotErased
from privacy.gate import collecting, disclose
from privacy.internal import archive, erasing, erasing_report, expiring, forgetting, whereabouts
from privacy.models import (
    Effect,
    Erasure,
    ErasureCertificate,
    ErasureNotice,
    Preference,
    RequestMessage,
    RightsRequest,
    Subject,
)
from privacy.models.consent import ConsentState
from privacy.permission import may_contact
from privacy.signals import erased, handed_over_as
from tests.orders.fake_courier import FakeCourier
from tests.orders.shop import variant
from tests.support import aged
from tests.support.people import letter, shown_notice

pytestmark = pytest.mark.django_db
WHY = "Article 17, case 2026-11"


def erase(subject, **extra):
    return erasing.erase(subject, acted_by=None, why=WHY, **extra)


def everything_about(user):
    """All that the store can hold about one person, a guest's order from before included."""
    guest = aged.order(placed_at=aged.years_ago(2)).subject
    Subject.objects.filter(pk=guest.pk).update(merged_into=user.subject)
    aged.order(placed_at=aged.years_ago(6), subject=user.subject, account=user)
    letter(subject=user.subject)
    RightsRequest.objects.update(closed_at=aged.days_ago(1))
    with collecting(surface="import.reviews", subject=user.subject, fields=personal_fields(Review)):
        Review.objects.create(
            product=variant().product, author_name="Mina Kim", body="Good", rating=5, shown_at=timezone.now()
        )
    notice = shown_notice(Subscription.email)
    subscribing.ask("mina@example.com", locale="en", notice=notice, fields=[Subscription.email], owner=user.subject)
    ask = shown_notice(asks=[Purpose.MARKETING_EMAIL], opt_out_box=False)
    subscribing.confirm(Subscription.objects.get().token, notice=ask)
    return guest


def test_everything_goes_but_what_the_law_keeps(client):
    user = aged.account()
    client.force_login(user)
    subject = user.subject
    everything_about(user)
    before = {place.record._meta.label for place in whereabouts.places_of(subject)}
    assert len(before) >= 9
    outcome = erase(subject)
    assert list(whereabouts.places_of(subject)) == []
    assert not User.objects.exists()
    assert not Session.objects.exists()
    assert outcome.finished
    assert all(kept.apart for kept in outcome.kept)
    # The order of two years ago and the letter; the order of six years ago is past every law.
    assert {(kept.table, kept.why.rpartition(", ")[2]) for kept in outcome.kept} == {
        ("orders_ordercontact", "Art. 6(1) no. 2"),
        ("orders_deliveryaddress", "Art. 6(1) no. 2"),
        ("orders_order", "Art. 6(1) no. 2"),
        ("orders_paymentinstrument", "Art. 6(1) no. 3"),
        ("privacy_requestmessage", "Art. 6(1) no. 4"),
    }
    assert all(kept.until > timezone.now() for kept in outcome.kept)
    assert outcome.tally.removed["orders_ordercontact", ""] == 1
    assert outcome.tally.moved["orders_ordercontact", "contract"] == 1


def test_the_books_add_up_without_the_person():
    user = aged.account()
    order = aged.order(placed_at=aged.years_ago(2), subject=user.subject, account=user)
    erase(user.subject)
    order.refresh_from_db()
    assert (order.subject, order.account, order.total) == (None, None, 12)
    assert order.payments.get().amount == 12
    assert not hasattr(order, "contact")


def test_that_marketing_is_to_stop_survives():
    user = aged.account()
    everything_about(user)
    assert may_contact(user.subject, Purpose.MARKETING_EMAIL, "email")
    subject = user.subject
    erase(subject)
    assert not may_contact(subject, Purpose.MARKETING_EMAIL, "email")
    assert Preference.objects.get(subject=subject, purpose=Purpose.MARKETING_EMAIL).state == ConsentState.WITHDRAWN


def test_an_app_hears_of_it_while_the_address_still_stands():
    user = aged.account()
    heard = []

    def listener(subject, people, **_kwargs):
        heard.append([place.value for place in whereabouts.places_of(subject) if place.field.name == "email"])
        assert people == [subject.pk]

    erased.connect(listener)
    try:
        erase(user.subject)
    finally:
        erased.disconnect(listener)
    assert heard == [["mina@example.com"]]


def test_a_parcel_under_way_keeps_its_address_until_it_has_arrived():
    user = aged.account()
    subject = user.subject
    order = aged.order(placed_at=timezone.now(), subject=subject, account=user, delivered=False)
    outcome = erase(subject)
    assert not outcome.finished
    assert not Profile.objects.exists()
    assert DeliveryAddress.objects.get().order == order
    stays = {kept.table: kept for kept in outcome.kept if not kept.apart}
    assert set(stays) == {"orders_ordercontact", "orders_deliveryaddress", "orders_order"}
    assert stays["orders_deliveryaddress"].until > timezone.now() + dt.timedelta(days=100)
    assert expiring.expire().erasures == 0
    # The night after it arrived the job comes back for it, long before the order's own day.
    Order.objects.update(fulfilment="delivered", delivered_at=timezone.now())
    night = expiring.expire()
    assert night.erasures == 1
    assert not OrderContact.objects.exists()
    assert Erasure.objects.get().done_at is not None
    assert len(archive.index([subject.pk])) == 4
    assert dt.timedelta(days=31) > PARCEL_ARRIVES_WITHIN


def test_the_letter_that_asks_for_it_stays_until_it_is_answered():
    message = letter(body="Erase everything, please")
    outcome = erase(message.subject)
    (stays,) = outcome.kept
    assert (stays.table, stays.until, stays.apart) == ("privacy_requestmessage", None, False)
    RightsRequest.objects.update(closed_at=timezone.now())
    expiring.expire()
    assert not RequestMessage.objects.exists()
    assert archive.index([message.subject_id])[0].law == "complaint"


def test_a_certificate_names_who_why_and_how_many_and_no_value():
    user, officer = aged.account(), Subject.objects.create(kind=Subject.Kind.EMPLOYEE)
    subject = user.subject
    erasing.erase(subject, acted_by=officer, why=WHY)
    (certificate,) = ErasureCertificate.objects.all()
    assert (certificate.subject, certificate.acted_by, certificate.why) == (subject, officer, WHY)
    assert {line["table"] for line in certificate.counts} == {
        "accounts_profile", "accounts_savedaddress", "account_emailaddress", "accounts_user",
    }  # fmt: skip
    assert "mina" not in str(certificate.counts).lower()


def test_another_person_is_left_alone():
    mina, other = aged.account(), aged.account("other@example.com")
    aged.order(placed_at=aged.years_ago(1), subject=other.subject, account=other, email="other@example.com")
    before = [(p.key, p.value) for p in whereabouts.places_of(other.subject)]
    erase(mina.subject)
    assert [(p.key, p.value) for p in whereabouts.places_of(other.subject)] == before


def test_what_would_not_go_undoes_the_whole(monkeypatch):
    user = aged.account()
    everything_about(user)
    remove = expiring.remove
    monkeypatch.setattr(
        expiring,
        "remove",
        lambda rule, keys, now: expiring.Tally() if rule.table == "catalogue_review" else remove(rule, keys, now),
    )
    with pytest.raises(NotErased, match="catalogue_review"):
        erase(user.subject)
    assert Profile.objects.get().name == "Mina Kim"
    assert User.objects.exists()
    assert not Erasure.objects.exists()
    assert not ErasureCertificate.objects.exists()


def test_an_erasure_needs_a_reason_and_no_employee_is_erased_by_mistake():
    with pytest.raises(NotErased, match="reason"):
        erasing.erase(aged.account().subject, acted_by=None, why=" ")
    staff = aged.account("staff@example.com", is_staff=True)
    with pytest.raises(NotErased, match="works here"):
        erase(staff.subject)
    assert Profile.objects.filter(account=staff).exists()


def test_erasing_twice_changes_nothing_more():
    user = aged.account()
    aged.order(placed_at=aged.years_ago(2), subject=user.subject, account=user)
    subject = user.subject
    first, second = erase(subject), erase(subject)
    assert not second.tally
    assert second.kept == first.kept
    assert ErasureCertificate.objects.count() == 1


def test_the_session_of_a_guest_goes_and_others_stay():
    guest = aged.order(placed_at=aged.years_ago(2)).subject
    theirs, other = SessionStore(), SessionStore()
    theirs["privacy.subject"] = str(guest.pk)
    other["privacy.subject"] = str(Subject.objects.create().pk)
    theirs.save()
    other.save()
    erase(guest)
    assert [s.pk for s in Session.objects.all()] == [other.session_key]


def test_a_closed_account_lets_nobody_in_and_closes_once(client):
    user = aged.account()
    client.force_login(user)
    close_account(user)
    first = user.closed_at
    assert first
    assert not user.is_active
    assert client.get("/accounts/").status_code == 302
    close_account(user)
    assert user.closed_at == first


# --- the answer to the person, those who were handed something, and what was still to happen ---------------------------


def test_the_report_says_of_every_field_whether_it_is_removed_or_kept_by_which_law_and_until_when():
    user = aged.account()
    everything_about(user)
    subject = user.subject
    fields = {(p.record._meta.verbose_name, p.field.verbose_name) for p in whereabouts.places_of(subject)}
    erase(subject)
    lines = erasing_report.lines_of(subject)
    assert fields <= {(line.record, line.field) for line in lines}
    street = {
        (line.removed, line.kept, line.law.rpartition(", ")[2]) for line in lines if line.field == "street address"
    }
    # The saved one and that of the order of six years ago are gone; that of the order of two years ago a law keeps.
    assert (1, 0, "") in street
    assert (0, 1, "Art. 6(1) no. 2") in street
    assert all(line.until and line.until > timezone.now() for line in lines if line.kept)


def test_the_letter_names_fields_laws_and_days_and_no_value(mailoutbox):
    message = letter("mina@example.com", body="Erase everything")
    user = aged.account()
    everything_about(user)
    RightsRequest.objects.filter(pk=message.request_id).update(subject=user.subject)
    erase(user.subject)
    erasing_report.tell(message.request)
    outbox.deliver_due()
    (answer,) = [m for m in mailoutbox if "erased" in m.subject]
    assert answer.to == ["mina@example.com"]
    assert "- Profile: name" in answer.body
    assert "Art. 6(1) no. 2, until" in answer.body
    assert not any(value in answer.body for value in ("Mina", "Springfield", "4242", "mina@"))


def test_whoever_was_handed_something_is_told_once_and_the_answer_is_kept(settings, monkeypatch):
    settings.COURIER = "tests.orders.fake_courier.FakeCourier"
    user = aged.account()
    order = aged.order(placed_at=aged.years_ago(2), subject=user.subject, account=user)
    disclose(order.delivery_address, to="courier", purpose=Purpose.DELIVERY)
    asked = []

    def parcels(record, to, **_kwargs):
        return ["RR000000005KR"] if to == "courier" and isinstance(record, DeliveryAddress) else []

    def forget(_courier, tracking_number):
        asked.append(tracking_number)
        return Forgotten.FORGOTTEN

    monkeypatch.setattr(FakeCourier, "forget", forget)
    handed_over_as.connect(parcels)
    try:
        erase(user.subject)
        erase(user.subject)
        outbox.deliver_due()
        outbox.deliver_due()
    finally:
        handed_over_as.disconnect(parcels)
    assert asked == ["RR000000005KR"]
    notice = ErasureNotice.objects.get()
    assert (notice.answer, notice.recorded_by) == ("forgotten", None)
    assert notice.answered_at


def test_a_recipient_that_no_machine_speaks_with_waits_for_staff():
    message = letter()
    disclose(message, to="mailer", purpose=Purpose.SUPPORT)
    erase(message.subject)
    outbox.deliver_due()
    (notice,) = forgetting.unanswered(timezone.now())
    assert (notice.handed_to, notice.told_at) == ("mailer", None)
    officer = Subject.objects.create(kind=Subject.Kind.EMPLOYEE)
    forgetting.record_answer(notice, "kept_by_law", staff=officer)
    notice.refresh_from_db()
    assert (notice.answer, notice.recorded_by) == ("kept_by_law", officer)
    assert not forgetting.unanswered(timezone.now())


def test_no_letter_that_was_written_before_leaves_after(mailoutbox):
    user = aged.account()
    everything_about(user)
    other = aged.account("other@example.com")
    outbox.deliver_due()
    mailoutbox.clear()
    address = user.emailaddress_set.get()
    outbox.enqueue("accounts.letter", key="a", letter="welcome", address_id=address.pk, locale="en")
    outbox.enqueue(
        "privacy.tell_of_policy", key="b", publication_id=str(other.subject_id), subject_id=str(user.subject_id)
    )
    outbox.enqueue("privacy.tell_of_policy", key="c", publication_id=str(user.pk), subject_id=str(other.subject_id))
    erase(user.subject)
    assert not Effect.objects.filter(key="b").exists()
    assert Effect.objects.filter(key="c").exists()
    Effect.objects.filter(key="c").delete()
    outbox.deliver_due()
    assert [m.to for m in mailoutbox if "mina@example.com" in m.to] == []
    assert not Effect.objects.filter(parked_at__isnull=False).exists()
