"""The policy in force against the code, both ways: what is used and not stated, what is stated and not kept."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from django.apps import apps
from django.core.checks import CheckMessage, Error, register

from privacy.declaration import declaration_of, personal_fields
from privacy.internal import policy


@register("privacy")
def the_policy_covers_what_is_declared(**_kwargs: Any) -> Iterator[CheckMessage]:
    """E006: a declared use that the policy in force does not state. E007: a promise of the policy without its words."""
    in_force = policy.current()
    for model in apps.get_models():
        for field in personal_fields(model):
            declared = declaration_of(field)
            for purpose in declared.purposes:
                if not in_force.states(declared.category, purpose, declared.keep):
                    yield Error(
                        f"{model._meta.label}.{field.name}: the policy of {in_force.version} does not state "
                        f"{declared.category} for {purpose}, kept as {declared.keep}.",
                        hint="Change the declaration, or publish a policy that states it.",
                        obj=model,
                        id="privacy.E006",
                    )
    for locale in in_force.locales:
        words = in_force.words(locale).data
        wanted = {
            "purpose": set(in_force.purposes),
            "retention": set(in_force.retention),
            "kept": set(in_force.retention),
            "category": {s.category for s in in_force.statements},
            "recipient": set(in_force.recipients),
        }
        for table, keys in wanted.items():
            for key in sorted(keys - set(words.get(table, {}))):
                yield Error(
                    f"The policy of {in_force.version} has no words for {table} {key} in {locale}.",
                    hint=f"Add the line to privacy/policy/{in_force.version}.{locale}.toml.",
                    id="privacy.E007",
                )
