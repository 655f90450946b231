"""Where a personal value could run out beside the doors: a log line, an answer, an address, a session, a cache, a queue."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterable, Iterator
from typing import Any

from django.apps import apps
from django.core.checks import CheckMessage, Error, register
from django.db import models

from privacy.declaration import Origin, datum, personal_fields
from privacy.internal.checks.source import Module, Source, dotted_name, project
from privacy.internal.checks.vocabulary import tells, words_of

_LEVELS = frozenset({"debug", "info", "warning", "warn", "error", "critical", "exception", "log"})
_PRINTS = frozenset({"print", "warnings.warn", "sys.stdout.write", "sys.stderr.write", "self.stdout.write"})
_QUEUES = frozenset({"delay", "apply_async", "send_task", "enqueue"})
_CACHES = ("cache", "caches", "redis", "valkey", "client", "pipe", "pipeline")
_STORES = frozenset(
    {"set", "add", "set_many", "get_or_set", "rpush", "lpush", "hset", "setex", "sadd", "mset", "publish"}
)
_ANSWERS = frozenset({"JsonResponse", "Response"})
# What comes in from outside, whole: nobody knows what people typed into it.
_TYPED = frozenset(
    {"POST", "GET", "FILES", "COOKIES", "META", "headers", "cleaned_data", "validated_data", "initial_data"}
)
_OF_A_REQUEST = frozenset({"data", "body", "query_params", "session", "content_params"})
# Functions whose result does not tell any more what went in.
_SILENCED = frozenset(
    {
        "len",
        "type",
        "bool",
        "masked",
        "mask",
        "redact",
        "salted_hmac",
        "digest",
        "hash",
        "isinstance",
        "constant_time_compare",
    }
)
_IN_AN_ADDRESS = re.compile(r"[?&]([\w\-]+)=")


def _fields_of_records() -> dict[str, frozenset[str]]:
    """By the last word of each record's name, which is what variables are called: {"address": {"city", …}, …}."""
    found: dict[str, frozenset[str]] = {}
    for model in apps.get_models():
        names = {field.name for field in personal_fields(model, origin=Origin.PERSON)}
        if names:
            word = words_of(model.__name__)[-1]
            found[word] = found.get(word, frozenset()) | names
    return found


def _json_fields() -> frozenset[str]:
    """The names of columns that hold whatever is put into them, unless they are declared."""
    return frozenset(
        field.name
        for model in apps.get_models()
        for field in model._meta.local_concrete_fields
        if isinstance(field, models.JSONField) and datum(field) is None
    )


class Reader:
    """Finds personal values in an expression, by the names that are used for them."""

    def __init__(self) -> None:
        self._records = _fields_of_records()

    def personal_in(self, expression: ast.AST | None) -> str | None:
        """The first part of the expression that stands for a value about a person, as it is written."""
        if expression is None or self._is_silenced(expression):
            return None
        if self._is_personal(expression):
            return ast.unparse(expression)
        for child in ast.iter_child_nodes(expression):
            if found := self.personal_in(child):
                return found
        return None

    def _is_silenced(self, node: ast.AST) -> bool:
        return isinstance(node, ast.Call) and dotted_name(node.func).rpartition(".")[2] in _SILENCED

    def _is_personal(self, node: ast.AST) -> bool:
        if isinstance(node, ast.Name):
            return tells(node.id) or node.id in ("cleaned_data", "validated_data")
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


def is_log_line(module: Module, call: ast.Call) -> bool:
    """Whether a call writes a line that somebody who runs the store can read."""
    if module.called(call) in _PRINTS:
        return True
    if not isinstance(call.func, ast.Attribute) or call.func.attr not in _LEVELS:
        return False
    owner = call.func.value
    if isinstance(owner, ast.Call):
        return module.called(owner) == "logging.getLogger"
    name = dotted_name(owner)
    made = module.constants.get(name)
    return name.rpartition(".")[2].strip("_").lower() in ("logger", "log", "logging") or (
        isinstance(made, ast.Call) and module.called(made) == "logging.getLogger"
    )


def log_lines(source: Source) -> Iterator[tuple[str, str]]:
    """Every log line with a personal value in it: where, and which."""
    reader = Reader()
    for module in source.modules:
        for call in module.calls:
            if is_log_line(module, call) and not module.on_purpose(call):
                for part in (*call.args, *(k.value for k in call.keywords if k.arg != "exc_info")):
                    if found := reader.personal_in(part):
                        yield module.place(call), found
                        break


def stores(source: Source) -> Iterator[tuple[str, str]]:
    """Every personal value that is put into a session, a cache, a queue or an undeclared JSON column."""
    reader, json_fields = Reader(), _json_fields()
    for module in source.modules:
        for node in module.nodes:
            if isinstance(node, ast.Assign | ast.AnnAssign):
                targets = node.targets if isinstance(node, ast.Assign) else [node.target]
                for target in targets:
                    if found := _put_by_assignment(reader, json_fields, target, node.value):
                        yield module.place(node), found
            elif isinstance(node, ast.Call) and (found := _put_by_call(reader, json_fields, node)):
                yield module.place(node), found


def _put_by_assignment(
    reader: Reader, json_fields: frozenset[str], target: ast.expr, value: ast.expr | None
) -> str | None:
    if isinstance(target, ast.Subscript) and isinstance(target.value, ast.Attribute):
        into = target.value.attr
        if into == "session":
            # The key, or the value; the session itself is not what is put into it.
            return reader.personal_in(target.slice) or _named(target.slice) or reader.personal_in(value)
        if into in json_fields and _written_on_a_row(target.value):
            return _named(target.slice) or (next(telling_keys(value), None) if value else None)
    if isinstance(target, ast.Attribute) and target.attr in json_fields and value is not None:
        return next(telling_keys(value), None)
    return None


