"""The lines beside a form: why each value is asked and how long it is kept, and the proof of which lines were shown."""

from __future__ import annotations

import datetime as dt
import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

from django.core import signing
from django.utils.translation import get_language

from privacy.declaration import FieldRef, datum, resolve
from privacy.errors import StaleNotice
from privacy.internal import policy

_SALT = "privacy.notice"

NO_MARKETING = "no_marketing"


@dataclass(frozen=True, slots=True)
class ShownNotice:
    """The notice that a person had before them: which words, in which language, of which version, since when."""

    version: str
    locale: str
    digest: str
    shown_at: dt.datetime
    # The controls that stood there: purposes that were asked for, and `NO_MARKETING` for the opt-out box.
    controls: frozenset[str] = frozenset()
    # Every word of it, as JSON; its SHA-256 is the digest.
    text: str = ""


@dataclass(frozen=True, slots=True)
class NoticeLine:
    """What is said beside one field."""

    name: str
    label: str
    why: str
    kept: str

    def __str__(self) -> str:
        return f"{self.why} {self.kept}"


def version_in_force(day: dt.date | None = None) -> str:
    """The version of the policy in force on a day, by default today; cheap enough to be asked on each page."""
    return policy.current(day).version


class Notice:
    """The notice for a set of model fields, in the active language, under the policy in force.

    `fields` maps the name that the form or the API uses to the model field that the value will stand in. `asks` names the
    purposes for which the page asks permission; their words are part of what was shown. `opt_out_box` is False only where
    the page has a control for each purpose instead of the one box against them all.
    """

    def __init__(
        self,
        fields: Mapping[str, FieldRef] | Sequence[FieldRef] = (),
        locale: str | None = None,
        *,
        asks: Sequence[str] = (),
        opt_out_box: bool = True,
    ) -> None:
        self.fields: Mapping[str, FieldRef] = (
            fields if isinstance(fields, Mapping) else {resolve(ref).name: ref for ref in fields}
        )
        self.asks = tuple(asks)
        self.opt_out_box = opt_out_box
        self.policy = policy.current()
        self.words = self.policy.words(locale or get_language())

    @cached_property
    def lines(self) -> list[NoticeLine]:
        """One line per field, in the order given. Fields that the store makes itself have none."""
        return [self._line(name, ref) for name, ref in self.fields.items()]

    def _line(self, name: str, ref: FieldRef) -> NoticeLine:
        field = resolve(ref)
        declared = datum(field)
        if declared is None:
            raise ValueError(f"{field} is not declared as personal, so nothing can be said of it in a notice.")
        purposes = [self.words.of("purpose", purpose) for purpose in declared.purposes]
        joined = self.words.of("grammar", "and").join(
            filter(None, [self.words.of("grammar", "comma").join(purposes[:-1]), purposes[-1]])
        )
        return NoticeLine(
            name=name,
            label=self.words.of("category", declared.category),
            why=self.words.of("grammar", "why").replace("{purposes}", joined),
            kept=self.words.of("kept", declared.keep),
        )

    @property
    def opt_out(self) -> str:
        """The words beside the box that says: not for direct marketing (clause control.opt-out-box)."""
        return policy.fill(self.words.of("control", "opt_out"))

    @property
    def opt_out_help(self) -> str:
        """The line under that box."""
        return policy.fill(self.words.of("control", "opt_out_help"))

    @property
    def questions(self) -> list[tuple[str, str]]:
        """Each purpose that is asked for, with the words beside its box."""
        return [(purpose, self.words.of("question", purpose)) for purpose in self.asks]

    @property
    def controls(self) -> frozenset[str]:
        """What a person can choose where this notice stands; a choice about anything else was not made here."""
        return frozenset(str(purpose) for purpose in self.asks) | ({NO_MARKETING} if self.opt_out_box else set())

    @cached_property
    def text(self) -> str:
        """Every word that is shown, as JSON: the version, the language, the lines, the box and the questions."""
        shown: list[str | list[str]] = [self.policy.version, self.words.locale]
        shown += [self.opt_out] if self.opt_out_box else []
        shown += [[line.name, line.why, line.kept] for line in self.lines]
        shown += [list(question) for question in self.questions]
        return json.dumps(shown, ensure_ascii=False)

    @cached_property
    def digest(self) -> str:
        """SHA-256 over the text."""
        return hashlib.sha256(self.text.encode()).hexdigest()

    def token(self) -> str:
        """What travels with the form: version, language and digest, signed with the moment of showing."""
        return signing.TimestampSigner(salt=_SALT).sign(f"{self.policy.version}|{self.words.locale}|{self.digest}")

    def answered(self, token: str) -> ShownNotice:
        """The notice to which answers were given, or `StaleNotice` when it is not the one in force any more.

        The language is that of the token: somebody who switched the page's language meanwhile read the other one.
        """
        signer = signing.TimestampSigner(salt=_SALT)
        try:
            value = signer.unsign(token or "")
            version, locale, digest = value.split("|")
            shown_at = dt.datetime.fromtimestamp(signing.b62_decode(token.rsplit(":", 2)[1]), tz=dt.UTC)
        except (signing.BadSignature, ValueError, IndexError, OverflowError, AttributeError, TypeError) as error:
            raise StaleNotice("The notice that came with the form is damaged.") from error
        same = self
        if locale != self.words.locale:
            same = Notice(self.fields, locale, asks=self.asks, opt_out_box=self.opt_out_box)
        if version != same.policy.version or digest != same.digest or locale != same.words.locale:
            raise StaleNotice("The policy or its words have changed since the form was shown.")
        return ShownNotice(version, locale, digest, shown_at, same.controls, same.text)
