"""No float is near money: not in a line of code that an amount passes, a template, a script, a column, or an answer."""

from __future__ import annotations

import decimal
import json
import re
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from django.apps import apps
from django.conf import settings
from django.db import connection
from django.test import Client
from djmoney.money import Money

from orders.domain import refunding, returns
from orders.models import Refund
from orders.payment.provider import from_minor, to_minor
from privacy.models import Subject
from tests.architecture import money
from tests.orders.conftest import provider, store  # noqa: F401, fixtures
from tests.orders.desk import arrive, asked_back
from tests.orders.shop import buy, fill_basket, payment_of, variant
from tests.orders.test_parcels import _courier, paid_order, sent  # noqa: F401, fixtures

# Each float that is no money, with what it is. A line that changes has to be read and named again.
_NO_MONEY: dict[str, dict[str, list[str]]] = {
    "seconds": {
        "orders/courier/sandbox.py": ["TIME_LIMITS = (3.05, 10)"],
        "orders/courier/sandbox_server/__main__.py": [
            "TIME_LIMITS = (3.05, 10)",
            "type=float",  # --step-seconds
            "parser.add_argument('--retry-seconds', type=float, default=1)",
            "self._server.serve_forever(poll_interval=0.1)",
        ],
        "orders/courier/sandbox_server/parcels.py": ["next_attempt: float = 0", "older_than: float"],
        "orders/payment/sandbox.py": ["TIME_LIMITS = (3.05, 10)"],
        "orders/payment/sandbox_server/__main__.py": ["type=float"],  # four kinds of seconds
        # Of a list's `since`, a moment.
        "orders/payment/sandbox_server/api.py": ["def _number -> float", "return float(typed)"],
        "orders/payment/sandbox_server/payments.py": [
            "def next_due -> float | None",
            "now: float",
            "since: float",
            "slow_seconds: float",
            "expire_seconds: float",
            "hold_seconds: float",
            "clock: Callable[[], float]",
        ],
        "orders/payment/sandbox_server/server.py": [
            "slow_seconds: float = 3",
            "expire_seconds: float = 30 * 60",
            "hold_seconds: float = 7 * 24 * 3600",
            "retry_seconds: float = 1",
            "self._server.serve_forever(poll_interval=0.1)",
        ],
        # REAL columns; the test of the sandbox's amounts is below.
        "orders/payment/sandbox_server/store.py": [
            r'"\nCREATE TABLE IF NOT EXISTS intent (\n id TEXT PRIMARY KEY,\n reference TEXT NOT NULL,\n',
            "at: float",
        ],
        "orders/payment/sandbox_server/webhooks.py": [
            "TIME_LIMITS = (3.05, 10)",
            "def _nap -> float",
            "retry_seconds: float",
            "return min(max(min(due) - self._payments.clock(), 0.01), LONGEST_NAP_SECONDS)",
            "nap = 1.0",
        ],
        "orders/payment/signature.py": ["now: float"],
        "orders/payment/stripe.py": ["TIME_LIMITS = (3.05, 10)"],
        "kmall24/caching/layers.py": ["_PATIENCE_SECONDS, _PAUSE_SECONDS = (0.1, 5)", "self._silent_until = 0.0"],
        "kmall24/caching/page.py": [
            "made_at: float",
            "made_at, language, headers, holes = json.loads(about)",
        ],
        "kmall24/celery.py": [],  # beats, by their pattern below
    },
    "millimetres and points of a paper": {
        "orders/documents/papers.py": ["_WIDTHS = [250.0, 70.0, 80.0, 90.0]", "table(rows, [300.0, 130.0, 60.0])"],
        "orders/documents/sheet.py": [
            "WORDS = ParagraphStyle('words', fontName=FONT, fontSize=9.5, leading=14, wordWrap='CJK')",
            "height: float",
            "widths: list[float]",
            "size: tuple[float, float]",
            "('LINEBELOW', (0, 0), (-1, 0), 0.8, colors.black)",
            "('LINEBELOW', (0, 1), (-1, -1), 0.25, colors.HexColor('#cccccc'))",
            "style.append(('LINEABOVE', (0, -totals), (-1, -totals), 0.8, colors.black))",
        ],
        "catalogue/sample/draw.py": ["CLOSER = 1.14"],
    },
    "how alike two words are": {
        "catalogue/queries.py": [
            "FloatField",
            "_ALIKE = 0.6",
            "'(SELECT count(*)::float / cardinality(%s::varchar[]) FROM unnest(catalogue_searchentry.gr",
            "output_field=FloatField()",
            "Case(When(found=True, then=1.0), default=0.0, output_field=FloatField())",
        ]
    },
    "one Decimal divided by another, and never rounded but by `rounded`": {
        "orders/domain/bill.py": [
            "return rounded(amount * rule.percent / HUNDRED, currency)",
            "return rounded(amount * rule.percent / (HUNDRED + rule.percent), currency)",
        ],
        "orders/domain/returns.py": [
            "goods - order.discount_total * goods / order.goods_total if order.goods_total else goods"
        ],
        "orders/domain/terms.py": ["return None if here is None or there is None else amount * here / there"],
        "orders/domain/weighing.py": ["return min(rounded(line.total * cut.percent / HUNDRED, currency), line.total)"],
        "catalogue/amounts.py": [
            "exact = [amount * share / whole for share in shares]",
            "left = int((amount - sum(parts, Decimal(0))) / one)",
        ],
    },
    "a float that is refused": {
        "orders/payment/provider.py": ["isinstance(amount, float)"],
        "orders/payment/stripe_shapes.py": ["isinstance(amount, float)"],
        "catalogue/amounts.py": ["isinstance(amount, float)"],
    },
    "JSON whose amounts are whole numbers of the smallest unit, which `from_minor` insists on": {
        "orders/payment/sandbox.py": ["event = json.loads(body)", "body = answer.json()"],
        "orders/payment/stripe.py": ["said = json.loads(body)", "return dict(json.loads(str(call())))"],
        "orders/payment/sandbox_server/api.py": [
            "wish = request.json()",
            "json.loads(instrument) if instrument else None",
        ],
        "orders/payment/sandbox_server/pages.py": ["json.loads(intent['instrument'])['last4']"],
        "orders/payment/sandbox_server/store.py": [
            "seq, good_bytes = (json.loads(line)['seq'], good_bytes + len(line))",
            r"json.dumps({'seq': row['seq']} | json.loads(row['entry'])).encode() + b'\n'",
        ],
        "orders/payment/sandbox_server/wsgi.py": ["wish = json.loads(self.body)"],
    },
    "JSON whose amounts are texts, which the database wrote": {
        "orders/domain/terms.py": ["return json.loads(column) if isinstance(column, str) else column"],
        "catalogue/statements.py": [
            "return json.loads(column) if isinstance(column, str) else column",
            "return [json.loads(row) if isinstance(row, str) else row for row in rows]",
        ],
    },
    "JSON of a courier, who is told of no amount": {
        "orders/courier/sandbox.py": ["body = answer.json()", "return _scan(json.loads(body))"],
        "orders/courier/sandbox_server/__main__.py": [
            "self.parcels.register(request.json(), request.headers.get('idempotency-key', ''))",
            "self.parcels.scan(intent_id, str(request.json().get('state', '')))",
        ],
        "orders/courier/sandbox_server/parcels.py": ["self._apply(json.loads(line))"],
    },
    "settings of the mail service": {"kmall24/settings.py": ["env.json('ANYMAIL', default={})"]},
    "a file in a folder": {
        "orders/courier/sandbox_server/parcels.py": ["return self._addresses / f'{number}.json'"],
        "orders/payment/sandbox_server/pages.py": ["(_STATIC / name).read_bytes()"],
        "orders/payment/sandbox_server/templating.py": [
            "return Template((_TEMPLATES / name).read_text(encoding='utf-8'))"
        ],
        "catalogue/management/commands/load_sample_catalogue.py": [
            "return tomllib.loads((FOLDER / f'{name}.toml').read_text(encoding='utf-8'))"
        ],
        "catalogue/sample/draw.py": [
            r"(folder / f'{slug}.svg').write_text(svg, encoding='utf-8', newline='\n')",
        ],
        "kmall24/translations.py": [
            "return LOCALES / language / 'LC_MESSAGES' / 'django.po'",
            "sorted((PROJECT / floor).rglob('*'))",
        ],
    },
}
_BEAT = re.compile(r"\{'task': '[a-z_.]+', 'schedule': \d+\.0\}")


