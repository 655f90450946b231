"""Page views may wait in a Valkey cluster: three real servers, the slots divided among them, and the same exact counts."""

import socket
import subprocess
import time
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest
import redis

from cookies.domain.aggregate import aggregate
from cookies.domain.close_day import close_days
from cookies.models import DailyVisitors, HourlyCount
from cookies.traffic import buffer, store, traces, visitor
from kmall24.engines import binaries
from tests.campaigns.traffic_visits import expected, visits

NOW = 480_000
SLOTS = 16384
NODES = 3


@pytest.fixture(scope="module")
def cluster(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of one of three servers that share the slots, as Valkey's own tool would set them up."""
    ports = _free_ports(2 * NODES)
    with ExitStack() as stack:
        nodes: list[redis.Redis] = []
        for port, bus in zip(ports[:NODES], ports[NODES:], strict=True):
            stack.enter_context(_server(tmp_path_factory.mktemp("node"), port, bus))
            nodes.append(stack.enter_context(redis.Redis(port=port, decode_responses=True)))
        for number, node in enumerate(nodes):
            _until(lambda node=node: _answers(node))
            first, last = SLOTS * number // NODES, SLOTS * (number + 1) // NODES - 1
            node.execute_command("CLUSTER", "ADDSLOTSRANGE", first, last)
        for port, bus in zip(ports[1:NODES], ports[NODES + 1 :], strict=True):
            nodes[0].execute_command("CLUSTER", "MEET", "127.0.0.1", port, bus)
        for node in nodes:
            _until(lambda node=node: node.execute_command("CLUSTER INFO")["cluster_state"] == "ok")
            _until(lambda node=node: len(node.execute_command("CLUSTER SLOTS")) == NODES)
        yield f"redis://127.0.0.1:{ports[0]}"


@pytest.mark.django_db
def test_page_views_wait_in_a_cluster_are_counted_exactly_and_go(cluster, settings):
    settings.TRAFFIC_VALKEY_URL, settings.TRAFFIC_VALKEY_CLUSTER = cluster, True
    visitor.forget_salt()
    made = list(visits(3, 6000, hour=NOW, hours=1))
    processes = [buffer.HitBuffer(in_background=False) for _ in range(5)]
    for number, hit in enumerate(made):
        processes[number % 5].add(hit)
    assert all(process.flush() for process in processes)
    assert len({_node_of(process.sender) for process in processes}) > 1, "several servers share the page views"
    assert store.oldest() > 0

    gone = made[0].visitor
    waiting = sum(hit.visitor == gone for hit in made)
    assert store.forget(gone) == waiting
    settings.TRAFFIC_TRACES = {}
    found = {place.name: place.found for place in traces.search([gone.encode()], since=None)}
    assert found == {"valkey": ["traffic:withdrawn"], "broker": []}, (
        "the search reads every server, and finds only that it was withdrawn"
    )

    left = [hit for hit in made if hit.visitor != gone]
    assert aggregate() == len(left)
    hours = {(c.dimension, NOW, c.value): c.count for c in HourlyCount.objects.all() if c.count}
    assert hours == expected(iter(left))
    assert store.oldest() == 0
    assert close_days() == 1
    whole = DailyVisitors.objects.get(dimension="")
    assert abs(whole.visitors - len({hit.visitor for hit in left})) <= 0.02 * len(made)
    assert not whole.partial
    visitor.forget_salt()


def _node_of(sender: str) -> str:
    client = store.valkey()
    return client.get_node_from_key(store.SENT % sender).name


def _server(folder: Path, port: int, bus: int) -> "subprocess.Popen[bytes]":
    command = [str(binaries.valkey_server()), "--port", str(port), "--bind", "127.0.0.1", "--dir", str(folder)]
    command += ["--cluster-enabled", "yes", "--cluster-port", str(bus), "--save", "", "--appendonly", "no"]
    server = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    return _Ended(server)


class _Ended:
    """A server that is killed when the test is done."""

    def __init__(self, server: "subprocess.Popen[bytes]") -> None:
        self.server = server

    def __enter__(self) -> "_Ended":
        return self

    def __exit__(self, *_error: object) -> None:
        self.server.kill()
        self.server.wait()


def _free_ports(number: int) -> list[int]:
    with ExitStack() as stack:
        probes = [stack.enter_context(socket.socket()) for _ in range(number)]
        for probe in probes:
            probe.bind(("127.0.0.1", 0))
        return [probe.getsockname()[1] for probe in probes]


def _answers(node: redis.Redis) -> bool:
    try:
        return bool(node.ping())
    except redis.ConnectionError:
        return False


def _until(holds) -> None:
    deadline = time.monotonic() + 120
    while not holds():
        assert time.monotonic() < deadline, "the cluster did not come together"
        time.sleep(0.05)
