"""Goods of an order that waits for its money: held until the database's clock says otherwise, then free for whoever asks."""

from __future__ import annotations

import uuid
from datetime import timedelta

import psycopg2
import pytest
from django.db import IntegrityError, connection, transaction
from django.db.models import Case, F, When
from django.db.models.functions import Now
from django.test import Client
from django.test.utils import CaptureQueriesContext

from catalogue.domain import stock
from catalogue.models import Hold, Variant
from catalogue.tasks import reclaim_expired
from orders.domain import reservations
from orders.domain.giving_up import cancel_unpaid
from orders.domain.payment import finalise
from orders.models import Order, Refund
from tests.orders.fake_provider import FakeProvider
from tests.orders.shop import buy, fill_basket, payment_of, variant
from tests.support.aged import as_owner

AN_HOUR = timedelta(hours=1)


def run_out(*orders: Order) -> None:
    """Let the holds of these orders have run out, by the database's clock."""
    Hold.objects.filter(key__in=[order.form_token for order in orders]).update(expires_at=Now() - timedelta(seconds=1))


def numbers(one: Variant) -> tuple[int, int]:
    one.refresh_from_db()
    return one.stock, one.held


@pytest.mark.usefixtures("store")
class TestAnOrder:
    def test_what_is_paid_for_is_sold_and_no_longer_held(self, client: Client, provider: type[FakeProvider]) -> None:
        tea = variant(stock=5)
        order = buy(client, tea, quantity=2)
        assert numbers(tea) == (3, 2)
        provider.settle(payment_of(order).intent_id)
        finalise(payment_of(order).pk)
        assert numbers(tea) == (3, 0)
        assert not Hold.objects.exists()
        assert reservations.release(order) is False
        assert numbers(tea) == (3, 0)

    def test_what_is_given_up_is_free_again_once(self, client: Client) -> None:
        tea = variant(stock=5)
        order = buy(client, tea, quantity=2)
        assert [reservations.release(order), reservations.release(order)] == [True, False]
        assert numbers(tea) == (5, 0)

    def test_the_hold_outlasts_the_time_to_pay_by_the_databases_clock(self, client: Client) -> None:
        order = buy(client, variant())
        with connection.cursor() as cursor:
            cursor.execute("SELECT now() + interval '59 minutes', now() + interval '61 minutes'")
            least, most = cursor.fetchone()
        assert least < order.expires_at < most
        assert Hold.objects.get().expires_at > order.expires_at + reservations.NEWS_WITHIN - timedelta(minutes=1)

    def test_an_expired_hold_is_free_at_once_though_no_task_ran(self, client: Client) -> None:
        tea = variant(stock=2)
        first = buy(client, tea, quantity=2)
        other = Client()
        assert "sold out" in other.post("/basket/add/", {"variant": tea.pk}, follow=True).content.decode()
        run_out(first)
        for path in ("/products/", "/products/?in_stock=1", "/products/tea-1/"):
            page = other.get(path).content.decode()
            assert "Tea TEA-1" in page, path
            assert "Sold out" not in page, path
        second = buy(other, tea, quantity=2)
        assert numbers(tea) == (0, 2)
        assert Hold.objects.get().key == second.form_token

    def test_a_late_payment_still_has_the_goods_that_nobody_took(
        self, client: Client, provider: type[FakeProvider]
    ) -> None:
        tea = variant(stock=2)
        order = buy(client, tea, quantity=2)
        run_out(order)
        assert reclaim_expired() == 2
        assert numbers(tea) == (2, 0)
        provider.settle(payment_of(order).intent_id)
        assert finalise(payment_of(order).pk) == "paid"
        assert numbers(tea) == (0, 0)

    def test_a_late_payment_for_goods_that_went_to_another_is_given_back(
        self, client: Client, provider: type[FakeProvider]
    ) -> None:
        tea, cup = variant("TEA", stock=2), variant("CUP", stock=2)
        fill_basket(client, tea)
        late = buy(client, cup, quantity=2)
        run_out(late)
        buy(Client(), cup, quantity=1)
        provider.settle(payment_of(late).intent_id)
        assert finalise(payment_of(late).pk) == "returned"
        late.refresh_from_db()
        assert late.state == Order.State.CANCELLED
        assert Refund.objects.get().reason == Refund.Reason.TOO_LATE
        assert (numbers(tea), numbers(cup)) == ((2, 0), (1, 1))

    def test_who_gave_up_and_was_swept_gets_nothing_back_twice(self, client: Client) -> None:
        tea = variant(stock=3)
        order = buy(client, tea, quantity=2)
        run_out(order)
        Order.objects.update(expires_at=F("placed_at") - AN_HOUR)
        reclaim_expired()
        assert cancel_unpaid(order.pk) is True
        assert numbers(tea) == (3, 0)

    def test_money_on_its_way_holds_the_goods_for_longer(self, client: Client) -> None:
        tea = variant(stock=2)
        order = buy(client, tea, quantity=2)
        run_out(order)
        assert reservations.prolong(order) is True
        assert numbers(tea) == (0, 2)
        assert stock.reclaim_expired() == 0
        run_out(order)
        stock.reclaim_expired()
        assert reservations.prolong(order) is True, "they were free, and are held anew"
        assert numbers(tea) == (0, 2)
        run_out(order)
        buy(Client(), tea)
        assert reservations.prolong(order) is False
        assert numbers(tea) == (1, 1)

    def test_an_order_that_waits_for_nothing_is_not_held_again(
        self, client: Client, provider: type[FakeProvider]
    ) -> None:
        tea = variant(stock=2)
        order = buy(client, tea)
        provider.settle(payment_of(order).intent_id)
        finalise(payment_of(order).pk)
        order.refresh_from_db()
        assert reservations.prolong(order) is True
        assert numbers(tea) == (1, 0)

    def test_returned_goods_go_back_on_the_shelf(self, client: Client, provider: type[FakeProvider]) -> None:
        tea, cup = variant("TEA", stock=2), variant("CUP", stock=2)
        order = buy(client, tea)
        provider.settle(payment_of(order).intent_id)
        finalise(payment_of(order).pk)
        reservations.restock(order, {tea.pk: 1, cup.pk: 1})
        assert (numbers(tea), numbers(cup)) == ((2, 0), (2, 0)), "a cup was never bought"


