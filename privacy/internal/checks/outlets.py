"""Where a personal value could run out beside the doors: a log line, an answer, an address, a session, a cache, a queue."""

from __future__ import annotations

import ast
import re
from collections.abc import Callable, Iterator
from functools import partial
from typing import Any

from django.apps import apps
from django.core.checks import CheckMessage, Error, register
from django.db import models

from privacy.declaration import datum
from privacy.internal.checks.reader import Reader, fields_of_records, telling_keys
from privacy.internal.checks.source import Module, Source, dotted_name, project
from privacy.internal.checks.vocabulary import tells, words_of

Look = Callable[[ast.AST | None], str | None]

_LEVELS = frozenset({"debug", "info", "warning", "warn", "error", "critical", "exception", "log"})
_PRINTS = frozenset({"print", "warnings.warn", "sys.stdout.write", "sys.stderr.write", "self.stdout.write"})
_QUEUES = frozenset({"delay", "apply_async", "send_task", "enqueue"})
_CACHES = ("cache", "caches", "redis", "valkey", "client", "pipe", "pipeline")
_STORES = frozenset(
    {"set", "add", "set_many", "get_or_set", "rpush", "lpush", "hset", "setex", "sadd", "mset", "publish"}
)
_ANSWERS = frozenset({"JsonResponse", "Response"})
_IN_AN_ADDRESS = re.compile(r"[?&]([\w\-]+)=")


def _json_fields() -> frozenset[str]:
    """The names of columns that hold whatever is put into them, unless they are declared."""
    return frozenset(
        field.name
        for model in apps.get_models()
        for field in model._meta.local_concrete_fields
        if isinstance(field, models.JSONField) and datum(field) is None
    )


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
                    if found := reader.personal_in(part, module):
                        yield module.place(call), found
                        break


def stores(source: Source) -> Iterator[tuple[str, str]]:
    """Every personal value that is put into a session, a cache, a queue or an undeclared JSON column."""
    reader, json_fields = Reader(), _json_fields()
    for module in source.modules:
        look = partial(reader.personal_in, module=module)
        for node in module.only(ast.Assign, ast.AnnAssign, ast.Call):
            if isinstance(node, ast.Assign | ast.AnnAssign):
                targets = node.targets if isinstance(node, ast.Assign) else [node.target]
                for target in targets:
                    if found := _put_by_assignment(look, json_fields, target, node.value):
                        yield module.place(node), found
            elif isinstance(node, ast.Call) and (found := _put_by_call(look, json_fields, node)):
                yield module.place(node), found


def _put_by_assignment(look: Look, json_fields: frozenset[str], target: ast.expr, value: ast.expr | None) -> str | None:
    if isinstance(target, ast.Subscript) and isinstance(target.value, ast.Attribute):
        into = target.value.attr
        if into == "session":
            # The key, or the value; the session itself is not what is put into it.
            return look(target.slice) or _named(target.slice) or look(value)
        if into in json_fields and _written_on_a_row(target.value):
            return _named(target.slice) or look(value)
    if isinstance(target, ast.Attribute) and target.attr in json_fields and value is not None:
        return next(telling_keys(value), None)
    return None


def _named(node: ast.expr) -> str | None:
    return node.value if isinstance(node, ast.Constant) and isinstance(node.value, str) and tells(node.value) else None


def _written_on_a_row(node: ast.Attribute) -> bool:
    return bool(dotted_name(node.value)) and dotted_name(node.value) != "self"


def _put_by_call(look: Look, json_fields: frozenset[str], call: ast.Call) -> str | None:
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
        return keyword or next(filter(None, map(look, parts)), None)
    # `cache.set(…)`, `self.client.set(…)` and `caches["default"].set(…)`.
    named = words_of(dotted_name(owner.value if isinstance(owner, ast.Subscript) else owner)) if owner else ()
    if verb in _STORES and named and named[-1] in _CACHES:
        return next(filter(None, map(look, parts)), None)
    return None


def _is_edge(module: Module) -> bool:
    parts = set(module.name.split("."))
    return bool(parts & {"views", "api", "wellknown", "health", "problems"})


def answers(source: Source) -> Iterator[tuple[str, str]]:
    """Every answer to a request that names a personal value without a serializer that declares it."""
    fields = {name for names in fields_of_records().values() for name in names if tells(name)}
    reader = Reader()
    for module in source.modules:
        if not _is_edge(module):
            continue
        api = "api" in module.name.split(".")
        for function in module.only(ast.FunctionDef):
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
                    if (whole := _not_of_a_serializer(call)) and (value := reader.personal_in(whole, module)):
                        yield module.place(call), value
                        continue
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


def _not_of_a_serializer(call: ast.Call) -> ast.expr | None:
    """What is answered, unless a serializer wrote it: that one is judged where it is declared."""
    body = call.args[0] if call.args else None
    return body if isinstance(body, ast.Dict | ast.List | ast.Tuple | ast.ListComp | ast.Name) else None


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
        for node in module.only(ast.Constant, ast.Call):
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
