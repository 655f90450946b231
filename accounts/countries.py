"""The countries that the store sends parcels to, and their names in the reader's language."""

from functools import cache

from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

SHIPPING_COUNTRIES = {
    "AE": _("United Arab Emirates"),
    "AT": _("Austria"),
    "AU": _("Australia"),
    "BE": _("Belgium"),
    "BR": _("Brazil"),
    "CA": _("Canada"),
    "CH": _("Switzerland"),
    "CN": _("China"),
    "CZ": _("Czechia"),
    "DE": _("Germany"),
    "DK": _("Denmark"),
    "ES": _("Spain"),
    "FI": _("Finland"),
    "FR": _("France"),
    "GB": _("United Kingdom"),
    "HK": _("Hong Kong"),
    "ID": _("Indonesia"),
    "IE": _("Ireland"),
    "IN": _("India"),
    "IT": _("Italy"),
    "JP": _("Japan"),
    "KR": _("South Korea"),
    "KZ": _("Kazakhstan"),
    "MN": _("Mongolia"),
    "MX": _("Mexico"),
    "MY": _("Malaysia"),
    "NL": _("Netherlands"),
    "NO": _("Norway"),
    "NZ": _("New Zealand"),
    "PH": _("Philippines"),
    "PL": _("Poland"),
    "PT": _("Portugal"),
    "SA": _("Saudi Arabia"),
    "SE": _("Sweden"),
    "SG": _("Singapore"),
    "TH": _("Thailand"),
    "TR": _("Türkiye"),
    "TW": _("Taiwan"),
    "US": _("United States"),
    "UZ": _("Uzbekistan"),
    "VN": _("Vietnam"),
}
DEFAULT_COUNTRY = "US"
DEFAULT_COUNTRY_BY_LANGUAGE = {"ko": "KR"}


def shipping_countries() -> list[tuple[str, str]]:
    """Pairs of code and name, in the alphabetical order of the active language."""
    return _sorted_names(get_language() or "en")


@cache
def _sorted_names(_language: str) -> list[tuple[str, str]]:
    return sorted(((code, str(name)) for code, name in SHIPPING_COUNTRIES.items()), key=lambda pair: pair[1])


def country_name(code: str) -> str:
    """The name of a country in the active language, or its code when the store does not send there."""
    return str(SHIPPING_COUNTRIES.get(code, code))


def default_country() -> str:
    """The country that a reader of the active language most likely lives in."""
    return DEFAULT_COUNTRY_BY_LANGUAGE.get((get_language() or "en").split("-")[0], DEFAULT_COUNTRY)
