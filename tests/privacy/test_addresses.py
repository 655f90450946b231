"""One mailbox, many spellings: a stop written from one of them is heard for all."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from privacy.addresses import canonical, spellings


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
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute("SELECT %s ~* %s, %s ~* %s", [stored, spellings(written), "other@gmail.com", spellings(written)])
        assert cursor.fetchone() == (True, False)
