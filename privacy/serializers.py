"""The adapter for the API: the same notice, the same box, the same door as a page's form."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import AbstractContextManager
from typing import TYPE_CHECKING, Any, ClassVar

from django.utils.translation import gettext_lazy as _
from rest_framework import serializers
from rest_framework.metadata import SimpleMetadata

from privacy.answers import STALE, collect_answers
from privacy.cards import REFUSAL_OF_PARTS, fields_of_one_card_number, refuse_card_number
from privacy.declaration import NUMBERS_OF_THEIR_OWN, Category, Origin, declaration_of, personal_fields, resolve
from privacy.errors import StaleNotice
from privacy.models.consent import ConsentMethod
from privacy.notice import Notice, ShownNotice

if TYPE_CHECKING:
    from privacy.models import Collection, Subject


class PersonalSerializer(serializers.ModelSerializer):
    """A serializer over one personal record.

    `surface` names the collection point. `OPTIONS` shows the notice with its token (see `NoticeMetadata`); the body brings
    the token back as `notice`, and may say `no_marketing`. `Meta.fields` must name both.
    """

    surface: ClassVar[str]

    notice = serializers.CharField(
        write_only=True, max_length=400, help_text=_("The token of the notice that OPTIONS shows for this address.")
    )
    no_marketing = serializers.BooleanField(
        write_only=True, required=False, default=False, help_text=_("True: do not use this for direct marketing.")
    )

    shown: ShownNotice | None = None

    def notice_shown(self) -> Notice:
        """The notice for the personal fields that this serializer accepts."""
        return Notice(
            {
                f.name: f
                for f in personal_fields(self.Meta.model, origin=Origin.PERSON)
                if f.name in self.fields and not self.fields[f.name].read_only
            }
        )

    def get_fields(self) -> dict[str, serializers.Field]:
        fields = super().get_fields()
        for field in fields.values():
            if isinstance(field, serializers.CharField):
                field.validators = [*field.validators, refuse_card_number]
        return fields

    def to_internal_value(self, data: Any) -> Any:
        """Before all fields by themselves: a card number may begin in one of them and end in the next."""
        if isinstance(data, Mapping):
            texts = list(self._texts(data))
            as_sent = sorted(texts, key=lambda named: list(data).index(named[0]))
            for order in (texts, as_sent):
                if names := fields_of_one_card_number(order):
                    refused = {name: [REFUSAL_OF_PARTS] for name in names}
                    raise serializers.ValidationError(refused, code="card_number")
        return super().to_internal_value(data)

    def _texts(self, data: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
        """What was sent for the fields of text, as they follow one another in the description."""
        declared = {f.name: f for f in personal_fields(self.Meta.model, origin=Origin.PERSON)}
        for name, field in self.fields.items():
            of_text = isinstance(getattr(field, "child", field), serializers.CharField)
            if not of_text or name not in data or (name == "notice"):
                continue
            if name in declared and declaration_of(declared[name]).category in NUMBERS_OF_THEIR_OWN:
                continue
            sent = data.getlist(name) if hasattr(data, "getlist") else data[name]
            for value in sent if isinstance(sent, list) else [sent]:
                if isinstance(value, str | int) and not isinstance(value, bool):
                    yield name, str(value)

    def validate_notice(self, token: str) -> str:
        try:
            self.shown = self.notice_shown().answered(token)
        except StaleNotice as stale:
            raise serializers.ValidationError(STALE, code="stale_notice") from stale
        return token

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        if self.shown is None:
            raise serializers.ValidationError({"notice": [STALE]}, code="stale_notice")
        self.opted_out = attrs.pop("no_marketing", False)
        attrs.pop("notice", None)
        return attrs

    def collecting(self, *, subject: Subject | None = None) -> AbstractContextManager[Collection]:
        """Open the door for the answers of this valid serializer."""
        if self.shown is None:
            raise StaleNotice("Validate the serializer before opening its door.")
        return collect_answers(
            self.context["request"],
            surface=self.surface,
            collects=self.notice_shown().fields,
            notice=self.shown,
            no_marketing=self.opted_out,
            method=ConsentMethod.API,
            country=self._country(),
            subject=subject,
        )

    def _country(self) -> str:
        for name, ref in self.notice_shown().fields.items():
            if declaration_of(resolve(ref)).category == Category.COUNTRY:
                return self.validated_data.get(name) or ""
        return ""


class NoticeMetadata(SimpleMetadata):
    """What `OPTIONS` answers: DRF's own description, and the notice for what this address collects."""

    def determine_metadata(self, request: Any, view: Any) -> dict[str, Any]:
        metadata = super().determine_metadata(request, view)
        serializer = view.get_serializer() if hasattr(view, "get_serializer") else None
        if isinstance(serializer, PersonalSerializer):
            notice = serializer.notice_shown()
            metadata["notice"] = {
                "policy_version": notice.policy.version,
                "locale": notice.words.locale,
                "digest": notice.digest,
                "token": notice.token(),
                "lines": [{"field": n.name, "why": n.why, "kept": n.kept} for n in notice.lines],
                "no_marketing": notice.opt_out,
                "questions": [{"purpose": str(purpose), "words": words} for purpose, words in notice.questions],
            }
        return metadata
