"""`manage.py traffic_audit`: sends a planted visitor through the store and searches every place for what it left."""

from __future__ import annotations

import json
from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from cookies.domain.prove_removal import AnotherAudit, Outcome, prove_removal
from cookies.traffic.planted import NotAdmitted


class Command(BaseCommand):
    help = "Send a planted visitor through the store, wait until it is counted and gone, and search for what it left."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--everything", action="store_true", help="read all files, not only those written to since")
        parser.add_argument("--rows", action="store_true", help="also read every table by SQL")
        parser.add_argument("--json", action="store_true", help="print the proof as JSON")

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            outcome = prove_removal(everything=options["everything"], rows=options["rows"])
        except (AnotherAudit, NotAdmitted) as error:
            raise CommandError(str(error)) from error
        if options["json"]:
            self.stdout.write(json.dumps(_as_json(outcome), indent=2))
        else:
            self._say(outcome)
        if not outcome.holds:
            raise CommandError("The promise is not kept: see above.", returncode=1)

    def _say(self, outcome: Outcome) -> None:
        proof = outcome.proof
        if proof.certificate is None:
            self.stdout.write("The planted visitor was not counted in time. Does the worker run?")
        else:
            self.stdout.write(f"The planted visitor was counted and removed with batch {proof.certificate.batch_id}.")
        for place in outcome.places:
            if place.skipped:
                self.stdout.write(f"{place.name:10} not searched. {place.skipped}")
                continue
            unreadable = f", {place.unreadable} unreadable" if place.unreadable else ""
            self.stdout.write(
                f"{place.name:10} {place.files} files or keys, {place.bytes / 1e6:.1f} MB{unreadable}, "
                f"found in {len(place.found)}"
            )
            for name in place.found:
                self.stdout.write(f"           {name}")
        self.stdout.write(f"Found in {proof.found} of {proof.files}. Written down as proof {proof.pk}.")


def _as_json(outcome: Outcome) -> dict[str, Any]:
    proof = outcome.proof
    return {
        "proof": proof.pk,
        "planted_at": proof.planted_at.isoformat(),
        "batch": str(proof.certificate.batch_id) if proof.certificate else None,
        "places": proof.places,
        "found": proof.found,
    }
