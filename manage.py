#!/usr/bin/env python3
"""Django's command line, with the engines up before a command that may need them."""

import os
import sys
from pathlib import Path

PROJECT = Path(__file__).resolve().parent
VENV_PYTHON = PROJECT / ".venv" / "bin" / "python"
# These only print.
WITHOUT_ENGINES = ("help", "--help", "-h", "version", "--version")


def main() -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "kmall24.settings")
    try:
        from django.core.management import execute_from_command_line
    except ImportError:
        # Typed without activating the environment that `make run` made: go on inside it.
        if VENV_PYTHON.exists() and Path(sys.prefix).resolve() != VENV_PYTHON.parents[1].resolve():
            os.execv(VENV_PYTHON, [str(VENV_PYTHON), *sys.argv])
        sys.exit("The store's packages are not installed. Run `make run` (or `make test`) once, then try again.")

    from kmall24 import engines

    command = sys.argv[1] if len(sys.argv) > 1 else "help"
    if command not in WITHOUT_ENGINES:
        try:
            engines.ensure_running()
        except engines.EngineError as error:
            sys.exit(str(error))
    execute_from_command_line(sys.argv)


if __name__ == "__main__":
    main()
