"""A copy of the tree to be broken: files linked, not copied, until one of them is changed."""

from __future__ import annotations

import ast
import os
import random
import re
import shutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

PROJECT = Path(__file__).resolve().parents[3]
ROOMS = ("accounts", "catalogue", "cookies", "kmall24", "marketing", "orders", "privacy")
# How a person's value may be called by somebody who does not think of privacy.
NAMES = (
    "nickname", "birth_date", "birthday", "kakao_id", "passport_number", "home_phone", "mobile", "second_email", "gender",
    "wechat", "ip_address", "user_agent", "national_id", "buyer_name", "gift_recipient", "emailAddr", "e_mail", "tel_no",
    "cust_email", "fullName", "dob", "postcode_2", "mobile_no", "delivery_city", "latitude", "customer_phone", "surname",
    "contact_name", "whatsapp_number", "zip_code", "street_address", "date_of_birth", "cardholder_name", "card_number",
    "subscriber_email", "instagram", "occupation", "hobbies", "personal_id_photo", "ssn", "bank_account", "iban",
)  # fmt: skip
LABELS = ("Please tell us", "Optional", "For our files", "So that we know you")


@dataclass
class Tree:
    """One copy. Paths are relative to the project."""

    root: Path
    changed: list[str] = field(default_factory=list)

    @classmethod
    def snapshot(cls, root: Path) -> Tree:
        """Copy every file that the store runs on, so that whoever works on the project meanwhile is not in the way."""
        for room in ROOMS:
            left_out = shutil.ignore_patterns("locale", "vendor", "*.png", "*.svg", "*.woff2")
            shutil.copytree(PROJECT / room, root / room, ignore=left_out)
        return cls(root)

    def copy(self, root: Path) -> Tree:
        """The same tree in another folder, by links."""
        for room in ROOMS:
            shutil.copytree(self.root / room, root / room, copy_function=_link)
        return Tree(root)

    def text(self, path: str) -> str:
        return (self.root / path).read_text(encoding="utf-8")

    def write(self, path: str, text: str) -> None:
        """Put a text in the place of a file; the file that was linked stays as it was."""
        place = self.root / path
        place.parent.mkdir(parents=True, exist_ok=True)
        place.unlink(missing_ok=True)
        place.write_text(text, encoding="utf-8")
        self.changed.append(path)

    def replace(self, path: str, old: str, new: str) -> None:
        """Change the first occurrence of some words; it is an error when there is none, since the mutant would be none."""
        text = self.text(path)
        if old not in text:
            raise LookupError(f"{path} has no {old!r}.")
        self.write(path, text.replace(old, new, 1))

    def append(self, path: str, text: str) -> None:
        self.write(path, self.text(path).rstrip("\n") + "\n" + text)

    def into_class(self, path: str, name: str, lines: str) -> None:
        """Put lines at the top of a class, after its docstring."""
        text = self.text(path)
        node = next(n for n in ast.walk(ast.parse(text)) if isinstance(n, ast.ClassDef) and n.name == name)
        first = node.body[0]
        has_words = isinstance(first, ast.Expr) and isinstance(first.value, ast.Constant)
        after = (first.end_lineno or first.lineno) if has_words else first.lineno - 1
        pad = " " * first.col_offset
        block = "".join(f"{pad}{line}\n" if line else "\n" for line in lines.strip("\n").split("\n"))
        rows = text.splitlines(keepends=True)
        self.write(path, "".join(rows[:after]) + block + "".join(rows[after:]))

    def import_into(self, path: str, line: str) -> None:
        """Add an import after the file's docstring and its imports from the future."""
        text = self.text(path)
        if re.search(rf"^{re.escape(line)}$", text, re.MULTILINE):
            return
        body = ast.parse(text).body
        last = 0
        for node in body:
            words = isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)
            if words or (isinstance(node, ast.ImportFrom) and node.module == "__future__"):
                last = node.end_lineno or node.lineno
        rows = text.splitlines(keepends=True)
        self.write(path, "".join(rows[:last]) + line + "\n" + "".join(rows[last:]))

    def modules(self, *names: str) -> Iterator[str]:
        """The files of these rooms' kinds: modules("views", "api")."""
        for room in ROOMS:
            for path in sorted((self.root / room).rglob("*.py")):
                inside = path.relative_to(self.root)
                if "migrations" in inside.parts or "sandbox_server" in inside.parts or "sample" in inside.parts:
                    continue
                if set(names) & {*inside.parts[:-1], inside.stem}:
                    yield inside.as_posix()

    def classes(self, base: str) -> list[tuple[str, str]]:
        """Every class of the models, forms, APIs and admins with this base: path and name."""
        found = []
        for path in self.modules("models", "forms", "page_forms", "api", "admin"):
            for node in ast.walk(ast.parse(self.text(path))):
                if isinstance(node, ast.ClassDef) and base in [ast.unparse(b).rpartition(".")[2] for b in node.bases]:
                    found.append((path, node.name))
        return found

    def functions(self, path: str) -> list[ast.FunctionDef]:
        every = [n for n in ast.walk(ast.parse(self.text(path))) if isinstance(n, ast.FunctionDef)]
        return [node for node in every if node.body[0].lineno > node.lineno]

    def into_function(self, path: str, rng: random.Random, lines: str) -> None:
        """Put lines at the top of some function of a file."""
        node = rng.choice(self.functions(path))
        first = node.body[0]
        words = isinstance(first, ast.Expr) and isinstance(first.value, ast.Constant)
        after = (first.end_lineno or first.lineno) if words else first.lineno - 1
        pad = " " * first.col_offset
        rows = self.text(path).splitlines(keepends=True)
        block = "".join(f"{pad}{line}\n" for line in lines.strip("\n").split("\n"))
        self.write(path, "".join(rows[:after]) + block + "".join(rows[after:]))


def _link(source: str | Path, target: str | Path) -> None:
    try:
        os.link(source, target)
    except OSError:  # the temporary folder is on another disk
        shutil.copy2(source, target)


@dataclass(frozen=True)
class Kind:
    """A way to break the policy: what a review would call it, what does it, and the ids that must be found."""

    name: str
    break_it: Callable[[Tree, random.Random], str]
    found_as: frozenset[str]


KINDS: list[Kind] = []


def violation(
    name: str, *found_as: str
) -> Callable[[Callable[[Tree, random.Random], str]], Callable[[Tree, random.Random], str]]:
    """Register a way. The function breaks the tree and says what it did; `found_as` are the ids of which one must be new.

    "start" stands for a store that refuses to start.
    """

    def register(break_it: Callable[[Tree, random.Random], str]) -> Callable[[Tree, random.Random], str]:
        KINDS.append(Kind(name, break_it, frozenset(f"privacy.{i}" if i != "start" else i for i in found_as)))
        return break_it

    return register