def test_every_float_of_these_rooms_is_named_and_is_no_money() -> None:
    known = {(name, text) for files in _NO_MONEY.values() for name, texts in files.items() for text in texts}
    found = {
        (name, text): line
        for name, line, text in money.found_in(Path(settings.BASE_DIR))
        if not (name == "kmall24/celery.py" and _BEAT.fullmatch(text))
    }
    new = [f"{name}:{line} {text}" for (name, text), line in found.items() if (name, text) not in known]
    assert not new, "A float may be near money here. Use Decimal, or say in _NO_MONEY what it is: " + "\n".join(new)
    assert not known - set(found), "These are gone: take them out of _NO_MONEY."


@pytest.mark.parametrize(
    "planted",
    [
        "total = float(order.total)",
        "def price(amount: float) -> None: ...",
        "amount = 12.5",
        "amount = Decimal(0.1)",
        "amount = 1e3",
        "won = cents / 100",
        "total /= people",
        "total = round(total, 2)",
        "price = models.FloatField()",
        "price = serializers.FloatField()",
        "price = forms.FloatField()",
        "from math import floor",
        "import math\ntotal = math.fsum(prices)",
        "total = statistics.mean(prices)",
        "said = '%.2f' % total",
        "said = 'you pay %(total).2f' % {'total': total}",
        "cursor.execute('SELECT sum(total)::float FROM orders_order')",
        "cursor.execute('SELECT CAST(total AS double precision) FROM orders_order')",
        "price = json.loads(body)['price']",
        "price = requests.get(address).json()['price']",
        "half = (total + shipping) / parts",
        "amount = sum(prices) / len(prices)",
    ],
)
def test_one_that_is_planted_is_found(planted: str) -> None:
    assert list(money.in_python(planted))


