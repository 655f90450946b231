"""Versions of the policy for tests: a copy of its folder, and drafts that say something else than the present one."""

from __future__ import annotations

import datetime as dt
import shutil
import tomllib
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest

from privacy.internal import policy, published, publishing
from privacy.models import Publication, Subject

Data = dict[str, Any]
# What a later version says otherwise: a function that changes the data and the words of each language in place.
Amendment = Callable[[Data, dict[str, Data]], None]


def employee() -> Subject:
    return Subject.objects.create(kind=Subject.Kind.EMPLOYEE)


def publish_version(version: str) -> Publication:
    """Let one member of staff propose a version and another publish it."""
    publication = publishing.publish(publishing.propose(version, drafted_by=employee()), published_by=employee())
    published.look()
    return publication


@pytest.fixture
def policy_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A copy of the policy that a test may change."""
    folder = tmp_path / "policy"
    shutil.copytree(policy.FOLDER, folder)
    monkeypatch.setattr(policy, "FOLDER", folder)
    policy.read_again()
    yield folder
    monkeypatch.undo()
    policy.read_again()


@pytest.fixture
def plant(policy_folder: Path) -> Callable[..., str]:
    """Add a version that takes effect on a day: the latest one with some words replaced and amended, then published."""

    def add(day: str, amend: Amendment | None = None, *, draft: bool = False, **replaced: str) -> str:
        present = policy.versions()[-1]
        for path in policy_folder.glob(f"{present}*.toml"):
            text = path.read_text(encoding="utf-8").replace(present, day)
            for old, new in replaced.items():
                text = text.replace(old, new)
            (policy_folder / path.name.replace(present, day)).write_text(text, encoding="utf-8")
        if amend is not None:
            _amend(policy_folder, day, amend)
        policy.read_again()
        if not draft:
            publish_version(day)
        return day

    return add


def _amend(folder: Path, version: str, amend: Amendment) -> None:
    paths = {path.name.split(".")[1]: path for path in folder.glob(f"{version}.*.toml")}
    words = {locale: tomllib.loads(path.read_text(encoding="utf-8")) for locale, path in paths.items()}
    data = tomllib.loads((folder / f"{version}.toml").read_text(encoding="utf-8"))
    amend(data, words)
    (folder / f"{version}.toml").write_text(toml(data), encoding="utf-8")
    for locale, path in paths.items():
        path.write_text(toml(words[locale]), encoding="utf-8")


def toml(data: Mapping[str, Any], path: tuple[str, ...] = ()) -> str:
    """A policy's data as TOML; every string quoted, every key too."""
    own, below = [], []
    for key, value in data.items():
        here = (*path, key)
        if isinstance(value, Mapping):
            below.append(f"[{_dotted(here)}]\n{toml(value, here)}")
        elif isinstance(value, list) and value and isinstance(value[0], Mapping):
            below += [f"[[{_dotted(here)}]]\n{toml(row, here)}" for row in value]
        else:
            own.append(f"{_quoted(key)} = {_value(value)}")
    return "\n".join([*own, *below]) + "\n"


def _dotted(path: tuple[str, ...]) -> str:
    return ".".join(_quoted(part) for part in path)


def _quoted(text: str) -> str:
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n") + '"'


def _value(value: Any) -> str:
    match value:
        case bool():
            return str(value).lower()
        case int():
            return str(value)
        case dt.date():
            return value.isoformat()
        case list():
            return f"[{', '.join(_value(one) for one in value)}]"
    return _quoted(value)


def new_recipient(name: str, country: str, receives: Mapping[str, list[str]]) -> Amendment:
    """Somebody else who receives something."""

    def amend(data: Data, words: dict[str, Data]) -> None:
        data["recipient"][name] = {"kind": "processor", "country": country, "receives": dict(receives)}
        for locale, texts in words.items():
            texts["recipient"][name] = f"{name.capitalize()} ({locale})"
            texts["country"].setdefault(country, f"{country} ({locale})")

    return amend


def moved(name: str, country: str) -> Amendment:
    """A recipient that works in another country."""

    def amend(data: Data, words: dict[str, Data]) -> None:
        data["recipient"][name]["country"] = country
        for locale, texts in words.items():
            texts["country"].setdefault(country, f"{country} ({locale})")

    return amend


def period(keep: str, lasts: str) -> Amendment:
    """Another time for what is kept by one rule."""

    def amend(data: Data, words: dict[str, Data]) -> None:
        data["retention"][keep]["period"] = lasts
        for locale, texts in words.items():
            texts["retention"][keep] = f"{lasts} ({locale})"

    return amend


def also_for(purpose: str, category: str, keep: str, basis: str = "") -> Amendment:
    """One more purpose for a category that is kept by a rule; with a legal basis, the purpose gets this one."""

    def amend(data: Data, words: dict[str, Data]) -> None:
        data["statement"].append(
            {"clause": "use.service", "categories": [category], "purposes": [purpose], "retention": [keep]}
        )
        stated = data["purpose"].setdefault(purpose, {"clause": "use.service", "legal_basis": basis})
        if basis:
            stated["legal_basis"] = basis
        for locale, texts in words.items():
            texts["purpose"].setdefault(purpose, f"{purpose} ({locale})")
            texts["category"].setdefault(category, f"{category} ({locale})")

    return amend


def reworded(data: Data, words: dict[str, Data]) -> None:
    """Another sentence in English; nothing of the data."""
    words["en"]["section"][0]["body"] += " We have said so before."


def several(*amendments: Amendment) -> Amendment:
    """One after the other."""

    def amend(data: Data, words: dict[str, Data]) -> None:
        for one in amendments:
            one(data, words)

    return amend
