#!/usr/bin/env python3
"""Makes `.venv` from the hash-checked lock when it is not whole, then runs a command in it.

Read by whatever `python3` the machine has, so only old and plain Python stands here.
"""

import fcntl
import hashlib
import json
import os
import shutil
import subprocess
import sys

PROJECT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
VENV = os.path.join(PROJECT, ".venv")
PYTHON = os.path.join(VENV, "bin", "python")
# Names the locks that are installed in full; written last, so its absence is what a cut-off installation leaves.
MARKER = os.path.join(VENV, ".kmall24-installed.json")
LOG = os.path.join(VENV, "pip.log")
OLDEST, NEWEST = (3, 11), (3, 13)
# The development lock holds the same pins and more, so it installs both.
LOCKS = {"run": ["requirements.txt"], "dev": ["requirements-dev.txt", "requirements.txt"]}

NO_NETWORK = (
    "NewConnectionError",
    "NameResolutionError",
    "Temporary failure in name resolution",
    "ConnectTimeout",
    "ReadTimeoutError",
    "Network is unreachable",
    "Connection refused",
    "ProxyError",
    "Max retries exceeded",
)
NO_WHEEL = ("No matching distribution found", "not a supported wheel", "Could not find a version that satisfies")


class Stop(Exception):
    """A sentence for the person at the terminal."""


def say(sentence):
    print(sentence, flush=True)


def output_of(command):
    """What the command prints, or None when it cannot run."""
    try:
        done = subprocess.run(
            command,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            stdin=subprocess.DEVNULL,
            universal_newlines=True,
        )
    except OSError:
        return None
    return done.stdout.strip() if done.returncode == 0 else None


def find_python():
    """The Python to build with: the one that reads this if it will do, else the newest on the path that will."""
    ours = "%d.%d" % sys.version_info[:2]
    wanted = ["%d.%d" % (3, minor) for minor in range(NEWEST[1], OLDEST[1] - 1, -1)]
    candidates = [(sys.executable, ours)] if ours in wanted else []
    candidates += [(shutil.which("python" + version), version) for version in wanted]
    without_venv = None
    for path, version in candidates:
        if not path or output_of([path, "-c", "import sys; print('%d.%d' % sys.version_info[:2])"]) != version:
            continue
        if output_of([path, "-c", "import ensurepip, venv"]) is not None:
            return path
        without_venv = version
    if without_venv:
        raise Stop(
            "Python %s is here without its venv module. Install it (on Debian and Ubuntu: "
            "`sudo apt install python%s-venv`) and type the command again." % (without_venv, without_venv)
        )
    raise Stop(
        "KMALL24 needs Python %d.%d to %d.%d, and `%s` is %s. Install one of them, or name it: "
        "`make run PYTHON=/path/to/python3.12`." % (OLDEST + NEWEST + (os.path.basename(sys.executable), ours))
    )


def digest(lock):
    with open(os.path.join(PROJECT, lock), "rb") as file:
        return hashlib.sha256(file.read()).hexdigest()


def installed():
    try:
        with open(MARKER) as file:
            return json.load(file)
    except (OSError, ValueError):
        return {}


def is_whole(purpose):
    lock = LOCKS[purpose][0]
    return os.path.exists(PYTHON) and installed().get(lock) == digest(lock)


def make_whole(purpose):
    """Install the lock of `purpose`; the caller holds the lock on the project."""
    if os.path.exists(VENV) and not installed():
        say("The last installation did not finish; mending it.")
    if output_of([PYTHON, "-c", "import pip, sys; assert (3, 11) <= sys.version_info[:2] <= (3, 13)"]) is None:
        python = find_python()
        say("Making .venv with %s." % python)
        command = [python, "-m", "venv", "--clear", VENV]
        made = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, universal_newlines=True)
        if made.returncode != 0:
            lines = made.stdout.strip().splitlines() or ["no reason was given"]
            raise Stop("The environment .venv could not be made: %s" % lines[-1])
    if os.path.exists(MARKER):
        os.remove(MARKER)
    say("Installing %s (about a minute, once)." % LOCKS[purpose][0])
    # Which index is asked is the machine's own affair: nothing here names one.
    pip = [PYTHON, "-m", "pip", "install", "--require-hashes", "--only-binary", ":all:", "--no-input"]
    if purpose == "dev":
        # The tests' check of signatures is published as source alone, of plain Python; nothing that the store runs on is.
        pip += ["--no-binary", "dkimpy"]
    pip += ["--disable-pip-version-check", "--progress-bar", "off", "-r", os.path.join(PROJECT, LOCKS[purpose][0])]
    with open(LOG, "w") as log:
        done = subprocess.run(pip, stdout=log, stderr=subprocess.STDOUT, stdin=subprocess.DEVNULL)
    if done.returncode != 0:
        raise Stop(reason_of_failure())
    draft = MARKER + ".draft"
    with open(draft, "w") as file:
        json.dump({lock: digest(lock) for lock in LOCKS[purpose]}, file)
    os.replace(draft, MARKER)


def reason_of_failure():
    with open(LOG, errors="replace") as file:
        said = file.read()
    where = "pip's own words are in %s." % os.path.relpath(LOG, PROJECT)
    if any(sign in said for sign in NO_NETWORK):
        return "No package index was reached. Check the network, then type the command again; %s" % where
    if "THESE PACKAGES DO NOT MATCH THE HASHES" in said:
        return "A fetched package is not the one that the lock names, so nothing was installed from it; %s" % where
    if any(sign in said for sign in NO_WHEEL):
        machine = os.uname()
        return (
            "Some package has no ready-made build for this platform (%s %s). Use Linux with glibc, or macOS, on x86-64 "
            "or ARM, or run the store with docker-compose.yml; %s" % (machine.sysname, machine.machine, where)
        )
    if "No space left on device" in said:
        return "The disk is full: about 600 MB are needed; %s" % where
    lines = [line for line in said.splitlines() if line.strip()] or ["no reason was given"]
    return "The packages could not be installed: %s; %s" % (lines[-1].strip().rstrip("."), where)


def ensure(purpose):
    if is_whole(purpose):
        return
    # The project's own directory is the lock, so nothing has to be made to take it.
    directory = os.open(PROJECT, os.O_RDONLY)
    try:
        fcntl.flock(directory, fcntl.LOCK_EX)
        if not is_whole(purpose):
            make_whole(purpose)
    finally:
        os.close(directory)


def main(arguments):
    if len(arguments) < 1 or arguments[0] not in LOCKS:
        print("Use: bootstrap.py run|dev [argument for .venv/bin/python ...]", file=sys.stderr)
        return 2
    try:
        ensure(arguments[0])
    except Stop as reason:
        print(reason, file=sys.stderr)
        return 1
    except OSError as error:
        print("The environment .venv could not be made: %s." % error, file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print("Interrupted; the next start goes on from here.", file=sys.stderr)
        return 130
    if len(arguments) > 1:
        os.chdir(PROJECT)
        os.execv(PYTHON, [PYTHON] + arguments[1:])
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
