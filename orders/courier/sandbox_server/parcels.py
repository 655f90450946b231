"""What the sandbox courier keeps: parcels in a ledger file that only grows, read again after a crash."""

from __future__ import annotations

import base64
import json
import threading
import time
import uuid
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from orders.courier import s10
from orders.payment.provider import Forgotten
from orders.payment.sandbox_server.payments import PaymentRefused

NEEDED = ("recipient", "phone", "street", "country")
ORDER = ("registered", "handed_over", "delivered", "returned")


@dataclass
class Parcel:
    """One parcel. Where it goes lies in a file of its own, so that it can be forgotten; the ledger never tells it."""

    number: str
    webhook_url: str
    scans: list[dict[str, Any]] = field(default_factory=list)
    told: int = 0
    next_attempt: float = 0
    attempts: int = 0
    withdrawn: bool = False

    @property
    def state(self) -> str:
        return self.scans[-1]["state"]


class Parcels:
    """All parcels; each change is one line of the ledger, flushed before it is answered."""

    def __init__(self, folder: Path) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self.changed = threading.Event()
        self._lock = threading.RLock()
        self._parcels: dict[str, Parcel] = {}
        self._keys: dict[str, str] = {}
        self._addresses = folder / "addresses"
        self._addresses.mkdir(exist_ok=True)
        path = folder / "ledger.jsonl"
        for line in path.read_text().splitlines() if path.exists() else ():
            self._apply(json.loads(line))
        self._ledger = path.open("a")

    def register(self, wish: dict[str, Any], key: str) -> tuple[str, str]:
        """Take a parcel; the same key again is the same parcel. Returns its number and its label."""
        address = wish.get("address")
        if not isinstance(address, dict) or any(not str(address.get(name, "")).strip() for name in NEEDED):
            raise PaymentRefused("A parcel needs a recipient, a phone number, a street and a country.", "address", 422)
        if not key:
            raise PaymentRefused("Send an Idempotency-Key with each parcel.", "key", 400)
        with self._lock:
            number = self._keys.get(key)
            if number is None:
                number = s10.number("EE", len(self._parcels) + 10_000_001)
                self._address_of(number).write_text(json.dumps(address, ensure_ascii=False))
                self._write(
                    {"is": "parcel", "key": key, "number": number, "webhook_url": str(wish.get("webhook_url", ""))}
                )
                self._scan(number, "registered")
        return number, _label(number, address)

    def withdraw(self, number: str) -> None:
        """Do not collect it. Refused once it was handed over."""
        with self._lock:
            parcel = self.get(number)
            if parcel.state != "registered":
                raise PaymentRefused("The parcel was handed over already.", "too_late", 409)
            self._write({"is": "withdrawn", "number": number})

    def forget(self, number: str) -> Forgotten:
        """Remove the address of a parcel that needs it no more; number and scans stay, for the courier's books."""
        with self._lock:
            parcel = self._parcels.get(number)
            if parcel is None or not self._address_of(number).exists():
                return Forgotten.NOT_HELD
            if not parcel.withdrawn and parcel.state in ORDER[:2]:
                return Forgotten.STILL_NEEDED
            self._address_of(number).unlink()
            self._write({"is": "forgotten", "number": number})
            return Forgotten.FORGOTTEN

    def _address_of(self, number: str) -> Path:
        return self._addresses / f"{number}.json"

    def scan(self, number: str, state: str) -> None:
        """Let a parcel move, as a test or a developer wishes."""
        if state not in ORDER:
            raise PaymentRefused(f"A scan is one of {', '.join(ORDER)}.", "state", 422)
        with self._lock:
            if self.get(number).withdrawn:
                raise PaymentRefused("The parcel was withdrawn.", "withdrawn", 409)
            self._scan(number, state)
        self.changed.set()

    def move_all(self, older_than: float) -> None:
        """Let each parcel take its next step when its last is old enough: so a sandbox shop sees its parcels arrive."""
        with self._lock:
            for parcel in self._parcels.values():
                if (
                    not parcel.withdrawn
                    and parcel.state in ORDER[:2]
                    and time.time() - parcel.scans[-1]["at"] >= older_than
                ):
                    self._scan(parcel.number, ORDER[ORDER.index(parcel.state) + 1])

    def get(self, number: str) -> Parcel:
        if number not in self._parcels:
            raise PaymentRefused("There is no parcel of this number.", "not_found", 404)
        return self._parcels[number]

    def untold(self) -> list[Parcel]:
        """Parcels with scans that the shop has not said yes to."""
        now = time.time()
        with self._lock:
            return [
                p for p in self._parcels.values() if p.webhook_url and p.told < len(p.scans) and p.next_attempt <= now
            ]

    def told(self, number: str) -> None:
        with self._lock:
            self._write({"is": "told", "number": number})

    def close(self) -> None:
        self._ledger.close()

    def _scan(self, number: str, state: str) -> None:
        self._write({"is": "scan", "number": number, "id": uuid.uuid4().hex, "state": state, "at": time.time()})

    def _write(self, entry: dict[str, Any]) -> None:
        self._ledger.write(json.dumps(entry) + "\n")
        self._ledger.flush()
        self._apply(entry)
        self.changed.set()

    def _apply(self, entry: dict[str, Any]) -> None:
        number = entry["number"]
        match entry["is"]:
            case "parcel":
                self._parcels[number] = Parcel(number, entry["webhook_url"])
                self._keys[entry["key"]] = number
            case "scan":
                scan = {name: entry[name] for name in ("id", "state", "at")}
                self._parcels[number].scans.append({**scan, "tracking_number": number})
            case "told":
                self._parcels[number].told += 1
            case "withdrawn":
                self._parcels[number].withdrawn = True


def _label(number: str, address: dict[str, Any]) -> str:
    from orders.documents.label import label_pdf

    return base64.b64encode(label_pdf(number, {name: str(value) for name, value in address.items()})).decode()
