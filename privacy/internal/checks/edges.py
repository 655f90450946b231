"""The edges of the store: letters, cookies, tasks, and what is read from a request without a form that declares it."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from importlib import import_module
from pathlib import Path
from typing import Any

from django.apps import apps
from django.conf import settings
from django.core.checks import CheckMessage, Error, register

from privacy.internal.checks.source import Module, Source, argument, dotted_name, project
from privacy.internal.checks.vocabulary import is_key_of_a_row, tells

# What they send has left by `disclose()`: a letter in the one, a finished mail whose address its caller disclosed in the other.
_LETTERS = frozenset({"privacy.mail", "privacy.posting"})
_MAIL_MODULES = ("smtplib", "anymail.backends", "anymail.message", "django.core.mail")
_IDS = ("_id", "_ids", "_key", "_keys")
# What an effect may be told besides ids: which of the store's own letters, in which of its languages, after which key to go
# on. The outbox itself refuses whatever does not look like an id.
_OF_THE_STORE = frozenset({"letter", "locale", "after"})
_TYPED = frozenset({"POST", "GET", "data", "query_params", "FILES"})
_TAKES = frozenset({"get", "getlist", "pop"})
_PERSONAL_AUTOCOMPLETE = re.compile(
    r"""autocomplete=["'](?:[\w-]+ )*(?:name|given-name|family-name|nickname|email|tel[\w-]*|street-address|address-line\d"""
    r"""|address-level\d|postal-code|bday[\w-]*|sex|organization|cc-[\w-]+)["']"""
)
_INPUT = re.compile(r"<(?:input|textarea|select)\b[^>]*>", re.IGNORECASE)
_ATTRIBUTE = re.compile(r"""\b(name|type)=["']([\w\-]+)["']""")
_LINK = re.compile(r"""[?&]([\w\-]+)=\{\{""")
_WRITES_COOKIE = re.compile(r"document\.cookie\s*=[^=]")


def letters_beside_the_door(source: Source) -> Iterator[tuple[str, str]]:
    """Every way to send a mail that does not take its address through `disclose()`."""
    for module in source.modules:
        if module.name in _LETTERS:
            continue
        for node in module.only(ast.ImportFrom, ast.Import, ast.Call):
            origins: list[str] = []
            if isinstance(node, ast.ImportFrom) and node.module:
                origins = [f"{node.module}.{alias.name}" for alias in node.names]
            elif isinstance(node, ast.Import):
                origins = [alias.name for alias in node.names]
            elif isinstance(node, ast.Call) and dotted_name(node.func).endswith(".email_user"):
                yield module.place(node), "email_user"
            yield from ((module.place(node), name) for name in origins if name.startswith(_MAIL_MODULES))


def cookies_set(source: Source) -> Iterator[tuple[str, str | None]]:
    """Every cookie that the code gives a browser: where, and its name as far as it is said in words."""
    for module in source.modules:
        for node in module.only(ast.Call, ast.Assign):
            if isinstance(node, ast.Call):
                if dotted_name(node.func).rpartition(".")[2] in ("set_cookie", "set_signed_cookie"):
                    yield module.place(node), source.text(module, argument(node, "key", 0))
            elif isinstance(node, ast.Assign):
                for target in node.targets:
                    if not isinstance(target, ast.Subscript):
                        continue
                    key = source.text(module, target.slice)
                    if dotted_name(target.value).rpartition(".")[2] == "cookies":
                        yield module.place(node), key
                    elif key and key.lower() == "set-cookie":
                        yield module.place(node), None


def parameters(source: Source) -> Iterator[tuple[str, str, str]]:
    """Every parameter of a task or an effect that is no id: where, of which function, its name."""
    for module in source.modules:
        for node in module.nodes:
            if not isinstance(node, ast.FunctionDef):
                continue
            marks = {_decorator(module, d) for d in node.decorator_list}
            task = any(mark.rpartition(".")[2] in ("shared_task", "task", "periodic_task") for mark in marks)
            if not task and "privacy.outbox.effect" not in marks:
                continue
            named = [*node.args.posonlyargs, *node.args.args, *node.args.kwonlyargs]
            named += [more for more in (node.args.vararg, node.args.kwarg) if more]
            for parameter in named:
                allowed = parameter.arg == "self" if task else _of_the_store(parameter)
                is_id = parameter.arg.endswith(_IDS) and is_key_of_a_row(parameter.arg)
                if not is_id and not allowed:
                    yield module.place(node), node.name, parameter.arg


def _of_the_store(parameter: ast.arg) -> bool:
    # A number that counts something of the store's own is no value of a person's.
    counts = (
        parameter.annotation is not None and dotted_name(parameter.annotation) == "int" and not tells(parameter.arg)
    )
    return counts or parameter.arg in _OF_THE_STORE


def _decorator(module: Module, node: ast.expr) -> str:
    if isinstance(node, ast.Call):
        return module.called(node)
    return module.called(ast.Call(func=node, args=[], keywords=[]))


