"""`receive_returns < MAIL`: one mail from the mailbox for returns, which is a bounce, a complaint or neither."""

from __future__ import annotations

import json
import sys
from typing import Any

from django.core.management.base import BaseCommand

from marketing.domain import bouncing


class Command(BaseCommand):
    help = "Take in one report of a mail that came back, from standard input"

    def handle(self, **_options: Any) -> None:
        report = bouncing.receive_report(sys.stdin.buffer.read())
        self.stdout.write(json.dumps({"delivery": report.delivery, "returned": str(report.returned)}))
