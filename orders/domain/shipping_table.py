"""The zones and rates that a new store starts with; afterwards the rows in the database count."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

BANDS_G = (500, 1_000, 2_000, 5_000, 10_000, 20_000, 30_000)


@dataclass(frozen=True, slots=True)
class Zone:
    code: str
    name: str
    countries: tuple[str, ...]
    days: tuple[int, int]
    prices: dict[str, list[tuple[int, str]]]


def _zone(
    code: str, name: str, countries: str, days: tuple[int, int], won: Iterable[int], dollars: Iterable[str]
) -> Zone:
    prices = {
        "KRW": [(band, str(price)) for band, price in zip(BANDS_G, won, strict=True)],
        "USD": list(zip(BANDS_G, dollars, strict=True)),
    }
    return Zone(code, name, tuple(countries.split()), days, prices)


ZONES = (
    _zone(
        "korea", "Korea", "KR", (1, 3),
        (3000, 3000, 3500, 4500, 6000, 8000, 10000),
        ("2.50", "2.50", "3.00", "3.50", "4.50", "6.00", "7.50"),
    ),
    _zone(
        "east-asia", "East Asia", "CN HK JP MN MO TW", (2, 5),
        (9000, 12000, 16000, 28000, 45000, 80000, 115000),
        ("6.90", "8.90", "11.90", "20.90", "33.90", "59.90", "85.90"),
    ),
    _zone(
        "south-east-asia", "South-East Asia", "BN ID KH LA MM MY PH SG TH TL VN", (3, 7),
        (10000, 14000, 19000, 33000, 54000, 96000, 138000),
        ("7.90", "10.90", "14.90", "24.90", "39.90", "71.90", "102.90"),
    ),
    _zone(
        "north-america", "North America", "CA MX PR US", (4, 8),
        (15000, 21000, 31000, 59000, 98000, 172000, 246000),
        ("11.90", "15.90", "22.90", "43.90", "72.90", "127.90", "182.90"),
    ),
    _zone(
        "europe", "Europe",
        "AD AT BE BG CH CY CZ DE DK EE ES FI FR GB GR HR HU IE IS IT LI LT LU LV MC MT NL NO PL PT RO SE SI SK SM VA",
        (5, 9),
        (16000, 22000, 32000, 60000, 100000, 176000, 252000),
        ("11.90", "16.90", "23.90", "44.90", "74.90", "130.90", "186.90"),
    ),
    _zone(
        "oceania", "Oceania", "AU NZ", (4, 9),
        (14000, 19000, 28000, 53000, 88000, 155000, 222000),
        ("10.90", "14.90", "20.90", "39.90", "65.90", "114.90", "164.90"),
    ),
    # Names no country, and so stands for every one that the others leave out.
    _zone(
        "elsewhere", "All other countries", "", (6, 14),
        (19000, 27000, 40000, 76000, 127000, 224000, 321000),
        ("14.90", "19.90", "29.90", "56.90", "94.90", "165.90", "237.90"),
    ),
)  # fmt: skip
