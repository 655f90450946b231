"""Which collection points, recipients and purposes the code names, so that they can be held against the policy."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import dataclass

from privacy.declaration import Purpose
from privacy.internal.checks.source import Module, Source, argument, dotted_name, project

# The adapter for mail hands its letter to the mail service, for the purpose that its caller names.
_MAILS = "privacy.mail.send_letter"
_HANDS_OVER = "privacy.gate.disclose"
_IMPORTS = "privacy.imports.import_records"
_COLLECTS = ("privacy.gate.collecting", "privacy.answers.collect_answers", _IMPORTS)
_MAILER = "mailer"


@dataclass(frozen=True, slots=True)
class Named:
    """Something of the policy that the code names, and where."""

    key: str
    place: str


@dataclass(frozen=True, slots=True)
class HandOver:
    """One call of `disclose` or `send_letter`: to whom, for which purpose; None where the code does not say it in words."""

    to: str | None
    purpose: str | None
    place: str


def surfaces(source: Source | None = None) -> Iterator[Named]:
    """Every collection point that the code names: of a form or serializer, of a call, or as a constant."""
    source = source or project()
    for module in source.modules:
        for node in module.only(ast.Assign, ast.AnnAssign, ast.Call):
            given: list[ast.expr] = []
            if isinstance(node, ast.Assign):
                # A class's `surface = …`, a constant's, or one of several: `method, surface = ConsentMethod.FORM, "web.account"`.
                for target in node.targets:
                    given += _given_to_a_surface(target, node.value)
            elif isinstance(node, ast.AnnAssign) and node.value is not None:
                given += _given_to_a_surface(node.target, node.value)
            elif isinstance(node, ast.Call):
                given += [k.value for k in node.keywords if k.arg == "surface"]
            for value in given:
                if (key := source.text(module, value)) is not None:
                    yield Named(key, module.place(value))


def _given_to_a_surface(target: ast.expr, value: ast.expr) -> Iterator[ast.expr]:
    if isinstance(target, ast.Tuple) and isinstance(value, ast.Tuple):
        for left, right in zip(target.elts, value.elts, strict=False):
            yield from _given_to_a_surface(left, right)
    else:
        name = dotted_name(target).rpartition(".")[2]
        # A constant in capitals may be anything that has to do with surfaces; a collection point has a dot in its name.
        if name == "surface" or (
            name.endswith("SURFACE") and isinstance(value, ast.Constant) and "." in str(value.value)
        ):
            yield value


def surfaces_not_in_words(source: Source | None = None) -> Iterator[Named]:
    """Doors that are opened outside the adapters at a collection point that the code does not say in words."""
    source = source or project()
    for module in source.modules:
        if module.name.split(".")[0] == "privacy":
            continue
        for call in module.calls:
            if module.called(call) in _COLLECTS and source.text(module, argument(call, "surface")) is None:
                yield Named(ast.unparse(call.func), module.place(call))


def hand_overs(source: Source | None = None) -> Iterator[HandOver]:
    """Every place at which personal data leaves."""
    source = source or project()
    for module in source.modules:
        for call in module.calls:
            what = module.called(call)
            if what == _HANDS_OVER and module.name != "privacy.mail":
                to = source.text(module, argument(call, "to"))
            elif what == _MAILS:
                to = _MAILER
            else:
                continue
            if argument(call, "legal_order") is None:
                yield HandOver(to, source.text(module, argument(call, "purpose")), module.place(call))


def purposes(source: Source | None = None) -> Iterator[Named]:
    """Every purpose that an app above the foundation names; the foundation only knows what there could be."""
    source = source or project()
    for module in source.modules:
        if _knows_all_of_them(module):
            continue
        for node in module.only(ast.Attribute):
            name = dotted_name(node)
            if purpose := Purpose.__members__.get(name.removeprefix("Purpose.")):
                yield Named(purpose.value, module.place(node))


def _knows_all_of_them(module: Module) -> bool:
    return module.name.split(".")[0] == "privacy"