@pytest.mark.parametrize(
    "innocent",
    [
        "share = Decimal(1) / Decimal(3)",
        "path = folder / 'prices.csv'",
        "said = f'{total:.2f}'",
        "said = '%(total)s %(currency)s' % {'total': total}",
        "price = json.loads(body, parse_float=Decimal)['price']",
        "'%d pieces, 5% off' % pieces",
        '"""Real money, at a floating rate."""',
    ],
)
def test_what_is_no_float_is_left_alone(innocent: str) -> None:
    assert not list(money.in_python(innocent))


@pytest.mark.parametrize(
    ("name", "planted"),
    [
        ("sum.html", "{{ order.total|floatformat:2 }}"),
        ("sum.html", "{{ order.total|stringformat:'.2f' }}"),
        ("sum.txt", "{{ order.total|add:order.tax_total }}"),
        ("sum.html", "{% widthratio order.total 100 10 %}"),
        ("sum.js", "const total = parseFloat(cell.textContent)"),
        ("sum.js", "total.toFixed(2)"),
    ],
)
def test_one_in_a_template_or_a_script_is_found(name: str, planted: str) -> None:
    assert list(money.in_words(Path(name), planted))


def test_no_column_of_the_store_is_a_float(db: None) -> None:
    kinds = {
        f"{model._meta.label}.{field.name}"
        for model in apps.get_models()
        for field in model._meta.local_fields
        if field.get_internal_type() == "FloatField"
    }
    assert not kinds
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT table_name, column_name FROM information_schema.columns"
            " WHERE data_type IN ('real', 'double precision', 'money') AND table_schema = current_schema()"
            " AND (table_name LIKE 'orders\\_%' OR table_name LIKE 'catalogue\\_%')"
        )
        assert cursor.fetchall() == []


