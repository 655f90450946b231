"""A personal column enters the database only after a version of the policy has stated it."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from django.apps import apps
from django.conf import settings
from django.core.checks import CheckMessage, Error, register
from django.core.exceptions import FieldDoesNotExist

from privacy.internal import policy
from privacy.internal.checks.source import Module, argument, dotted_name
from privacy.internal.checks.vocabulary import tells
from privacy.internal.datamap import columns
from privacy.internal.datamap.entries import entries

_ADDED_BY_SQL = re.compile(
    r"\bADD\s+(?:COLUMN\s+)?(?:IF\s+NOT\s+EXISTS\s+)?\"?(\w+)\"?\s+(?!CONSTRAINT)\w", re.IGNORECASE
)


@dataclass(frozen=True, slots=True)
class Step:
    """One field that a migration brings into being."""

    app: str
    model: str
    field: str
    place: str


def migrations() -> Iterator[tuple[str, Module]]:
    """Every migration of the apps that are ours, with the label of its app."""
    for config in apps.get_app_configs():
        if Path(config.path).parent == Path(settings.BASE_DIR):
            for path in sorted((Path(config.path) / "migrations").glob("[0-9]*.py")):
                name = path.relative_to(settings.BASE_DIR).as_posix()
                yield config.label, Module.of(name, path.read_text(encoding="utf-8"))


def steps(app: str, module: Module) -> Iterator[Step]:
    """Every field that a migration creates, adds or gives a new name to."""
    for call in module.calls:
        verb = dotted_name(call.func).rpartition(".")[2]
        if verb == "CreateModel":
            model, fields = _text(argument(call, "name", 0)), argument(call, "fields", 1)
            for pair in fields.elts if isinstance(fields, ast.List) else []:
                if isinstance(pair, ast.Tuple):
                    yield Step(app, model, _text(pair.elts[0]), module.place(pair))
        elif verb in ("AddField", "RenameField"):
            name = argument(call, "name", 1) if verb == "AddField" else argument(call, "new_name", 2)
            yield Step(app, _text(argument(call, "model_name", 0)), _text(name), module.place(call))


def _text(node: ast.expr | None) -> str:
    return node.value if isinstance(node, ast.Constant) and isinstance(node.value, str) else ""


@register("privacy")
def columns_are_stated_first(**_kwargs: Any) -> Iterator[CheckMessage]:
    """E023: a personal column that no version of the policy was the first to state, or a sealed version that was changed."""
    since, added = columns.since(), _added_by()
    for entry in entries():
        if entry.column not in since:
            place = added.get((entry.model._meta.label_lower, entry.field.name), "no migration yet")
            yield Error(
                f"{entry.label} is a new personal column ({place}), and no version of the policy states it.",
                hint="Draft a version that states it, unless the newest is not released yet; then run `manage.py data_map`.",
                obj=entry.model,
                id="privacy.E023",
            )
    for row in columns.stated():
        if row.is_broken:
            yield Error(
                f"The columns of the policy of {row.version} were changed after its release.",
                hint="Put privacy/columns.toml back, and draft a new version for what is new.",
                id="privacy.E023",
            )
        if row.version not in policy.files():
            yield Error(
                f"privacy/columns.toml names the policy of {row.version}, which is not there.",
                hint="Put the version back: it was in force, and stays readable for ever.",
                id="privacy.E023",
            )


def _added_by() -> dict[tuple[str, str], str]:
    return {
        (f"{step.app}.{step.model.lower()}", step.field): step.place
        for app, module in migrations()
        for step in steps(app, module)
    }


@register("privacy")
def migrations_bring_only_what_is_declared(**_kwargs: Any) -> Iterator[CheckMessage]:
    """E024: a migration that brings a column about a person which no model declares, by its operations or by SQL."""
    for app, module in migrations():
        for step in steps(app, module):
            if tells(step.field) and not _is_known(step):
                yield Error(
                    f"{step.place}: a migration brings {step.model}.{step.field}, which looks personal and which no model has.",
                    hint="Declare it in its model with personal(), or take it out of the migration.",
                    id="privacy.E024",
                )
        for node in module.nodes:
            if isinstance(node, ast.Constant) and isinstance(node.value, str):
                for name in filter(tells, _ADDED_BY_SQL.findall(node.value)):
                    yield Error(
                        f"{module.place(node)}: a migration adds the column {name} by SQL, past the declarations.",
                        hint="Add the field to its model with personal(), and let makemigrations write the step.",
                        id="privacy.E024",
                    )


def _is_known(step: Step) -> bool:
    """Whether the models have the column today, or had it and have removed it since."""
    try:
        apps.get_model(step.app, step.model)._meta.get_field(step.field)
    except (LookupError, FieldDoesNotExist):
        return _is_removed(step)
    return True


def _is_removed(step: Step) -> bool:
    for app, module in migrations():
        if app != step.app:
            continue
        for call in module.calls:
            verb = dotted_name(call.func).rpartition(".")[2]
            model = _text(argument(call, "model_name", 0) or argument(call, "name", 0)).lower()
            if model != step.model.lower():
                continue
            named = _text(argument(call, "old_name" if verb == "RenameField" else "name", 1))
            if verb in ("DeleteModel", "RenameModel") or (
                verb in ("RemoveField", "RenameField") and named == step.field
            ):
                return True
    return False
