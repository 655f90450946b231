"""Finds personal values in the project's expressions, by the names that are used for them."""

from __future__ import annotations

import ast
from collections.abc import Iterable, Iterator

from django.apps import apps
from django.db import models

from privacy.declaration import Origin, personal_fields
from privacy.internal.checks.source import Module, dotted_name
from privacy.internal.checks.vocabulary import tells, words_of

# What comes in from outside, whole: nobody knows what people typed into it.
_TYPED = frozenset(
    {"POST", "GET", "FILES", "COOKIES", "META", "headers", "cleaned_data", "validated_data", "initial_data"}
)
_OF_A_REQUEST = frozenset({"data", "body", "query_params", "session", "content_params"})
# Functions whose result does not tell any more what went in.
_SILENCED = frozenset(
    {
        "len", "type", "bool", "masked", "mask", "redact", "salted_hmac", "digest", "hash", "isinstance", "exists", "count",
        "constant_time_compare",
    }
)  # fmt: skip
# Methods and functions that hand on what they were given.
_HAND_ON = frozenset(
    {
        "str",
        "repr",
        "strip",
        "lower",
        "upper",
        "title",
        "casefold",
        "format",
        "join",
        "replace",
        "get",
        "copy",
        "dict",
        "list",
    }
)


def fields_of_records() -> dict[str, frozenset[str]]:
    """By each word of a record's name, which is what variables are called: {"delivery": {"city", …}, "address": …}."""
    found: dict[str, frozenset[str]] = {}
    for model in apps.get_models():
        names = {field.name for field in personal_fields(model, origin=Origin.PERSON)}
        for word in words_of(model.__name__) if names else ():
            found[word] = found.get(word, frozenset()) | names
    # What other models of the same word hold: an order has a state of its own, as its contact's address has one.
    for model in apps.get_models():
        word = words_of(model.__name__)[-1]
        plain = {field.name for field in model._meta.get_fields()} - set(map(_name, personal_fields(model)))
        if word in found and not personal_fields(model, origin=Origin.PERSON):
            found[word] -= plain
    return found


def _name(field: models.Field) -> str:
    return str(field.name)


class Reader:
    """Finds the first part of an expression that stands for a value about a person."""

    def __init__(self) -> None:
        self._records = fields_of_records()
        self._under_other_names: dict[int, frozenset[str]] = {}

    def personal_in(self, expression: ast.AST | None, module: Module | None = None) -> str | None:
        """That part, as it is written. With its module, a value that was given another name before is known too."""
        if expression is None:
            return None
        function = module.function_around(expression) if module else None
        return self._look(expression, self.renamed_in(function) if function else frozenset())

    def renamed_in(self, function: ast.FunctionDef) -> frozenset[str]:
        """The variables of a function that hold a personal value under a name which does not tell."""
        known = self._under_other_names.get(id(function))
        if known is None:
            known = frozenset()
            given = [
                n for n in ast.walk(function) if isinstance(n, ast.Assign | ast.AnnAssign | ast.NamedExpr) and n.value
            ]
            while True:
                found = known | {
                    target.id
                    for node in given
                    if node.value is not None and self._carries(node.value, known)
                    for target in (node.targets if isinstance(node, ast.Assign) else [node.target])
                    if isinstance(target, ast.Name)
                }
                if found == known:
                    break
                known = found
            self._under_other_names[id(function)] = known
        return known

    def _carries(self, node: ast.expr, known: frozenset[str]) -> bool:
        """Whether what an expression gives is the value itself, or a text or collection with it inside."""
        if self._is_personal(node, known):
            # The whole of a request is asked about again wherever a part of it is used.
            return not (isinstance(node, ast.Attribute) and node.attr in _TYPED | _OF_A_REQUEST)
        if isinstance(node, ast.Call):
            hands_on = dotted_name(node.func).rpartition(".")[2] in _HAND_ON
            inner = [*node.args, *([node.func.value] if isinstance(node.func, ast.Attribute) else [])]
            return hands_on and any(self._carries(part, known) for part in inner)
        if isinstance(node, ast.JoinedStr | ast.BinOp | ast.IfExp | ast.BoolOp | ast.Tuple | ast.List | ast.Dict):
            return any(self._carries(part, known) for part in ast.iter_child_nodes(node) if isinstance(part, ast.expr))
        if isinstance(node, ast.FormattedValue | ast.Await | ast.Starred):
            return self._carries(node.value, known)
        return False

    def _look(self, node: ast.AST, known: frozenset[str]) -> str | None:
        if isinstance(node, ast.Call) and dotted_name(node.func).rpartition(".")[2] in _SILENCED:
            return None
        if self._is_personal(node, known):
            return ast.unparse(node)
        for child in ast.iter_child_nodes(node):
            if found := self._look(child, known):
                return found
        return None

    def _is_personal(self, node: ast.AST, known: frozenset[str]) -> bool:
        if isinstance(node, ast.Name):
            return tells(node.id) or node.id in ("cleaned_data", "validated_data") or node.id in known
        if isinstance(node, ast.Attribute):
            if tells(node.attr) or node.attr in _TYPED or node.attr == "__dict__":
                return True
            owner = words_of(dotted_name(node.value).rpartition(".")[2])
            if not owner:
                return False
            if node.attr in _OF_A_REQUEST:
                return owner[-1] in ("request", "form", "serializer")
            return node.attr in self._records.get(owner[-1], ())
        if isinstance(node, ast.Subscript):
            return (
                isinstance(node.slice, ast.Constant) and isinstance(node.slice.value, str) and tells(node.slice.value)
            )
        if isinstance(node, ast.Call):
            return dotted_name(node.func).rpartition(".")[2] in ("locals", "vars", "model_to_dict")
        if isinstance(node, ast.Dict):
            return next(telling_keys(node), None) is not None
        return False


def telling_keys(node: ast.AST) -> Iterator[str]:
    """The keys of every dictionary in an expression that usually stand before a value about a person."""
    for part in ast.walk(node):
        if isinstance(part, ast.Dict):
            keys: Iterable[ast.expr | None] = part.keys
            yield from (
                k.value for k in keys if isinstance(k, ast.Constant) and isinstance(k.value, str) and tells(k.value)
            )
        elif isinstance(part, ast.Call) and dotted_name(part.func) == "dict":
            yield from (k.arg for k in part.keywords if k.arg and tells(k.arg))