@pytest.mark.usefixtures("store")
class TestTheStock:
    def test_a_variant_in_two_lines_counts_once_with_the_sum(self) -> None:
        tea, key = variant(stock=5), uuid.uuid4()
        assert stock.hold([(tea.pk, 3), (tea.pk, 3)], key=key, held_for=AN_HOUR) == {tea.pk: 5}
        assert stock.hold([(tea.pk, 3), (tea.pk, 2)], key=key, held_for=AN_HOUR) == {}
        assert Hold.objects.get().quantity == 5
        assert stock.sell([(tea.pk, 3), (tea.pk, 2)], key=key) == {}
        assert numbers(tea) == (0, 0)

    def test_what_is_short_is_named_with_what_is_left_of_it(self) -> None:
        tea, cup = variant("TEA", stock=5), variant("CUP", stock=1)
        assert stock.hold({tea.pk: 2, cup.pk: 2, 10**9: 1}, key=uuid.uuid4(), held_for=AN_HOUR) == {
            cup.pk: 1,
            10**9: 0,
        }

    def test_holding_many_variants_is_one_statement(self) -> None:
        many = {variant(f"SKU-{n}").pk: 1 for n in range(20)}
        with CaptureQueriesContext(connection) as queries:
            stock.hold(many, key=uuid.uuid4(), held_for=AN_HOUR)
        assert len(queries) == 1

    def test_nothing_wished_for_is_nothing_done(self) -> None:
        assert stock.hold({}, key=uuid.uuid4(), held_for=AN_HOUR) == {}
        assert stock.hold({variant().pk: 0}, key=uuid.uuid4(), held_for=AN_HOUR) == {}
        assert stock.sell({}, key=uuid.uuid4()) == stock.prolong({}, key=uuid.uuid4(), held_for=AN_HOUR) == {}

    def test_staff_who_save_a_variant_do_not_undo_what_was_held_meanwhile(self) -> None:
        tea = variant(stock=5)
        read_before = Variant.objects.get(pk=tea.pk)
        stock.hold({tea.pk: 2}, key=uuid.uuid4(), held_for=AN_HOUR)
        read_before.barcode = "123"
        read_before.save()
        assert numbers(tea)[1] == 2


