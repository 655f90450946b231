"""Parts of a page that are drawn once for all who see them alike, and cannot see anything else."""

from __future__ import annotations

import itertools
import threading
from collections import OrderedDict
from collections.abc import Hashable, Mapping
from typing import Any

from django.core.signals import setting_changed
from django.template import Context, Node, NodeList, TemplateSyntaxError
from django.template.base import FilterExpression, Parser, Token, token_kwargs
from django.template.loader_tags import BlockNode
from django.urls import get_script_prefix
from django.utils.functional import LazyObject, empty
from django.utils.safestring import SafeString
from django.utils.translation import get_language

# Drawings of one place in one template; of two kilobytes each they take four megabytes at most.
MOST = 2000
_settings = itertools.count()
_of_these_settings = next(_settings)


class DrawnOnce(Node):
    """What stands between the tags, drawn in a context of its own, which holds the named values and nothing else.

    So the values, the language and where the site stands are the whole of what it can depend on, and they are the name
    under which it is kept. A request, a person or a proof is in it only if one is handed in by name, which nobody does.
    """

    def __init__(self, nodelist: NodeList, values: Mapping[str, FilterExpression]) -> None:
        self.nodelist, self.values = nodelist, values
        self._drawn: OrderedDict[Hashable, SafeString] = OrderedDict()
        self._turn = threading.Lock()

    def render(self, context: Context) -> SafeString:
        values = {name: expression.resolve(context) for name, expression in self.values.items()}
        alike = (get_language(), get_script_prefix(), _of_these_settings, *map(_as_key, values.values()))
        drawn = self._drawn.get(alike)
        if drawn is None:
            drawn = self._draw(context, values)
            with self._turn:
                self._drawn[alike] = drawn
                while len(self._drawn) > MOST:
                    self._drawn.popitem(last=False)
        return drawn

    def _draw(self, context: Context, values: dict[str, Any]) -> SafeString:
        own = Context(values, autoescape=context.autoescape)
        with own.bind_template(context.template):
            return self.nodelist.render(own)


def drawn_once(parser: Parser, token: Token) -> DrawnOnce:
    """`{% drawn_once language shelves=navigation %} … {% enddrawn_once %}`."""
    words = token.split_contents()[1:]
    values = {}
    for word in words:
        named = token_kwargs([word], parser)
        if not named and not word.isidentifier():
            raise TemplateSyntaxError(f"drawn_once needs a name for {word!r}: write name={word}.")
        values |= named or {word: parser.compile_filter(word)}
    nodelist = parser.parse(("enddrawn_once",))
    parser.delete_first_token()
    if nodelist.get_nodes_by_type(BlockNode):
        raise TemplateSyntaxError("A block is another page's to fill in, so it cannot stand in what is drawn once.")
    return DrawnOnce(nodelist, values)


def _as_key(value: Any) -> Hashable:
    """A value as part of a name: equal names only for what is drawn alike, so 1 is not True, and a list is what is in it."""
    if isinstance(value, LazyObject):
        if value._wrapped is empty:
            value._setup()
        value = value._wrapped
    if isinstance(value, dict):
        return tuple((key, _as_key(one)) for key, one in value.items())
    if isinstance(value, list | tuple):
        return tuple(map(_as_key, value))
    return type(value), value


def _forget(**_signal: object) -> None:
    global _of_these_settings
    _of_these_settings = next(_settings)


# Settings stand still in a running store; tests change them.
setting_changed.connect(_forget)
