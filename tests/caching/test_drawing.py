"""What is drawn once depends on the values it is named by, the language and the place of the site, and can see nothing else."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
from django.http import HttpRequest
from django.template import Context, RequestContext, Template, TemplateSyntaxError
from django.test import override_settings
from django.urls import set_script_prefix
from django.utils.functional import SimpleLazyObject
from django.utils.safestring import mark_safe
from django.utils.translation import override

from kmall24 import drawing
from kmall24.drawing import DrawnOnce

ROOT = Path(__file__).resolve().parents[2]


def template(inside: str, values: str = "") -> Template:
    return Template("{% load store i18n %}{% drawn_once " + values + " %}" + inside + "{% enddrawn_once %}")


def drawings(one: Template) -> int:
    return len(one.nodelist.get_nodes_by_type(DrawnOnce)[0]._drawn)


def test_it_is_drawn_once_for_equal_values(monkeypatch: pytest.MonkeyPatch) -> None:
    one, drawn = template("{{ name }}", "name"), []
    draw = DrawnOnce._draw
    monkeypatch.setattr(DrawnOnce, "_draw", lambda *about: drawn.append(1) or draw(*about))
    assert [one.render(Context({"name": name})) for name in ("tea", "tea", "rice", "tea")] == [
        "tea",
        "tea",
        "rice",
        "tea",
    ]
    assert len(drawn) == 2


def test_nothing_gets_in_that_is_not_named() -> None:
    one = template("[{{ name }}{{ email }}{{ request.user }}{% csrf_token %}]")
    told = {"name": "Mina", "email": "mina@example.com", "csrf_token": "proof"}
    assert one.render(RequestContext(HttpRequest(), told)) == "[]"


@pytest.mark.parametrize(
    ("first", "second"),
    [
        (1, True),
        (0, False),
        (1, "1"),
        (None, "None"),
        ("<b>", mark_safe("<b>")),
        ([1, 2], [1, 3]),
        ([{"a": 1}], [{"a": 2}]),
        ([{"a": 1}], [{"b": 1}]),
    ],
)
def test_what_is_drawn_differently_is_kept_apart(first: Any, second: Any) -> None:
    one = template("{{ value }}", "value")
    plain = Template("{{ value }}")
    for value in (first, second, first):
        assert one.render(Context({"value": value})) == plain.render(Context({"value": value}))


def test_each_language_has_a_drawing_of_its_own() -> None:
    one = template("{% url 'catalogue:list' %} {% translate 'Search' %}")
    said = {}
    for language in ("en", "ko", "en"):
        with override(language):
            said[language] = one.render(Context())
    assert said == {"en": "/products/ Search", "ko": "/ko/products/ 검색"}


def test_a_site_below_another_address_has_drawings_of_its_own() -> None:
    one = template("{% url 'catalogue:list' %}")
    assert one.render(Context()) == "/products/"
    set_script_prefix("/shop/")
    try:
        assert one.render(Context()) == "/shop/products/"
    finally:
        set_script_prefix("/")


def test_settings_that_change_change_it() -> None:
    one = template("{% load static %}{% static 'a.css' %}")
    before = one.render(Context())
    with override_settings(STATIC_URL="/elsewhere/"):
        assert one.render(Context()).startswith("/elsewhere/")
    assert one.render(Context()) == before


def test_what_is_looked_up_late_counts_as_what_it_is() -> None:
    one = template("{{ shelves|length }}", "shelves")
    assert one.render(Context({"shelves": SimpleLazyObject(lambda: [1, 2])})) == "2"
    assert one.render(Context({"shelves": [1, 2]})) == "2"
    assert drawings(one) == 1


def test_no_more_is_kept_than_there_is_room_for(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(drawing, "MOST", 3)
    one = template("{{ number }}", "number")
    for number in range(20):
        assert one.render(Context({"number": number})) == str(number)
    assert drawings(one) == 3


def test_a_block_is_refused_in_it() -> None:
    with pytest.raises(TemplateSyntaxError, match="another page's to fill in"):
        template("{% block title %}{% endblock %}")


def test_a_value_without_a_name_is_refused() -> None:
    with pytest.raises(TemplateSyntaxError, match="needs a name"):
        template("", "user.is_authenticated")


# Who hands in another name says here that it is about nobody.
_ABOUT_NOBODY = {
    *(
        "card",
        "chosen",
        "currency",
        "in_stock",
        "navigation",
        "shelves",
        "signed_in",
        "sort",
        "sorts",
        "store_name",
        "words",
    ),
}


def test_each_of_several_is_drawn_by_itself_and_once(monkeypatch: pytest.MonkeyPatch) -> None:
    one = Template("{% load store %}{% drawn_each tea in teas %}<{{ tea }}{{ teas }}{{ forloop }}>{% enddrawn_each %}")
    drawn, draw = [], DrawnOnce._draw
    monkeypatch.setattr(DrawnOnce, "_draw", lambda *about: drawn.append(1) or draw(*about))
    assert one.render(Context({"teas": ["a", "b", "a", "&"]})) == "<a><b><a><&amp;>"
    assert one.render(Context({"teas": ["b", "c"]})) == "<b><c>"
    assert one.render(Context({"teas": []})) == ""
    assert len(drawn) == 4


def test_each_of_nothing_named_is_refused() -> None:
    with pytest.raises(TemplateSyntaxError, match="drawn_each one in several"):
        Template("{% load store %}{% drawn_each teas %}{% enddrawn_each %}")


def test_nothing_about_anybody_is_handed_in() -> None:
    handed_in = set()
    for path in ROOT.glob("*/templates/**/*.html"):
        for values in re.findall(r"{% drawn_once([^%]*) %}", path.read_text()):
            handed_in |= {value.partition("=")[0] for value in values.split()}
        handed_in |= set(re.findall(r"{% drawn_each (\w+) in", path.read_text()))
    assert handed_in == _ABOUT_NOBODY
