"""A form or a serializer in which people say something about themselves carries a notice, an opt-out box and a declaration."""

from __future__ import annotations

import ast
from collections.abc import Iterable, Iterator, Mapping
from functools import cache
from importlib import import_module
from pathlib import Path
from typing import Any

from django import forms
from django.apps import apps
from django.conf import settings
from django.core.checks import CheckMessage, Error, register
from django.urls import URLPattern, URLResolver, get_resolver
from rest_framework import serializers

from privacy.declaration import Channel, FieldRef, Origin, column_key, datum, personal_fields, resolve
from privacy.forms import PersonalForm
from privacy.internal import policy
from privacy.internal.checks.source import dotted_name, project
from privacy.internal.checks.vocabulary import tells
from privacy.serializers import PersonalSerializer

_OF_THE_ADAPTER = frozenset({"notice", "no_marketing"})
# Values of these cannot be typed freely: they choose from what the store offers, count, or are a key of its own.
_NOT_TYPED = (
    forms.ChoiceField,
    forms.BooleanField,
    forms.IntegerField,
    forms.UUIDField,
    forms.ModelChoiceField,
    serializers.ChoiceField,
    serializers.BooleanField,
    serializers.IntegerField,
    serializers.UUIDField,
    serializers.DecimalField,
    serializers.DateTimeField,
    serializers.RelatedField,
    serializers.BaseSerializer,
    serializers.SerializerMethodField,
    serializers.HiddenField,
)
_TELLING_FIELDS = (forms.EmailField, forms.GenericIPAddressField, serializers.EmailField, serializers.IPAddressField)
_TELLING_AUTOCOMPLETE = ("name", "email", "tel", "address", "postal", "bday", "sex", "organization", "nickname", "cc-")


def _descendants(of: Any) -> Iterator[Any]:
    for below in of.__subclasses__():
        yield below
        yield from _descendants(below)


@cache
def _load_everything() -> None:
    """Import every module of ours that holds a form or a serializer, and those that the addresses lead to."""
    for module in project().modules:
        for node in module.tree.body:
            bases = [dotted_name(base) for base in node.bases] if isinstance(node, ast.ClassDef) else []
            if any(base.endswith(("Form", "Serializer", "Fields")) for base in bases):
                import_module(module.name)
    get_resolver().url_patterns  # noqa: B018 - reading them imports what they lead to


def _is_ours(kind: Any) -> bool:
    return kind.__module__.split(".")[0] in {
        config.name for config in apps.get_app_configs() if Path(config.path).parent == Path(settings.BASE_DIR)
    }


def _ours(root: Any) -> list[Any]:
    _load_everything()
    found = [kind for kind in dict.fromkeys(_descendants(root)) if _is_ours(kind)]
    # The adapters themselves collect nothing; a class that only others build upon is judged in them.
    adapters = (PersonalForm.__module__, PersonalSerializer.__module__)
    return [kind for kind in found if kind.__module__ not in adapters and not _is_part_only(kind)]


def _is_part_only(kind: Any) -> bool:
    below = list(_descendants(kind))
    return bool(below) and all(issubclass(b, PersonalForm | PersonalSerializer) for b in below)


def asks_about_a_person(name: str, field: Any) -> bool:
    """Whether a form's or a serializer's field, by its type, its name or what a browser fills in, is about a person."""
    if isinstance(field, _TELLING_FIELDS) or getattr(field, "input_type", "") == "email":
        return True
    if isinstance(field, forms.FileField | serializers.FileField):
        return True
    filled_in = str(getattr(getattr(field, "widget", None), "attrs", {}).get("autocomplete", ""))
    if any(word in filled_in for word in _TELLING_AUTOCOMPLETE):
        return True
    source = str(getattr(field, "source", "") or "").rpartition(".")[2]
    # A name that says nothing may stand under words that say all.
    words = str(getattr(field, "label", "") or "")
    return not isinstance(field, forms.BooleanField | serializers.BooleanField) and any(
        map(tells, (name, source, words))
    )


