"""`python -m kmall24.engines start|stop|status|erase`: the engines by hand."""

import sys

from kmall24 import engines


def main(arguments: list[str]) -> int:
    verb = arguments[0] if len(arguments) == 1 else ""
    try:
        if verb == "start":
            print("Started: " + (", ".join(engines.ensure_running()) or "nothing, all is up") + ".")
        elif verb == "stop":
            print("Stopped: " + (", ".join(engines.stop()) or "nothing was running") + ".")
        elif verb == "status":
            for name, is_up in engines.status().items():
                print(f"{name}: {'up' if is_up else 'down'}")
        elif verb == "erase":
            engines.erase()
            print("Erased: the database and the broker of this installation.")
        else:
            print("Use: python -m kmall24.engines start|stop|status|erase", file=sys.stderr)
            return 2
    except engines.EngineError as error:
        print(error, file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
