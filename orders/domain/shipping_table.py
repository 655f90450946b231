"""The zones and rates that a new store starts with; afterwards the rows in the database count."""

from __future__ import annotations

from dataclasses import dataclass

BANDS_G = (500, 1_000, 2_000, 5_000, 10_000, 20_000, 30_000)


@dataclass(frozen=True, slots=True)
class Zone:
    code: str
    name: str
    countries: tuple[str, ...]
    days: tuple[int, int]
    prices: dict[str, list[tuple[int, str]]]


def _zone(code: str, name: str, countries: str, days: tuple[int, int], **prices: str) -> Zone:
    """A zone with its prices band by band, of each currency a list of its own: prices are set, not converted."""
    bands = {currency: list(zip(BANDS_G, row.split(), strict=True)) for currency, row in prices.items()}
    return Zone(code, name, tuple(countries.split()), days, bands)


ZONES = (
    _zone(
        "korea", "Korea", "KR", (1, 3),
        KRW="3000 3000 3500 4500 6000 8000 10000",
        USD="2.50 2.50 3.00 3.50 4.50 6.00 7.50",
        EUR="1.90 1.90 2.20 2.80 3.70 4.90 6.20",
        JPY="300 300 400 500 650 850 1100",
        CNY="16 16 18 23 31 41 52",
    ),
    _zone(
        "east-asia", "East Asia", "CN HK JP MN MO TW", (2, 5),
        KRW="9000 12000 16000 28000 45000 80000 115000",
        USD="6.90 8.90 11.90 20.90 33.90 59.90 85.90",
        EUR="5.60 7.40 9.90 17.30 27.80 49.40 71.00",
        JPY="950 1300 1750 3000 4850 8650 12400",
        CNY="47 62 83 145 233 415 596",
    ),
    _zone(
        "south-east-asia", "South-East Asia", "BN ID KH LA MM MY PH SG TH TL VN", (3, 7),
        KRW="10000 14000 19000 33000 54000 96000 138000",
        USD="7.90 10.90 14.90 24.90 39.90 71.90 102.90",
        EUR="6.20 8.60 11.70 20.40 33.30 59.30 85.20",
        JPY="1100 1500 2050 3550 5850 10350 14900",
        CNY="52 73 98 171 280 497 715",
    ),
    _zone(
        "north-america", "North America", "CA MX PR US", (4, 8),
        KRW="15000 21000 31000 59000 98000 172000 246000",
        USD="11.90 15.90 22.90 43.90 72.90 127.90 182.90",
        EUR="9.30 13.00 19.10 36.40 60.50 106.20 151.90",
        JPY="1600 2250 3350 6350 10600 18600 26550",
        CNY="78 109 161 306 508 891 1275",
    ),
    _zone(
        "europe", "Europe",
        "AD AT BE BG CH CY CZ DE DK EE ES FI FR GB GR HR HU IE IS IT LI LT LU LV MC MT NL NO PL PT RO SE SI SK SM VA",
        (5, 9),
        KRW="16000 22000 32000 60000 100000 176000 252000",
        USD="11.90 16.90 23.90 44.90 74.90 130.90 186.90",
        EUR="9.90 13.60 19.80 37.00 61.70 108.60 155.60",
        JPY="1750 2400 3450 6500 10800 19000 27200",
        CNY="83 114 166 311 518 912 1306",
    ),
    _zone(
        "oceania", "Oceania", "AU NZ", (4, 9),
        KRW="14000 19000 28000 53000 88000 155000 222000",
        USD="10.90 14.90 20.90 39.90 65.90 114.90 164.90",
        EUR="8.60 11.70 17.30 32.70 54.30 95.70 137.00",
        JPY="1500 2050 3000 5700 9500 16750 24000",
        CNY="73 98 145 275 456 803 1150",
    ),
    # Names no country, and so stands for every one that the others leave out.
    _zone(
        "elsewhere", "All other countries", "", (6, 14),
        KRW="19000 27000 40000 76000 127000 224000 321000",
        USD="14.90 19.90 29.90 56.90 94.90 165.90 237.90",
        EUR="11.70 16.70 24.70 46.90 78.40 138.30 198.10",
        JPY="2050 2900 4300 8200 13700 24200 34650",
        CNY="98 140 207 394 658 1161 1663",
    ),
)  # fmt: skip