@pytest.mark.parametrize("amount", [1050.0, 1050.7, "1050", True, None, Decimal("1050.5")])
def test_a_message_that_names_a_part_of_a_cent_is_not_understood(amount: Any) -> None:
    with pytest.raises(TypeError, match="whole number"):
        from_minor(amount, "USD")


@pytest.fixture
def _floats_refused() -> Iterator[None]:
    """Decimals that meet a float raise, in this thread and in those that begin meanwhile."""
    contexts = (decimal.getcontext(), decimal.DefaultContext)
    before = [context.traps[decimal.FloatOperation] for context in contexts]
    for context in contexts:
        context.traps[decimal.FloatOperation] = True
    yield
    for context, trap in zip(contexts, before, strict=True):
        context.traps[decimal.FloatOperation] = trap


def _floats_in(answer: Any, at: str = "") -> Iterator[str]:
    if isinstance(answer, dict | list):
        for key, value in answer.items() if isinstance(answer, dict) else enumerate(answer):
            yield from _floats_in(value, f"{at}/{key}")
    elif isinstance(answer, float):
        yield f"{at} {answer}"


@pytest.mark.usefixtures("store", "_floats_refused")
class TestWhileAmountsTravel:
    """From the shelf to the refund and every page, paper and answer on the way, with an error wherever the two meet."""

    def test_the_trap_is_set(self) -> None:
        with pytest.raises(decimal.FloatOperation):
            Decimal(float("0.1"))
        with pytest.raises(TypeError):
            Decimal("0.1") + 0.1  # type: ignore[operator]
        with pytest.raises(TypeError, match="never a float"):
            to_minor(0.1, "USD")  # type: ignore[arg-type]

    def test_no_page_paper_letter_or_refund_makes_one(self) -> None:
        browser = Client()
        order = arrive(sent(paid_order(variant(price="12.35"), browser=browser, quantity=3)))
        for page in ("", "invoice/", "return/"):
            assert browser.get(f"/orders/{order.number}/{page}").status_code == 200
        assert "12.35" in browser.get("/products/tea-1/").content.decode()
        staff = Subject.objects.create(kind=Subject.Kind.EMPLOYEE)
        row = asked_back(order, 2)
        returns.agree(row.pk, by=staff)
        assert returns.receive(row.pk, by=staff).money == Money("24.70", "USD")
        refunding.propose(payment_of(order).pk, Decimal("0.01"), reason=Refund.Reason.GOODWILL, by=staff)

    @pytest.mark.parametrize("currency", ["USD", "KRW"])
    def test_no_answer_of_the_api_holds_one(self, currency: str) -> None:
        browser = Client()
        fill_basket(browser, variant(price="12.35"))
        for address in (
            "/api/v1/products/",
            "/api/v1/products/tea-1/",
            "/api/v1/basket/lines/",
            f"/api/v1/basket/lines/bill/?country=US&currency={currency}",
        ):
            answer = browser.get(address)
            assert answer.status_code == 200, (address, answer.content)
            read = json.loads(answer.content)
            assert not list(_floats_in(read)), address
            assert "12.35" in answer.content.decode() or "12350" in answer.content.decode(), address

    def test_what_search_machines_read_holds_one_neither(self) -> None:
        variant(price="12.35")
        page = Client().get("/products/tea-1/").content.decode()
        for block in re.findall(r'<script[^>]*type="application/ld\+json"[^>]*>(.*?)</script>', page, re.S):
            assert not list(_floats_in(json.loads(block)))

    def test_an_order_is_taken_in_whole_coins(self) -> None:
        order = buy(Client(), variant(price="0.1"), quantity=3)
        assert order.goods_total == Decimal("0.30")
