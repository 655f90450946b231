"""The contracts of pyproject.toml hold, and each goes red when an import that breaks it is planted."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

PROJECT = Path(__file__).resolve().parents[2]
FLOORS = ("kmall24", "marketing", "orders", "catalogue", "cookies", "accounts", "privacy")
LINT = "import sys; from importlinter.cli import lint_imports_command; lint_imports_command(['--no-cache'])"


@pytest.fixture
def tree(tmp_path: Path) -> Path:
    """A copy of the sources that a test may spoil."""
    for floor in FLOORS:
        shutil.copytree(
            PROJECT / floor, tmp_path / floor, ignore=shutil.ignore_patterns("__pycache__", "static", "locale")
        )
    shutil.copy(PROJECT / "pyproject.toml", tmp_path)
    return tmp_path


def lint(tree: Path) -> tuple[int, str]:
    environment = {**os.environ, "PYTHONPATH": str(tree), "PYTHONDONTWRITEBYTECODE": "1"}
    done = subprocess.run(
        [sys.executable, "-c", LINT], cwd=tree, env=environment, capture_output=True, text=True, check=False
    )
    return done.returncode, done.stdout + done.stderr


def test_imports_go_down_and_privacy_keeps_its_inside_to_itself(tree: Path) -> None:
    status, said = lint(tree)
    assert status == 0, said
    assert "2 kept, 0 broken" in said


@pytest.mark.parametrize(
    ("where", "line", "contract"),
    [
        ("privacy", "import orders", "Imports go down, never up or sideways"),
        ("accounts", "from kmall24 import settings", "Imports go down, never up or sideways"),
        ("catalogue", "from kmall24 import engines", "Imports go down, never up or sideways"),
        ("catalogue", "import cookies", "Imports go down, never up or sideways"),
        ("cookies", "import catalogue", "Imports go down, never up or sideways"),
        ("orders", "from privacy.internal import policy", "Only privacy enters privacy.internal"),
        ("kmall24", "import privacy.internal.door", "Only privacy enters privacy.internal"),
    ],
)
def test_a_planted_violation_is_found(tree: Path, where: str, line: str, contract: str) -> None:
    (tree / where / "planted.py").write_text(f"{line}\n", encoding="utf-8")
    status, said = lint(tree)
    assert status == 1, said
    assert f"{contract} BROKEN" in said
    assert f"{where}.planted" in said