def _is_typed(field: Any) -> bool:
    widget = getattr(field, "widget", None)
    if isinstance(widget, forms.PasswordInput | forms.HiddenInput):
        return False
    return not isinstance(field, _NOT_TYPED)


def _fields_of(kind: Any) -> Mapping[str, Any]:
    if issubclass(kind, forms.BaseForm):
        try:
            # As a visitor meets it: a form may add and drop fields when it is made.
            return kind().fields
        except Exception:  # one that wants more to be made is judged by its class
            return kind.base_fields
    declared = dict(kind._declared_fields)
    model = getattr(getattr(kind, "Meta", None), "model", None)
    named = getattr(getattr(kind, "Meta", None), "fields", ())
    if model is not None:
        names = [f.name for f in model._meta.concrete_fields] if named == "__all__" else named
        for name in names:
            declared.setdefault(name, None)
    return declared


def _person_model(kind: Any) -> str:
    """The label of the personal record that a model form or serializer reads or writes, or ""."""
    model = getattr(getattr(kind, "_meta", None), "model", None) or getattr(getattr(kind, "Meta", None), "model", None)
    if model is None or not personal_fields(model, origin=Origin.PERSON):
        return ""
    own = {field.name for field in personal_fields(model, origin=Origin.PERSON)}
    return model._meta.label if own & set(_fields_of(kind)) else ""


def _noticed(kind: Any) -> Mapping[str, FieldRef]:
    """What a serializer's notice speaks of, by the names that its body uses."""
    return kind().notice_shown().fields


def collection_points() -> dict[str, set[str]]:
    """For each personal column the collection points whose form or serializer lets a person fill it in."""
    found: dict[str, set[str]] = {}
    for kind in _ours(PersonalForm):
        for ref in kind.collects.values():
            found.setdefault(column_key(resolve(ref)), set()).add(kind.surface)
    for kind in _ours(PersonalSerializer):
        for ref in _noticed(kind).values():
            found.setdefault(column_key(resolve(ref)), set()).add(kind.surface)
    return found


@register("privacy")
def forms_about_people_carry_a_notice(**_kwargs: Any) -> Iterator[CheckMessage]:
    """E015: a form or serializer about a person that stands on no adapter, ours or one that an address leads to."""
    for kind in [*_ours(forms.BaseForm), *_ours(serializers.BaseSerializer)]:
        if issubclass(kind, PersonalForm | PersonalSerializer):
            continue
        about = [
            name for name, field in _fields_of(kind).items() if field is not None and asks_about_a_person(name, field)
        ]
        about = [name for name in about if name not in getattr(kind, "not_collected", ())]
        model = _person_model(kind)
        point = getattr(kind, "surface", "")
        if not about and not model and point:
            about = [f"the collection point {point}"]
        if about or model:
            yield Error(
                f"{kind.__module__}.{kind.__qualname__} is about a person ({model or ', '.join(about)}) and has no notice.",
                hint="Derive it from PersonalForm or PersonalSerializer; a field that only looks so goes into not_collected = "
                "{'field': 'why'}.",
                obj=kind,
                id="privacy.E015",
            )
    for kind in _forms_of_other_packages():
        label = f"{kind.__module__}.{kind.__qualname__}"
        if label not in _listed_forms() and any(asks_about_a_person(n, f) for n, f in _fields_of(kind).items()):
            yield Error(
                f"An address leads to {label}, which is about a person and has no notice.",
                hint="Put a PersonalForm in its place, or list it with the reason in FORMS beside the third-party positions.",
                id="privacy.E015",
            )


def _forms_of_other_packages() -> Iterator[Any]:
    for kind in dict.fromkeys(_form_classes(get_resolver().url_patterns)):
        if not _is_ours(kind):
            yield kind


