"""One mailbox, many spellings: a stop written from one of them is heard for all."""

import random
import re

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from hypothesis import given
from hypothesis import strategies as st

from marketing.queries import subscription_of
from privacy.addresses import canonical, spellings
from privacy.internal import mailboxes_sql
from privacy.internal.whereabouts import subjects_reached_by, subjects_with_email


@pytest.mark.parametrize(
    "spelling",
    [
        "minji.kim@gmail.com",
        "MinJi.Kim@Gmail.com",
        "minjikim@googlemail.com",
        "m.i.n.j.i.kim+shop@gmail.com",
        " minjikim@gmail.com ",
        "minjikim@gmail.com.",
        "minjikim\u200b@gmail.com",
        "ｍinjikim＠gmail.com",
        '"minji.kim"@gmail.com',
    ],
)
def test_spellings_of_one_mailbox_are_one_address(spelling):
    assert canonical(spelling) == "minjikim@gmail.com"


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("jo@example.com", "JO+kmall@example.com"),
        ("jo@münchen.example", "jo@xn--mnchen-3ya.example"),
        ("j.o-e_l@proton.me", "joel@protonmail.com"),
        ("jo@me.com", "jo@icloud.com"),
        ("jo.el@yandex.ru", "jo-el@ya.ru"),
    ],
)
def test_what_a_provider_does_not_tell_apart_is_not_told_apart(one, other):
    assert canonical(one) == canonical(other)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("jo.el@example.com", "joel@example.com"),
        ("jo@example.com", "jo@example.org"),
        ("jo@outlook.com", "jo@hotmail.com"),
        ("jo-el@gmail.com", "joel@gmail.com"),
    ],
)
def test_different_mailboxes_stay_two(one, other):
    assert canonical(one) != canonical(other)


@pytest.mark.parametrize(
    "odd", ["", "@", "nobody", "+tag@example.com", "...@gmail.com", "a@b@c.com", "@@", "x@" + "a" * 300]
)
def test_what_is_no_address_is_still_compared(odd):
    assert canonical(canonical(odd)) == canonical(odd)


@given(st.text(max_size=40), st.sampled_from(["gmail.com", "example.com", "pm.me", "ya.ru", "Münch.example"]))
def test_canonical_is_its_own_canonical(name, domain):
    once = canonical(f"{name}@{domain}")
    assert canonical(once) == once


@given(
    st.text("abcXYZ019._-+*()[]$^|?", min_size=1, max_size=20),
    st.sampled_from(["gmail.com", "GoogleMail.com", "example.com", "proton.me", "ya.ru", "münchen.example"]),
)
def test_the_search_finds_every_spelling_that_is_the_same(name, domain):
    address = f"{name}@{domain}"
    assert re.search(spellings(address), address, re.IGNORECASE)
    assert re.search(spellings(canonical(address)), address, re.IGNORECASE)


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("stored", "written"),
    [("Min.Ji+a@gmail.com", "minji@googlemail.com"), ("a*b(@example.com", "A*b(+x@example.com")],
)
def test_postgresql_reads_the_search_as_python_does(stored, written):
    with connection.cursor() as cursor:
        cursor.execute("SELECT %s ~* %s, %s ~* %s", [stored, spellings(written), "other@gmail.com", spellings(written)])
        assert cursor.fetchone() == (True, False)


class TestTheIndex:
    """Every column with an address is searched by an index, which leaves out no spelling."""

    pytestmark = pytest.mark.django_db

    def test_every_spelling_of_a_mailbox_is_near_it(self):
        """Of a thousand spellings, drawn from few letters so that many are of one mailbox."""
        draw = random.Random(7)
        domains = ["gmail.com", "GoogleMail.com", "example.com", "proton.me", "ya.ru", "münchen.example"]
        drawn = ["".join(draw.choices('aB9._-+*"( é한', k=draw.randint(1, 5))) for _ in range(1000)]
        stored = [f"{name}@{draw.choice(domains)}" for name in drawn]
        asked = [*stored[:100], *(a.upper() for a in stored[:100]), *(f" {a}\u200b" for a in stored[:100])]
        keys = dict.fromkeys([*stored, *asked, *map(canonical, asked)], "")
        with connection.cursor() as cursor:
            cursor.execute("SELECT a, privacy_mailbox(a) FROM unnest(%s) AS a", [list(keys)])
            keys.update(cursor.fetchall())
        pairs = [(one, other) for one in asked for other in stored if canonical(one) == canonical(other)]
        assert len(pairs) > 1000
        for one, other in pairs:
            assert keys[other] in (keys[one], keys[canonical(one)]), (one, other)

    def test_no_table_is_read_whole_for_an_address(self):
        """Also one of an app that is written tomorrow."""
        places = list(mailboxes_sql.columns())
        assert ("marketing_subscription", "email") in places
        assert ("account_emailaddress", "email") in places
        with CaptureQueriesContext(connection) as queries:
            subjects_reached_by("mina@example.com")
            subjects_with_email("mina@example.com")
            subscription_of("mina@example.com")
        asked = [q["sql"] for q in queries if "UPPER" in q["sql"]]
        assert len(asked) >= 2 * len(places) + 1
        with connection.cursor() as cursor:
            # The tables of a test are empty, and so cheap to read whole by any index: what is left is to look up by one.
            cursor.execute("SET LOCAL enable_seqscan = off; SET LOCAL enable_indexscan = off")
            for sql in asked:
                cursor.execute(f"EXPLAIN {sql}")
                plan = "\n".join(row[0] for row in cursor.fetchall())
                assert any(mailboxes_sql.index_of(*place) in plan for place in places), plan
