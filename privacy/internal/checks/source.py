"""The project's own code as syntax trees: what it says in so many words, read without running it."""

from __future__ import annotations

import ast
import gc
import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache, cached_property
from pathlib import Path
from typing import Any

from django.apps import apps
from django.conf import settings

from privacy.declaration import Purpose

# Not part of the running store: what Django generates, and the provider's side of the payment, a program of its own.
_APART = frozenset({"migrations", "sandbox_server", "sample", "engines", "serve", "checks", "__pycache__"})
# The one way past a check of the code; a review sees it, and the reason with it.
_ON_PURPOSE = re.compile(r"#.*\bon purpose: \S+")


@dataclass(frozen=True)
class Module:
    """One file of the project."""

    name: str  # dotted
    path: str  # relative to the project
    tree: ast.Module
    lines: tuple[str, ...] = ()

    @classmethod
    def of(cls, path: str, text: str) -> Module:
        """A module from its text; `path` is relative to the project and gives the module its name."""
        name = path.removesuffix(".py").removesuffix("/__init__").replace("/", ".")
        return cls(name, path, ast.parse(text), tuple(text.splitlines()))

    @cached_property
    def nodes(self) -> list[ast.AST]:
        """Everything in the file, the outer before the inner."""
        return below(self.tree)

    @cached_property
    def _by_kind(self) -> dict[type[ast.AST], list[Any]]:
        found: dict[type[ast.AST], list[Any]] = {}
        for node in self.nodes:
            found.setdefault(type(node), []).append(node)
        return found

    def only(self, *kinds: type[ast.AST]) -> Iterator[Any]:
        """What is of these kinds, one kind after the other: most scans look at a tenth of a file."""
        for kind in kinds:
            yield from self._by_kind.get(kind, ())

    @property
    def calls(self) -> list[ast.Call]:
        return self._by_kind.get(ast.Call, [])

    @cached_property
    def _functions(self) -> dict[int, ast.FunctionDef]:
        # The outer comes before the inner, so the innermost function is the one that stays.
        found: dict[int, ast.FunctionDef] = {}
        for function in self.only(ast.FunctionDef):
            found.update(dict.fromkeys(map(id, below(function)), function))
        return found

    def function_around(self, node: ast.AST) -> ast.FunctionDef | None:
        """The innermost function in which something stands."""
        return self._functions.get(id(node))

    @cached_property
    def constants(self) -> dict[str, ast.expr]:
        """What the file gives a name at its top: NAME = …"""
        found: dict[str, ast.expr] = {}
        for node in self.tree.body:
            if isinstance(node, ast.Assign) and len(node.targets) == 1 and isinstance(node.targets[0], ast.Name):
                found[node.targets[0].id] = node.value
            elif isinstance(node, ast.AnnAssign) and isinstance(node.target, ast.Name) and node.value is not None:
                found[node.target.id] = node.value
        return found

    @cached_property
    def imports(self) -> dict[str, str]:
        """Each name that an import brings, anywhere in the file, with where it comes from: "privacy.gate.disclose"."""
        found: dict[str, str] = {}
        for node in self.only(ast.ImportFrom, ast.Import):
            if isinstance(node, ast.ImportFrom) and node.module and not node.level:
                found.update({alias.asname or alias.name: f"{node.module}.{alias.name}" for alias in node.names})
            elif isinstance(node, ast.Import):
                for alias in node.names:
                    name = alias.asname or alias.name.partition(".")[0]
                    found[name] = alias.name if alias.asname else name
        return found

    def place(self, node: ast.AST) -> str:
        """Where it stands, for a message: "orders/effects.py:29"."""
        return f"{self.path}:{getattr(node, 'lineno', 0)}"

    def on_purpose(self, node: ast.AST) -> bool:
        """Whether the line, or the one above it, says that a value is shown there on purpose, and why."""
        line = getattr(node, "lineno", 1)
        return any(_ON_PURPOSE.search(text) for text in self.lines[max(line - 2, 0) : line])

    def called(self, call: ast.Call) -> str:
        """What a call calls, as far as its words say: "privacy.gate.disclose", "logger.info", "form.collecting"."""
        dotted = dotted_name(call.func)
        first, _, rest = dotted.partition(".")
        origin = self.imports.get(first)
        return f"{origin}.{rest}".rstrip(".") if origin else dotted


