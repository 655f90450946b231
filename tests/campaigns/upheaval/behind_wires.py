"""The store as `make run` keeps it, its processes told of other addresses of their engines, as JSON on the command line.

The supervisor itself is not told, so the engines stay its own: it starts them again when they die.
"""

from __future__ import annotations

import json
import sys

from kmall24.serve.runner import Runner


class RunnerBehindWires(Runner):
    def _environment(self) -> dict[str, str]:
        return super()._environment() | json.loads(sys.argv[1])


if __name__ == "__main__":
    RunnerBehindWires().run()
