"""The data map: every personal value that the code declares, generated, committed, and stale the moment a declaration changes."""

from __future__ import annotations

from pathlib import Path

from django.apps import apps
from django.conf import settings
from django.utils import translation

from privacy.declaration import Origin, declaration_of, personal_fields
from privacy.internal import policy, positions

PLACE = Path("docs") / "data-map.md"


def markdown() -> str:
    """The map as Markdown, in English, in the order of the models' names."""
    in_force = policy.current()
    with translation.override("en"):
        words = in_force.words("en")
        lines = [
            "# The data map",
            "",
            "Made by `manage.py data_map` from the declarations in the models; `make check` fails when it is stale.",
            f"Policy version {in_force.version}.",
            "",
            "| value | category | used to | legal basis | kept | received by | from |",
            "|---|---|---|---|---|---|---|",
        ]
        for model in sorted(apps.get_models(), key=lambda m: m._meta.label):
            for field in personal_fields(model):
                declared = declaration_of(field)
                receivers = sorted(
                    r.id
                    for r in in_force.recipients.values()
                    if any(p in declared.purposes and declared.category in c for p, c in r.receives.items())
                )
                cells = [
                    f"`{model._meta.label}.{field.name}`",
                    f"`{declared.category}`",
                    "; ".join(words.of("purpose", p) for p in declared.purposes),
                    ", ".join(sorted({in_force.legal_basis(p) for p in declared.purposes})),
                    words.of("retention", declared.keep),
                    ", ".join(receivers) or "nobody",
                    "the person" if declared.origin is Origin.PERSON else "the store",
                ]
                lines.append("| " + " | ".join(cells) + " |")
        lines += ["", "## Models that hold nothing about a person", "", "| model | why |", "|---|---|"]
        for model in sorted(apps.get_models(), key=lambda m: m._meta.label):
            if not personal_fields(model):
                why = getattr(model, "no_personal_data", "")
                listed = positions.third_party().get(model._meta.label)
                lines.append(f"| `{model._meta.label}` | {why or getattr(listed, 'why', '')} |")
        return "\n".join(lines) + "\n"


def path() -> Path:
    """Where the committed map stands."""
    return Path(settings.BASE_DIR) / PLACE
