"""Fields in which staff write the same thing in several languages: an input for each, and a mistake named by its language."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar

from django import forms
from django.core.exceptions import ValidationError
from django.utils.html import format_html_join
from django.utils.translation import gettext as _

# Those in which the store writes; its pages have some of them, its mails all.
WRITTEN = {"en": "English", "ko": "한국어", "ja": "日本語", "zh": "中文"}
# Whose words stand in for a language that is missing.
FIRST = "en"


def as_lines(value: Any) -> Any:
    """Choices by language as what is written in each, a line for a choice; anything else as it is."""
    if not isinstance(value, list) or not all(isinstance(one, Mapping) for one in value):
        return value
    return {language: "\n".join(str(one.get(language, "")) for one in value) for language in WRITTEN}


def as_named_lines(value: Any) -> Any:
    """What a variant is, by language, as a line for each of its properties, such as "Size: 150 ml"; anything else as it is."""
    if not isinstance(value, Mapping) or not all(isinstance(named, Mapping) for named in value.values()):
        return value
    return {
        language: "\n".join(f"{name}: {words}" for name, words in named.items()) for language, named in value.items()
    }


def in_lines(words: Any) -> str:
    """Words by language, to be read: a paragraph for each language that has some."""
    given = words if isinstance(words, Mapping) else {}
    return format_html_join(
        "",
        '<div lang="{}"><b>{}</b> {}</div>',
        (
            (language, name, format_html_join("", "<br>{}", ((line,) for line in str(given[language]).splitlines())))
            for language, name in WRITTEN.items()
            if str(given.get(language, "")).strip()
        ),
    )


class WordsWidget(forms.MultiWidget):
    """An input for each language, with the language's name before it."""

    template_name = "catalogue/forms/words.html"

    class Media:
        css: ClassVar = {"all": ["catalogue/words.css"]}

    def __init__(self, each: type[forms.Widget] = forms.TextInput, attrs: Mapping[str, Any] | None = None) -> None:
        super().__init__({language: each(attrs={"lang": language, **(attrs or {})}) for language in WRITTEN})

    def decompress(self, value: Any) -> list[str]:
        given = value if isinstance(value, Mapping) else {}
        return [str(given.get(language, "")) for language in WRITTEN]

    def get_context(self, name: str, value: Any, attrs: Any) -> dict[str, Any]:
        context = super().get_context(name, value, attrs)
        for part, language in zip(context["widget"]["subwidgets"], WRITTEN.values(), strict=True):
            part["language"] = language
        return context


class WordsField(forms.MultiValueField):
    """Words by language, as a mapping. English is always written where anything is, unless it is said not to be needed."""

    def __init__(
        self,
        *,
        rows: int = 0,
        max_length: int | None = None,
        required: bool = True,
        first_needed: bool = True,
        **more: Any,
    ) -> None:
        self.first_needed = first_needed
        each = forms.Textarea if rows else forms.TextInput
        looks = {"rows": rows, "cols": 70} if rows else {"size": 70}
        # What a model's own field would bring for JSON.
        for name in ("encoder", "decoder", "widget"):
            more.pop(name, None)
        super().__init__(
            [forms.CharField(required=False, max_length=max_length) for _language in WRITTEN],
            widget=WordsWidget(each, looks),
            require_all_fields=False,
            required=required,
            **more,
        )

    def compress(self, data_list: list[str]) -> dict[str, str]:
        return {language: words for language, words in zip(WRITTEN, data_list, strict=False) if words}

    def clean(self, value: Any) -> dict[str, str]:
        said = super().clean(value) if any(value or []) else {}
        if self.first_needed and (self.required or said) and not said.get(FIRST):
            raise ValidationError(
                _("Write it in English too: whoever reads another language that is missing gets that.")
            )
        return said or {}


class ChoicesField(WordsField):
    """What can be chosen from: a line for each choice, in every language in the same order."""

    def __init__(self, **more: Any) -> None:
        super().__init__(rows=4, **more)

    def clean(self, value: Any) -> list[dict[str, str]]:  # type: ignore[override]
        said = super().clean(value)
        lines = {
            language: [line.strip() for line in words.splitlines() if line.strip()] for language, words in said.items()
        }
        wanted = len(lines.get(FIRST, []))
        wrong = [
            _("%(language)s has %(number)d lines and English %(wanted)d: write one choice a line, in the same order.")
            % {"language": WRITTEN[language], "number": len(written), "wanted": wanted}
            for language, written in lines.items()
            if len(written) != wanted
        ]
        if wrong:
            raise ValidationError(wrong)
        return [{language: written[n] for language, written in lines.items()} for n in range(wanted)]

    def prepare_value(self, value: Any) -> Any:
        """Stored choices as the lines that they were written in."""
        return as_lines(value)

    def has_changed(self, initial: Any, data: Any) -> bool:
        return super().has_changed(self.prepare_value(initial), data)


class OptionsField(WordsField):
    """What tells one variant from another: a line for each property, its name before a colon, in each language by itself."""

    def __init__(self, **more: Any) -> None:
        super().__init__(rows=3, first_needed=False, **more)

    def clean(self, value: Any) -> dict[str, dict[str, str]]:  # type: ignore[override]
        named: dict[str, dict[str, str]] = {}
        wrong = []
        for language, words in super().clean(value).items():
            named[language] = {}
            for line in filter(None, map(str.strip, words.splitlines())):
                # A keyboard for Korean, Japanese or Chinese may give a wide colon.
                name, _colon, what = (part.strip() for part in line.replace("：", ":").partition(":"))
                if not name or not what:
                    problem = _(
                        "“%(line)s” (%(language)s): write a name, a colon and what it is, such as Size: 150 ml."
                    )
                elif name in named[language]:
                    problem = _("“%(line)s” (%(language)s) is the second line with this name. Write each name once.")
                else:
                    named[language][name] = what
                    continue
                wrong.append(problem % {"line": line, "language": WRITTEN[language]})
        if wrong:
            raise ValidationError(wrong)
        return named

    def prepare_value(self, value: Any) -> Any:
        """Stored properties as the lines that they were written in."""
        return as_named_lines(value)

    def has_changed(self, initial: Any, data: Any) -> bool:
        return super().has_changed(self.prepare_value(initial), data)


def beside_others(stored: Any, said: Mapping[str, Any]) -> dict[str, Any]:
    """What staff wrote, beside what an import brought in languages that have no input here."""
    kept = stored if isinstance(stored, Mapping) else {}
    return {language: words for language, words in kept.items() if language not in WRITTEN} | dict(said)