def reads_of_requests(source: Source) -> Iterator[tuple[str, str]]:
    """Every personal value that is taken out of a request by hand, so that no notice and no door belongs to it."""
    for module in source.modules:
        for node in module.only(ast.Subscript, ast.Call):
            key: ast.expr | None = None
            owner: ast.expr | None = None
            if isinstance(node, ast.Subscript):
                owner, key = node.value, node.slice
            elif isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr in _TAKES:
                owner, key = node.func.value, argument(node, "key", 0)
            if (
                isinstance(owner, ast.Attribute)
                and owner.attr in _TYPED
                and dotted_name(owner.value).endswith("request")
            ):
                name = source.text(module, key)
                if name is not None and (tells(name) or owner.attr == "FILES"):
                    yield module.place(node), name


def _templates() -> Iterator[tuple[str, str]]:
    for config in apps.get_app_configs():
        if Path(config.path).parent == Path(settings.BASE_DIR):
            for path in sorted((Path(config.path) / "templates").rglob("*.html")):
                yield path.relative_to(settings.BASE_DIR).as_posix(), path.read_text(encoding="utf-8")


def inputs_written_by_hand(templates: Iterator[tuple[str, str]]) -> Iterator[tuple[str, str]]:
    """Every input of a template that asks for a personal value without a form behind it, and links that carry one."""
    for place, text in templates:
        for tag in _INPUT.findall(text):
            told = dict(_ATTRIBUTE.findall(tag))
            if told.get("type") == "hidden":
                continue
            if (
                told.get("type") in ("email", "tel")
                or tells(told.get("name", ""))
                or _PERSONAL_AUTOCOMPLETE.search(tag)
            ):
                yield place, told.get("name") or tag
        yield from ((place, name) for name in _LINK.findall(text) if tells(name))


def scripts_that_set_cookies() -> Iterator[str]:
    """Every script of our own that writes a cookie from the page, past the declaration."""
    for config in apps.get_app_configs():
        if Path(config.path).parent == Path(settings.BASE_DIR):
            for path in sorted((Path(config.path) / "static").rglob("*.js")):
                if "vendor" not in path.parts and _WRITES_COOKIE.search(path.read_text(encoding="utf-8")):
                    yield path.relative_to(settings.BASE_DIR).as_posix()


def _is_declared(cookie: str) -> bool:
    """Whether the inventory, which stands in an app above and is named by a setting, knows a cookie."""
    where, _, function = settings.PRIVACY_COOKIE_INVENTORY.rpartition(".")
    return getattr(import_module(where), function)(cookie) is not None


@register("privacy")
def letters_go_through_the_door(source: Source | None = None, **_kwargs: Any) -> Iterator[CheckMessage]:
    """E018: a mail that is sent past `send_letter`, so that nobody knows who was written to."""
    for place, what in letters_beside_the_door(source if isinstance(source, Source) else project()):
        yield Error(
            f"{place}: {what} sends a mail past the door.",
            hint="Call privacy.mail.send_letter with the record that holds the address: it discloses, and writes it down.",
            id="privacy.E018",
        )


@register("privacy")
def cookies_are_declared(source: Source | None = None, **_kwargs: Any) -> Iterator[CheckMessage]:
    """E019: a cookie that the inventory does not declare, or whose name the code does not say."""
    for place, name in cookies_set(source if isinstance(source, Source) else project()):
        if name is None or not _is_declared(name):
            yield Error(
                f"{place}: the cookie {name or 'set here'} is not declared.",
                hint=f"Name it by a constant, and declare it where {settings.PRIVACY_COOKIE_INVENTORY} looks.",
                id="privacy.E019",
            )
    for place in scripts_that_set_cookies():
        yield Error(
            f"{place}: a script sets a cookie.",
            hint="Let the server set it, declared as the others.",
            id="privacy.E019",
        )


@register("privacy")
def tasks_take_ids(source: Source | None = None, **_kwargs: Any) -> Iterator[CheckMessage]:
    """E020: a parameter of a task or an effect that is no id; what it carried would lie in the broker."""
    for place, function, parameter in parameters(source if isinstance(source, Source) else project()):
        yield Error(
            f"{place}: {function} takes {parameter}, which is not an id.",
            hint="Hand over the number of the row (…_id) and read the value when the task runs.",
            id="privacy.E020",
        )


@register("privacy")
def forms_ask_and_nothing_else_does(source: Source | None = None, **_kwargs: Any) -> Iterator[CheckMessage]:
    """E022: a personal value that a template asks for, or a view reads, without a form that carries a notice."""
    for place, name in [
        *reads_of_requests(source if isinstance(source, Source) else project()),
        *inputs_written_by_hand(_templates()),
    ]:
        yield Error(
            f"{place}: {name} is asked for, or read, without a form that carries a notice.",
            hint="Put the field into a PersonalForm and render the form.",
            id="privacy.E022",
        )
