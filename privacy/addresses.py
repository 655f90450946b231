"""Which e-mail addresses reach the same mailbox: a stop that names one of them counts for all of them."""

from __future__ import annotations

import re
import unicodedata
from contextlib import suppress
from typing import TypeVar, cast

from django.db.models import F, Func, Model, QuerySet, TextField, Value

_Row = TypeVar("_Row", bound=Model)

# The function of the database by which every column with an address has an index (privacy/internal/mailboxes_sql.py).
MAILBOX = "privacy_mailbox"

# Domains that are one provider's names for the same mailbox, each with the first of them.
_SAME_DOMAIN = {
    "googlemail.com": "gmail.com",
    "protonmail.com": "proton.me",
    "protonmail.ch": "proton.me",
    "pm.me": "proton.me",
    "me.com": "icloud.com",
    "mac.com": "icloud.com",
    "ya.ru": "yandex.ru",
    "yandex.by": "yandex.ru",
    "yandex.com": "yandex.ru",
    "yandex.kz": "yandex.ru",
}
# Characters of the part before the @ that these providers do not read.
_IGNORED = {"gmail.com": ".", "proton.me": ".-_"}
# Where a dot and a hyphen are the same letter.
_DOT_IS_HYPHEN = frozenset({"yandex.ru"})
# What a mail program or a paste leaves around or inside an address and nobody sees.
_INVISIBLE = re.compile(r"[\s\u00ad\u200b-\u200f\u202a-\u202e\u2060-\u2064\ufeff]+")


def canonical(address: str) -> str:
    """One spelling for all addresses that reach the same mailbox; for comparing, never for sending.

    Case is ignored, a tag after a plus is dropped everywhere, and where a provider is known to ignore dots or to have
    several domains, so does this. It may take two mailboxes for one: whoever is suppressed by that gets less advertising,
    and nobody gets more. So it serves to stop, and never to show somebody's data to whoever owns the other mailbox.
    """
    local, at, domain = _plain(address).rpartition("@")
    if not at:
        return domain
    domain = _domain(domain)
    local = local.replace('"', "") or local
    name = local.partition("+")[0] or local
    for ignored in _IGNORED.get(domain, ""):
        name = name.replace(ignored, "")
    if domain in _DOT_IS_HYPHEN:
        name = name.replace(".", "-")
    return f"{name or local}@{domain}"


def _plain(text: str) -> str:
    plain = unicodedata.normalize("NFKC", _INVISIBLE.sub("", text)).lower()
    # What was hidden between two characters may have kept them apart, so it is read until nothing changes any more.
    return plain if plain == text else _plain(plain)


def _domain(domain: str) -> str:
    domain = domain.rstrip(".")
    # No name that a mail could be sent to is compared as it stands.
    with suppress(UnicodeError):
        domain = domain.encode("idna").decode("ascii")
    return _SAME_DOMAIN.get(domain, domain)


def near_mailbox(rows: QuerySet[_Row, _Row], field: str, address: str) -> QuerySet[_Row, _Row]:
    """The few rows whose address may be of the same mailbox, by an index; which of them are is for a further filter to say.

    A table of everybody who ever bought is not read for one letter.
    """
    keys = [Func(Value(text), function=MAILBOX, output_field=TextField()) for text in (address, canonical(address))]
    own = Func(F(field), function=MAILBOX, output_field=TextField())
    return cast("QuerySet[_Row, _Row]", rows.alias(mailbox=own).filter(mailbox__in=keys))


def spellings(address: str) -> str:
    """A regular expression, for a case-blind search in PostgreSQL, that finds every stored spelling of a mailbox.

    It finds what `canonical` takes for the same, so that a table can be searched without reading all of it here.
    """
    name, _at, domain = canonical(address).rpartition("@")
    domains = sorted(
        {domain, _in_letters(domain), *(other for other, first in _SAME_DOMAIN.items() if first == domain)}
    )
    ignored = _IGNORED.get(domain, "")
    between = f"[{re.escape(ignored)}]*" if ignored else ""
    letters = ("[.-]" if c == "-" and domain in _DOT_IS_HYPHEN else _literal(c) for c in name)
    spelled = between + between.join(letters) + between
    return f'^"?{spelled}([+][^@]*)?"?@({"|".join("".join(map(_literal, d)) for d in domains)})[.]?$'


def _in_letters(domain: str) -> str:
    try:
        return domain.encode("ascii").decode("idna")
    except UnicodeError:
        return domain


def _literal(character: str) -> str:
    # Letters and digits mean themselves; a backslash before one would mean a class of characters.
    return character if character.isalnum() else f"\\{character}"