def _form_classes(patterns: Iterable[URLPattern | URLResolver]) -> Iterator[Any]:
    for pattern in patterns:
        if isinstance(pattern, URLResolver):
            # Staff's forms are judged by the checks of the admin.
            if pattern.namespace != "admin" and pattern.app_name != "admin":
                yield from _form_classes(pattern.url_patterns)
            continue
        view: Any = getattr(pattern.callback, "view_class", None)
        kind = getattr(view, "form_class", None)
        if kind is not None:
            try:
                # Settings may put another form in the place of the one that the view was written with.
                yield view().get_form_class()
            except (AttributeError, TypeError):
                yield kind


def _listed_forms() -> Mapping[str, str]:
    return getattr(import_module(settings.PRIVACY_THIRD_PARTY_POSITIONS), "FORMS", {})


@register("privacy")
def adapters_say_what_they_collect(**_kwargs: Any) -> Iterator[CheckMessage]:
    """E016: a form or serializer on the adapter with a field that it does not collect, or a collection point that does not fit."""
    for kind in _ours(PersonalForm):
        yield from _collects_what_it_asks(kind)
        yield from _stands_at_its_point(kind, Channel.WEB)
    for kind in _ours(PersonalSerializer):
        yield from _stands_at_its_point(kind, Channel.API)
        missing = _OF_THE_ADAPTER - set(kind.Meta.fields)
        collected = set(_noticed(kind))
        unknown = [
            name
            for name, field in kind._declared_fields.items()
            if name not in _OF_THE_ADAPTER | collected and field is not None
            if asks_about_a_person(name, field) or (_is_typed(field) and not field.read_only)
            if name not in getattr(kind, "not_collected", {})
        ]
        for name in [*sorted(missing), *unknown]:
            yield Error(
                f"{kind.__qualname__}: {name} {'is missing from Meta.fields' if name in missing else 'is not declared'}.",
                hint="Meta.fields names notice and no_marketing; a value about a person stands in its record by personal().",
                obj=kind,
                id="privacy.E016",
            )


def _collects_what_it_asks(kind: Any) -> Iterator[CheckMessage]:
    allowed = {*_OF_THE_ADAPTER, *kind.collects, *getattr(kind, "not_collected", {})}
    for name, field in _fields_of(kind).items():
        if name not in allowed and (_is_typed(field) or asks_about_a_person(name, field)):
            yield Error(
                f"{kind.__module__}.{kind.__qualname__}: {name} is asked for and not collected.",
                hint="Map it in `collects` to the model field that it will stand in, or say in not_collected = {'field': 'why'} "
                "why it is nothing about a person.",
                obj=kind,
                id="privacy.E016",
            )
    for name, ref in kind.collects.items():
        declared = datum(resolve(ref))
        if declared is None or declared.origin is not Origin.PERSON:
            yield Error(
                f"{kind.__module__}.{kind.__qualname__}: {name} goes into {resolve(ref)}, which no person's value may enter.",
                hint="Declare that field with personal().",
                obj=kind,
                id="privacy.E016",
            )


def _stands_at_its_point(kind: Any, channel: Channel) -> Iterator[CheckMessage]:
    point = policy.current().surfaces.get(getattr(kind, "surface", ""))
    if point is None:
        yield Error(
            f"{kind.__module__}.{kind.__qualname__} names no collection point of the policy in force.",
            hint="Set `surface` to one that the policy lists, or publish a policy that lists it.",
            obj=kind,
            id="privacy.E011",
        )
    elif point.channel is not channel or not point.shows_notice:
        yield Error(
            f"{kind.__module__}.{kind.__qualname__} stands at {point.id}, which the policy calls {point.channel} "
            f"{'with' if point.shows_notice else 'without'} a notice.",
            hint=f"A collection point of this adapter has channel {channel.value} and shows_notice = true.",
            obj=kind,
            id="privacy.E011",
        )
