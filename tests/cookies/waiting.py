"""Puts page views where a web process would put them: into Valkey, waiting to be counted."""

from cookies.traffic import store
from cookies.traffic.hit import Hit, encode

SENDER = "a.1.test"
_numbers: dict[str, int] = {}


def put(*hits: Hit, sender: str = SENDER) -> None:
    """Hand these over as one web process does."""
    put_lines(*map(encode, hits), sender=sender)


def put_lines(*lines: str, sender: str = SENDER) -> None:
    """The same with lines that may be anything."""
    _numbers[sender] = _numbers.get(sender, 0) + 1
    store.register(sender)
    store.push(sender, _numbers[sender], list(lines))


def waiting(sender: str = SENDER) -> list[str]:
    """The lines that wait of a sender and are in no batch yet."""
    return [
        line for chunk in store.valkey().lrange(store.PENDING % sender, 0, -1) for line in chunk.split("\n") if line
    ]
