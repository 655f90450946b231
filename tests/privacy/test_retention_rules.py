"""Every personal value knows its day: from its declaration, the policy's promise and the table of laws."""

import datetime as dt

import pytest
from django.apps import apps

from orders.models import OrderContact
from privacy.declaration import personal_fields
from privacy.internal import policy, retention

NOW = dt.datetime(2026, 6, 1, tzinfo=dt.UTC)


def test_every_model_with_personal_values_has_a_rule():
    holding = {m._meta.db_table for m in apps.get_models() if personal_fields(m)}
    assert {rule.table for rule in retention.rules()} == holding
    assert len(holding) >= 12


def test_promise_purpose_and_law_agree():
    assert list(retention.problems()) == []


def test_a_record_without_a_clock_is_named(monkeypatch):
    monkeypatch.delattr(OrderContact, "keep_from")
    assert [(model, what) for model, what, _hint in retention.problems()] == [
        (OrderContact, "orders.OrderContact does not say from when its retention counts.")
    ]


def test_a_clock_that_leads_nowhere_is_named(monkeypatch):
    monkeypatch.setattr(OrderContact, "keep_from", "order__shipped_last_tuesday")
    assert [model for model, _what, _hint in retention.problems()] == [OrderContact]


@pytest.mark.parametrize(
    ("keep", "promised", "complaint"),
    [
        ("contract", "P4Y", "asks for P5Y"),
        ("account", "P30D", "asks for P5D"),
        ("review", "P3D", "may take a night"),
        ("basket", "P60D", "ends after P30D"),
    ],
)
def test_a_promise_against_the_law_is_named(keep, promised, complaint):
    assert complaint in retention._promise_that_fits(retention.reasons()[keep], promised)


def test_a_law_carries_its_article():
    for law in retention.laws().values():
        assert law.article.startswith("Art. ")
        assert bool(law.period) != bool(law.within)
        assert law.law in str(law)
    for keep in policy.current().retention:
        assert retention.reasons()[keep].because.endswith(".")