@pytest.mark.usefixtures("open_store")
class TestTheConstraints:
    """What Python may forget, the database does not."""

    def test_stock_is_never_below_zero(self) -> None:
        tea = variant(stock=1)
        with pytest.raises(IntegrityError, match="stock_is_never_below_zero"):
            Variant.objects.filter(pk=tea.pk).update(stock=F("stock") - 2)

    @pytest.mark.parametrize(
        "break_it",
        [
            lambda tea: Variant.objects.filter(pk=tea.pk).update(held=7),
            lambda tea: Hold.objects.create(variant=tea, key=uuid.uuid4(), quantity=1, expires_at=Now()),
            lambda tea: Hold.objects.update(quantity=1),
            lambda tea: Hold.objects.all().delete(),
            lambda tea: Variant.objects.create(product=tea.product, sku="NEW", held=1),
        ],
        ids=["held alone", "a hold alone", "another quantity", "a hold taken away", "a new variant"],
    )
    def test_what_is_held_is_the_sum_of_the_holds(self, break_it: object) -> None:
        tea = variant(stock=5)
        stock.hold({tea.pk: 2}, key=uuid.uuid4(), held_for=AN_HOUR)
        with pytest.raises(IntegrityError, match="is not the sum of its holds"), transaction.atomic():
            break_it(tea)
        assert numbers(tea) == (3, 2)

    def test_what_a_savepoint_took_back_is_not_weighed(self) -> None:
        tea, cup = variant(stock=5), variant("CUP", stock=5)
        with transaction.atomic():
            stock.hold({tea.pk: 2}, key=uuid.uuid4(), held_for=AN_HOUR)
            savepoint = transaction.savepoint()
            stock.hold({tea.pk: 1, cup.pk: 4}, key=uuid.uuid4(), held_for=AN_HOUR)
            Hold.objects.filter(variant=cup).delete()
            transaction.savepoint_rollback(savepoint)
        assert (numbers(tea), numbers(cup)) == ((3, 2), (5, 0))

    def test_one_thing_too_many_and_another_too_few_do_not_make_up_for_each_other(self) -> None:
        tea, cup = variant(stock=5), variant("CUP", stock=5)
        stock.hold({tea.pk: 2, cup.pk: 2}, key=uuid.uuid4(), held_for=AN_HOUR)
        with pytest.raises(IntegrityError, match="is not the sum of its holds"):
            Variant.objects.update(held=Case(When(pk=tea.pk, then=F("held") + 1), default=F("held") - 1))
        assert (numbers(tea), numbers(cup)) == ((3, 2), (3, 2))

    def test_holds_are_neither_emptied_nor_moved_to_other_goods(self) -> None:
        tea, cup = variant(stock=5), variant("CUP", stock=5)
        stock.hold({tea.pk: 2}, key=uuid.uuid4(), held_for=AN_HOUR)
        with pytest.raises(IntegrityError, match="of one variant for good"), transaction.atomic():
            Hold.objects.update(variant=cup)
        with pytest.raises(psycopg2.IntegrityError, match="is not the sum of its holds"):
            as_owner("TRUNCATE catalogue_hold")
        assert numbers(tea) == (3, 2)

    def test_variants_are_locked_in_one_order_each_once(self) -> None:
        tea, cup = variant(stock=5), variant("CUP", stock=5)
        for wish in ([cup.pk, tea.pk], [tea.pk, tea.pk]):
            with (
                pytest.raises(IntegrityError, match="in one order"),
                transaction.atomic(),
                connection.cursor() as cursor,
            ):
                cursor.execute(
                    "SELECT * FROM catalogue_hold_all(%s::bigint[], '{1,1}', gen_random_uuid(), '1 hour')", [wish]
                )

    def test_what_is_held_by_many_is_not_added_up_at_every_sale(self) -> None:
        """What a hold costs the database does not grow with how many hold the same thing."""
        tea = variant(stock=10_000)

        def read() -> int:
            stock.hold({tea.pk: 1}, key=uuid.uuid4(), held_for=AN_HOUR)
            with connection.cursor() as cursor:
                cursor.execute("SELECT pg_stat_force_next_flush()")
                cursor.execute(
                    "SELECT idx_tup_fetch + seq_tup_read FROM pg_stat_user_tables WHERE relname = 'catalogue_hold'"
                )
                return int(cursor.fetchone()[0])

        first, second = read(), read()
        for _ in range(50):
            stock.hold({tea.pk: 1}, key=uuid.uuid4(), held_for=AN_HOUR)
        before, after = read(), read()
        assert after - before <= max(second - first, 2)

    def test_a_variant_may_leave_the_catalogue_with_its_holds(self) -> None:
        tea = variant(stock=5)
        stock.hold({tea.pk: 2}, key=uuid.uuid4(), held_for=AN_HOUR)
        tea.delete()
        assert not Hold.objects.exists()

    def test_the_constraints_stand_in_a_database_that_was_migrated(self) -> None:
        with connection.cursor() as cursor:
            cursor.execute("SELECT count(*) FROM pg_trigger WHERE tgname LIKE 'held_is_the_sum%' AND tgdeferrable")
            assert cursor.fetchone()[0] == 5
