"""The data map as a table for people, in Markdown."""

from __future__ import annotations

from django.apps import apps

from privacy.declaration import personal_fields
from privacy.internal import positions
from privacy.internal.datamap.columns import since
from privacy.internal.datamap.entries import entries, law_of, newest


def markdown() -> str:
    """The map in English, in the order of the models' names."""
    stated = newest()
    words, first = stated.words("en"), since()
    lines = [
        "# The data map",
        "",
        "Made by `manage.py data_map` from the declarations in the models; `make check` fails when it is stale. The same for",
        "machines: [data-map.fides.yml](data-map.fides.yml), in fideslang; by purpose, as GDPR Art. 30 asks:",
        "[record-of-processing.csv](record-of-processing.csv).",
        f"Policy version {stated.version}.",
        "",
        "| value | category | used to | legal basis | kept | by which law | received by | from | stated since |",
        "|---|---|---|---|---|---|---|---|---|",
    ]
    for entry in entries():
        declared = entry.declared
        cells = [
            f"`{entry.label}`",
            f"`{declared.category}`",
            "; ".join(words.of("purpose", p) for p in declared.purposes),
            ", ".join(sorted({stated.legal_basis(p) for p in declared.purposes})),
            words.of("retention", declared.keep),
            law_of(declared.keep) or "none: its purpose alone",
            ", ".join(entry.recipients) or "nobody",
            entry.made_by,
            first.get(entry.column, "not stated yet"),
        ]
        lines.append("| " + " | ".join(cells) + " |")
    lines += ["", "## Models that hold nothing about a person", "", "| model | why |", "|---|---|"]
    for model in sorted(apps.get_models(), key=lambda m: m._meta.label):
        if not personal_fields(model):
            why = getattr(model, "no_personal_data", "")
            listed = positions.third_party().get(model._meta.label)
            lines.append(f"| `{model._meta.label}` | {why or getattr(listed, 'why', '')} |")
    return "\n".join(lines) + "\n"
