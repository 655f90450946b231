"""`python -m kmall24.serve [stop|reset]`: opens the store until Ctrl-C, closes one that is open, or begins anew."""

import shutil
import signal
import sys

from kmall24 import engines
from kmall24.engines import processes
from kmall24.serve import children
from kmall24.serve.network import Refusal
from kmall24.serve.record import Record
from kmall24.serve.runner import SECONDS_FOR_ANOTHER_TO_CLOSE, Runner, say


def stop() -> None:
    """Close an open store, or what is left of one, and its engines."""
    record = Record()
    runner = record.values.get("runner")
    if not record.take() and runner and children.is_same(runner):
        processes.end(int(runner[0]), signal.SIGTERM)
        if not processes.wait_until(record.take, seconds=SECONDS_FOR_ANOTHER_TO_CLOSE):
            children.end_group(int(runner[0]))
    children.end_remains(record.read().get("children", {}))
    stopped = engines.stop()
    record.write(runner=None, children={}, started_engines=False, closing=False)
    say("KMALL24 is closed." if runner or stopped else "KMALL24 was not open.")


def reset() -> None:
    """Remove the installation's data: database, broker, mail, pictures, secrets, logs."""
    stop()
    engines.erase()
    shutil.rmtree(engines.state_dir(), ignore_errors=True)
    say("All data of this installation is gone. `make run` begins anew.")


def main(arguments: list[str]) -> int:
    try:
        if not arguments:
            Runner().run()
        elif arguments == ["stop"]:
            stop()
        elif arguments == ["reset"]:
            reset()
        else:
            print("Use: python -m kmall24.serve [stop|reset]", file=sys.stderr)
            return 2
    except (Refusal, engines.EngineError) as reason:
        print(reason, file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