# What a node holds that is no node, and the contexts, which say nothing.
_NO_NODE = {int, str, bool, float, complex, bytes, type(None), type(...), ast.Load, ast.Store, ast.Del}


def below(node: ast.AST) -> list[ast.AST]:
    """A node and all that is in it, as `ast.walk` finds it, but for the contexts that say nothing; in a fifth of its time."""
    found = [node]
    for one in found:
        for value in one.__dict__.values():
            kind = type(value)
            if kind is list:
                found += [inner for inner in value if type(inner) not in _NO_NODE]
            elif kind not in _NO_NODE:
                found.append(value)
    return found


def dotted_name(node: ast.AST) -> str:
    """`a.b.c` as a string; "" for the part of an expression that has no name."""
    if isinstance(node, ast.Name):
        return node.id
    if isinstance(node, ast.Attribute):
        return f"{dotted_name(node.value)}.{node.attr}"
    return ""


def argument(call: ast.Call, keyword: str, position: int | None = None) -> ast.expr | None:
    """The argument of a call by its keyword, or by its place among those without one."""
    for given in call.keywords:
        if given.arg == keyword:
            return given.value
    if position is not None and position < len(call.args):
        return call.args[position]
    return None


class Source:
    """All modules of the project, and the answers to what a name in one of them stands for."""

    def __init__(self, modules: list[Module]) -> None:
        self.modules = modules
        self._by_name = {module.name: module for module in modules}

    def text(self, module: Module, node: ast.expr | None, depth: int = 0) -> str | None:
        """The text that an expression stands for: a literal, a constant of this file or of another, a purpose, a setting."""
        if node is None or depth > 5:
            return None
        if isinstance(node, ast.Constant):
            return node.value if isinstance(node.value, str) else None
        if isinstance(node, ast.Attribute):
            dotted = dotted_name(node)
            if dotted.startswith("Purpose.") and (purpose := Purpose.__members__.get(node.attr)):
                return purpose.value
            if dotted == f"settings.{node.attr}":
                return str(getattr(settings, node.attr, ""))
            return self._imported(f"{module.imports.get(dotted.partition('.')[0], '')}.{node.attr}", depth)
        if isinstance(node, ast.Name):
            if node.id in module.constants:
                return self.text(module, module.constants[node.id], depth + 1)
            return self._imported(module.imports.get(node.id, ""), depth)
        return None

    def _imported(self, origin: str, depth: int) -> str | None:
        where, _, name = origin.rpartition(".")
        module = self._by_name.get(where)
        if module is None or name not in module.constants:
            return None
        return self.text(module, module.constants[name], depth + 1)


def files() -> Iterator[Path]:
    """Every Python file of the apps that are ours, but for the parts that stand apart."""
    for config in apps.get_app_configs():
        # What stands in the project's own folder, and not in an environment inside it, is ours.
        if Path(config.path).parent == Path(settings.BASE_DIR):
            for path in sorted(Path(config.path).rglob("*.py")):
                if not _APART.intersection(path.relative_to(config.path).parts):
                    yield path


@cache
def project() -> Source:
    """The code of this project, read once in a process."""
    root = Path(settings.BASE_DIR)
    # A tree of many small objects, none of which is garbage: looking for some in it takes as long as all the reading.
    collects = gc.isenabled()
    gc.disable()
    try:
        source = Source(
            [Module.of(path.relative_to(root).as_posix(), path.read_text(encoding="utf-8")) for path in files()]
        )
        # Nor is it looked through again by every collection while the checks run, which took a third of their time.
        gc.freeze()
        return source
    finally:
        if collects:
            gc.enable()
