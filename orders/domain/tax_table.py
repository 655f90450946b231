"""The taxes and exchange rates that a new store starts with; afterwards the rows in the database count.

Laws and rates change: staff compare these rows with their sources before the store opens, and whenever one changes.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from orders.models import ExchangeRate, TaxRule

STARTS = dt.date(2026, 1, 1)


@dataclass(frozen=True, slots=True)
class Row:
    country: str
    kind: str
    name: str
    percent: str
    source: str
    how: str = "on_arrival"
    hs_prefix: str = ""
    free: tuple[str, str] = ("", "")
    on_shipping: bool = True


_EU_VAT = {
    "AT": "20", "BE": "21", "BG": "20", "CY": "19", "CZ": "21", "DE": "19", "DK": "25", "EE": "24", "ES": "21",
    "FI": "25.5", "FR": "20", "GR": "24", "HR": "25", "HU": "27", "IE": "23", "IT": "22", "LT": "21", "LU": "17",
    "LV": "21", "MT": "18", "NL": "21", "PL": "23", "PT": "23", "RO": "21", "SE": "25", "SI": "22", "SK": "23",
}  # fmt: skip
_EU_LAW = "Council Directive 2006/112/EC Art. 96 and the country's own law"
_EU_DUTY = "Council Regulation (EC) No 1186/2009 Art. 23; Common Customs Tariff, chapters 61 and 62"

RULES = (
    Row("KR", "tax", "VAT", "10", "Value-Added Tax Act Art. 30", how="included"),
    *(Row(country, "tax", "VAT", percent, _EU_LAW) for country, percent in _EU_VAT.items()),
    *(
        Row(country, "duty", "Customs duty", "12", _EU_DUTY, hs_prefix=chapter, free=("150", "EUR"))
        for country in _EU_VAT
        for chapter in ("61", "62")
    ),
    Row("GB", "tax", "VAT", "20", "Value Added Tax Act 1994 s. 2"),
    *(
        Row("GB", "duty", "Customs duty", "12", "UK Global Tariff, chapters 61 and 62", hs_prefix=chapter, free=("135", "GBP"))
        for chapter in ("61", "62")
    ),
    Row("CH", "tax", "VAT", "8.1", "Value Added Tax Act (MWSTG) Art. 25 and 53", free=("62", "CHF")),
    Row("NO", "tax", "VAT", "25", "Value Added Tax Act § 5-1"),
    Row("JP", "tax", "Consumption tax", "10", "Consumption Tax Act Art. 29; Customs Tariff Act Art. 14", free=("10000", "JPY")),
    Row("US", "duty", "Customs duty", "15", "Executive orders of 2025 on reciprocal tariffs and on the end of the free amount",
        on_shipping=False),
    Row("CA", "tax", "GST", "5", "Excise Tax Act s. 165 and 212", free=("20", "CAD")),
    Row("AU", "tax", "GST", "10", "A New Tax System (Goods and Services Tax) Act 1999 s. 13", free=("1000", "AUD")),
    Row("NZ", "tax", "GST", "15", "Goods and Services Tax Act 1985 s. 12", free=("1000", "NZD")),
    Row("SG", "tax", "GST", "9", "Goods and Services Tax Act 1993 s. 16", free=("400", "SGD")),
    Row("TW", "tax", "VAT", "5", "Value-added and Non-value-added Business Tax Act Art. 10", free=("2000", "TWD")),
    Row("TH", "tax", "VAT", "7", "Revenue Code s. 80"),
    Row("PH", "tax", "VAT", "12", "National Internal Revenue Code s. 107", free=("10000", "PHP")),
    Row("VN", "tax", "VAT", "10", "Law on Value-Added Tax Art. 9"),
)  # fmt: skip

# Won for one unit. They decide whether a law's free amount is passed, and are frozen on the order; prices are not made of them.
WON = {
    "USD": "1400", "EUR": "1620", "JPY": "9.3", "CNY": "195", "GBP": "1850", "AUD": "910", "CAD": "1000", "CHF": "1740",
    "NZD": "820", "SGD": "1080", "TWD": "45", "PHP": "24",
}  # fmt: skip


def ensure_taxes(rules: Any = TaxRule, rates: Any = ExchangeRate, using: str | None = None) -> None:
    """Put in what a new store starts with, country by country and currency by currency; what is there stays as it is."""
    known = set(rules.objects.using(using).values_list("country", flat=True))
    rules.objects.using(using).bulk_create(
        rules(
            country=row.country,
            kind=row.kind,
            name=row.name,
            percent=Decimal(row.percent),
            how=row.how,
            hs_prefix=row.hs_prefix,
            free_up_to=Decimal(row.free[0]) if row.free[0] else None,
            free_currency=row.free[1],
            on_shipping=row.on_shipping,
            starts_on=STARTS,
            source=row.source,
        )
        for row in RULES
        if row.country not in known
    )
    priced = set(rates.objects.using(using).values_list("currency", flat=True))
    rates.objects.using(using).bulk_create(
        rates(currency=currency, won=Decimal(won), source="start of the store")
        for currency, won in WON.items()
        if currency not in priced
    )
