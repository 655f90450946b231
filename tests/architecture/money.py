"""Where a float could come near money, read from the source: Python by its syntax tree, templates and scripts by their words."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

# Every line of these goes with money, or may at any time.
ROOMS = ("orders", "catalogue", "accounts", "kmall24")
# Drawings of the sample's goods, and how the machine's own processes are started: no amount has ever been here.
NO_MONEY = (
    "catalogue/sample/drawing",
    "kmall24/engines",
    "kmall24/serve",
    "kmall24/static/kmall24/vendor",
    "kmall24/postgres",
)

_SQL = re.compile(
    r"::\s*(?:float\d*|real)\b|\b(?:double\s+precision|float[48]?\s*\(|AS\s+(?:float\d*|real))\b|\bREAL\b"
)
_PERCENT = re.compile(r"%(?:\(\w+\))?[-+ #0]*\d*(?:\.\d+)?[feg]", re.I)
_FILTERS = re.compile(
    r"""\|\s*(?:floatformat|divisibleby|add:)|\|\s*stringformat:\s*["'][^"']*[efg]["']|\{%\s*widthratio"""
)
_SCRIPT = re.compile(r"parseFloat|\.toFixed|\bNumber\(|\bMath\.")
# Of a place, so much is shown.
_LONGEST = 90
# Names that bring a float, whatever they are called with.
_NAMES = {"float", "FloatField", "math", "statistics", "fsum", "isclose"}


def in_python(source: str) -> Iterator[tuple[int, str]]:
    """Line and text of each place in a module where a float is named, made or read."""
    tree = ast.parse(source)
    parents = {child: node for node in ast.walk(tree) for child in ast.iter_child_nodes(node)}
    filled_in = {inner for node in ast.walk(tree) for inner in _filled_in(node)}
    for node in ast.walk(tree):
        if _makes_a_float(node) or (node in filled_in and _PERCENT.search(node.value)):  # type: ignore[attr-defined]
            yield node.lineno, _in_context(node, parents)  # type: ignore[attr-defined]


def _in_context(node: ast.AST, parents: dict[ast.AST, ast.AST]) -> str:
    """As much of the source around a place as tells what it is: the parameter, the statement, or what of it is short."""
    text = ast.unparse(node)
    while not isinstance(node, ast.stmt) and (node := parents.get(node)) is not None:  # type: ignore[assignment]
        if isinstance(node, ast.FunctionDef):
            return f"def {node.name} -> {text}"
        larger = ast.unparse(node)
        if len(larger) > _LONGEST or "\n" in larger or isinstance(node, ast.arguments):
            break
        text = larger
    return text if len(text) <= _LONGEST else " ".join(text.split())[:_LONGEST]


def _filled_in(node: ast.AST) -> Iterator[ast.AST]:
    """The texts that `%` fills in: unlike `format()`, it makes a float of a Decimal."""
    if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Mod):
        yield from (n for n in ast.walk(node.left) if isinstance(n, ast.Constant) and isinstance(n.value, str))


def _makes_a_float(node: ast.AST) -> bool:
    if isinstance(node, ast.Constant):
        return isinstance(node.value, float) or (isinstance(node.value, str) and bool(_SQL.search(node.value)))
    if isinstance(node, ast.Name):
        return node.id in _NAMES
    if isinstance(node, ast.Attribute):
        return node.attr in _NAMES
    if isinstance(node, ast.ImportFrom):
        return node.module in _NAMES
    if isinstance(node, ast.alias):
        return node.name.rpartition(".")[2] in _NAMES
    if isinstance(node, ast.BinOp | ast.AugAssign):
        # Two whole numbers with a line between them are a float; where one is a Decimal, the other is no float either.
        return isinstance(node.op, ast.Div) and not any(map(_is_no_number, ast.iter_child_nodes(node)))
    if isinstance(node, ast.Call):
        called = ast.unparse(node.func)
        reads = called in ("json.loads", "json.load") or called.endswith(".json")
        return called == "round" or (reads and not any(k.arg == "parse_float" for k in node.keywords))
    return False


def _is_no_number(node: ast.AST) -> bool:
    """What can be divided and gives no float: a Decimal that is made on the spot, and a path."""
    if isinstance(node, ast.Call):
        return ast.unparse(node.func) in ("Decimal", "D", "Path")
    if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Div):
        return any(map(_is_no_number, ast.iter_child_nodes(node)))
    return isinstance(node, ast.Constant) and isinstance(node.value, str)


def in_words(path: Path, text: str) -> Iterator[tuple[int, str]]:
    """The same for a template or a script."""
    what = _SCRIPT if path.suffix == ".js" else _FILTERS
    for number, line in enumerate(text.splitlines(), 1):
        for found in what.finditer(line):
            yield number, found.group()


def found_in(root: Path) -> Iterator[tuple[str, int, str]]:
    """File, line and text of all such places of the rooms."""
    for room in ROOMS:
        for path in sorted((root / room).rglob("*")):
            name = path.relative_to(root).as_posix()
            if name.startswith(NO_MONEY) or "/migrations/" in name or not path.is_file():
                continue
            if path.suffix == ".py":
                hits = in_python(path.read_text(encoding="utf-8"))
            elif path.suffix in (".html", ".txt", ".xml", ".js"):
                hits = in_words(path, path.read_text(encoding="utf-8"))
            else:
                continue
            for line, text in hits:
                yield name, line, text
