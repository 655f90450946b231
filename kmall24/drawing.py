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
        return self._of(context, _place(), {name: said.resolve(context) for name, said in self.values.items()})

    def _of(self, context: Context, place: Hashable, values: dict[str, Any]) -> SafeString:
        alike = (place, *map(_as_key, values.values()))
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


class DrawnEach(DrawnOnce):
    """The same for each of several, one after another: what stands between the tags sees the one, and not its neighbours."""

    def __init__(self, nodelist: NodeList, name: str, several: FilterExpression) -> None:
        super().__init__(nodelist, {name: several})

    def render(self, context: Context) -> SafeString:
        place, ((name, several),) = _place(), self.values.items()
        # Each of them is safe, as what a template draws is.
        return SafeString("".join([self._of(context, place, {name: one}) for one in several.resolve(context)]))


def _place() -> Hashable:
    return get_language(), get_script_prefix(), _of_these_settings


def drawn_once(parser: Parser, token: Token) -> DrawnOnce:
    """`{% drawn_once language shelves=navigation %} … {% enddrawn_once %}`."""
    words = token.split_contents()[1:]
    values = {}
    for word in words:
        named = token_kwargs([word], parser)
        if not named and not word.isidentifier():
            raise TemplateSyntaxError(f"drawn_once needs a name for {word!r}: write name={word}.")
        values |= named or {word: parser.compile_filter(word)}
    return DrawnOnce(_until(parser, "enddrawn_once"), values)


def drawn_each(parser: Parser, token: Token) -> DrawnEach:
    """`{% drawn_each card in cards %} … {% enddrawn_each %}`."""
    match token.split_contents()[1:]:
        case [name, "in", several] if name.isidentifier():
            return DrawnEach(_until(parser, "enddrawn_each"), name, parser.compile_filter(several))
    raise TemplateSyntaxError("Write {% drawn_each one in several %}.")


def _until(parser: Parser, end: str) -> NodeList:
    nodelist = parser.parse((end,))
    parser.delete_first_token()
    if nodelist.get_nodes_by_type(BlockNode):
        raise TemplateSyntaxError("A block is another page's to fill in, so it cannot stand in what is drawn once.")
    return nodelist


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