def _named(node: ast.expr) -> str | None:
    return node.value if isinstance(node, ast.Constant) and isinstance(node.value, str) and tells(node.value) else None


def _written_on_a_row(node: ast.Attribute) -> bool:
    return bool(dotted_name(node.value)) and dotted_name(node.value) != "self"


def _put_by_call(reader: Reader, json_fields: frozenset[str], call: ast.Call) -> str | None:
    for given in call.keywords:
        if given.arg in json_fields and (key := next(telling_keys(given.value), None)):
            return key
    verb = dotted_name(call.func).rpartition(".")[2]
    owner = call.func.value if isinstance(call.func, ast.Attribute) else None
    if isinstance(owner, ast.Attribute) and owner.attr in json_fields and verb in ("update", "setdefault"):
        return next(filter(None, map(_named, call.args)), None) or next(telling_keys(call), None)
    parts = [*call.args, *(k.value for k in call.keywords)]
    if verb in _QUEUES:
        keyword = next((k.arg for k in call.keywords if k.arg and tells(k.arg)), None)
        return keyword or next(filter(None, map(reader.personal_in, parts)), None)
    # `cache.set(…)`, `self.client.set(…)` and `caches["default"].set(…)`.
    named = words_of(dotted_name(owner.value if isinstance(owner, ast.Subscript) else owner)) if owner else ()
    if verb in _STORES and named and named[-1] in _CACHES:
        return next(filter(None, map(reader.personal_in, parts)), None)
    return None


def _is_edge(module: Module) -> bool:
    parts = set(module.name.split("."))
    return bool(parts & {"views", "api", "wellknown", "health", "problems"})


def answers(source: Source) -> Iterator[tuple[str, str]]:
    """Every answer to a request that names a personal value without a serializer that declares it."""
    fields = {name for names in _fields_of_records().values() for name in names if tells(name)}
    for module in source.modules:
        if not _is_edge(module):
            continue
        api = "api" in module.name.split(".")
        for function in [n for n in module.nodes if isinstance(n, ast.FunctionDef)]:
            given = _dictionaries_of(function)
            for call in [n for n in ast.walk(function) if isinstance(n, ast.Call)]:
                verb = dotted_name(call.func).rpartition(".")[2]
                if verb in ("values", "values_list"):
                    columns = [a.value for a in call.args if isinstance(a, ast.Constant) and isinstance(a.value, str)]
                    for column in columns:
                        last = column.rpartition("__")[2]
                        if last in fields or tells(last):
                            yield module.place(call), column
                elif verb in _ANSWERS:
                    for part in call.args:
                        nodes = [part, *(given.get(n.id, part) for n in ast.walk(part) if isinstance(n, ast.Name))]
                        if key := next((k for node in nodes for k in telling_keys(node)), None):
                            yield module.place(call), key
                            break
            if api:
                for node in ast.walk(function):
                    returned = node.value if isinstance(node, ast.Return) else None
                    # What a call returns is judged where the call is.
                    if returned is None or isinstance(returned, ast.Call):
                        continue
                    if key := next(telling_keys(returned), None):
                        yield module.place(node), key


def _dictionaries_of(function: ast.FunctionDef) -> dict[str, ast.AST]:
    """What the variables of a function are made of, with what is put into them later."""
    found: dict[str, list[ast.expr]] = {}
    for node in ast.walk(function):
        if isinstance(node, ast.Assign):
            for target in node.targets:
                if isinstance(target, ast.Name):
                    found.setdefault(target.id, []).append(node.value)
                elif isinstance(target, ast.Subscript) and isinstance(target.value, ast.Name):
                    entry = ast.Dict(keys=[target.slice], values=[node.value])
                    found.setdefault(target.value.id, []).append(entry)
    return {name: ast.Tuple(elts=values, ctx=ast.Load()) for name, values in found.items()}


def addresses(source: Source) -> Iterator[tuple[str, str]]:
    """Every address of a page that carries a personal value: addresses are written into logs that are not the store's."""
    for module in source.modules:
        for node in module.nodes:
            if isinstance(node, ast.Constant) and isinstance(node.value, str):
                for name in _IN_AN_ADDRESS.findall(node.value):
                    if tells(name):
                        yield module.place(node), name
            elif isinstance(node, ast.Call) and dotted_name(node.func).rpartition(".")[2] == "urlencode":
                yield from ((module.place(node), key) for key in telling_keys(node))


@register("privacy")
def no_value_runs_out(source: Source | None = None, **_kwargs: Any) -> Iterator[CheckMessage]:
    """E017: a log line. E021: an answer or an address. E026: a session, a cache, a queue or a JSON column."""
    source = source if isinstance(source, Source) else project()
    for place, what in log_lines(source):
        yield Error(
            f"{place}: a log line carries {what}, which is about a person.",
            hint="Log the number of the row instead, or what went wrong without the value.",
            id="privacy.E017",
        )
    for place, what in [*answers(source), *addresses(source)]:
        yield Error(
            f"{place}: {what} leaves in an answer or an address without a declaration.",
            hint="Answer through a PersonalSerializer, which names the record and its purposes; addresses carry keys only.",
            id="privacy.E021",
        )
    for place, what in stores(source):
        yield Error(
            f"{place}: {what} is put where nothing declares it: a session, a cache, a queue or a JSON column.",
            hint="Keep the value in its PersonalRecord and put the number of the row here.",
            id="privacy.E026",
        )
