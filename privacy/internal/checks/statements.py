"""The policy in force against the code, both ways: what is used and not stated, what is stated and not kept."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from django.apps import apps
from django.core.checks import CheckMessage, Error, Warning, register

from privacy.declaration import declaration_of, personal_fields
from privacy.internal import kept, policy
from privacy.internal.checks import uses


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


@register("privacy")
def the_policy_names_every_door(**_kwargs: Any) -> Iterator[CheckMessage]:
    """E011: a collection point, E012: a hand-over, that the code names and the policy in force does not state."""
    in_force = policy.current()
    for point in uses.surfaces():
        if point.key and point.key not in in_force.surfaces:
            yield Error(
                f"{point.place}: the policy of {in_force.version} has no collection point {point.key}.",
                hint="Use one that it lists, or publish a policy that lists it.",
                id="privacy.E011",
            )
    for point in uses.surfaces_not_in_words():
        yield Error(
            f"{point.place}: {point.key} opens a door at a collection point that the code does not say in words.",
            hint="Write surface='…' as a literal or a constant, so that it can be held against the policy.",
            id="privacy.E011",
        )
    for hand_over in uses.hand_overs():
        in_the_foundation = hand_over.place.startswith("privacy/")
        if hand_over.to is None or (hand_over.purpose is None and not in_the_foundation):
            yield Error(
                f"{hand_over.place}: the code does not say in words to whom it hands data over, or for which purpose.",
                hint="Write to='…' and purpose=Purpose.… where disclose() or send_letter() is called.",
                id="privacy.E012",
            )
            continue
        recipient = in_force.recipients.get(hand_over.to)
        if recipient is None or (hand_over.purpose is not None and hand_over.purpose not in recipient.receives):
            yield Error(
                f"{hand_over.place}: the policy of {in_force.version} does not state that {hand_over.to} receives data"
                f"{f' for {hand_over.purpose}' if hand_over.purpose else ''}.",
                hint="Publish a policy that states it, or do not hand it over.",
                id="privacy.E012",
            )


@register("privacy")
def the_code_keeps_what_the_policy_states(**_kwargs: Any) -> Iterator[CheckMessage]:
    """W013: a statement of the policy that no code keeps. W014: one that is listed as unkept, and is kept or not stated."""
    unkept, listed = kept.unkept(), kept.listed()
    for statement in sorted(unkept - set(listed)):
        yield Warning(
            f"The policy of {policy.current().version} states {statement}, and no code keeps it.",
            hint="Take it out of the policy, or list it under `unkept` of an open promise in privacy/promises.toml.",
            id="privacy.W013",
        )
    for statement in sorted(set(listed) - unkept):
        yield Warning(
            f"promises.toml lists {statement} as unkept under {listed[statement]}, and it is kept, or the policy does not "
            "state it.",
            hint="Remove it from the list.",
            id="privacy.W014",
        )
    for clause in kept.listing_without_saying():
        yield Warning(
            f"promises.toml lists unkept statements under {clause}, which does not say what is open.",
            hint="Say it in `open`: the report and the page of promises show it to everybody.",
            id="privacy.W014",
        )


@register("privacy", deploy=True)
def a_release_knows_what_it_does_not_keep(**_kwargs: Any) -> Iterator[CheckMessage]:
    """W015: said openly at every release, what the policy states and the store cannot do yet."""
    for statement, clause in sorted(kept.listed().items()):
        yield Warning(
            f"The policy states {statement}, which is not built yet ({clause}).",
            hint="`privacy_report` and /privacy/transparency say so too.",
            id="privacy.W015",
        )
