"""A small run of the campaign in which workers are killed anywhere; `make accept-traffic` is the large one."""

import os
import time

import pytest

from cookies.models import PurgeCertificate
from tests.campaigns import traffic_kills as campaign

HITS, KILLS = 20_000, 8


@pytest.mark.django_db(transaction=True)
def test_workers_killed_anywhere_lose_nothing_and_count_nothing_twice(valkey):
    seed, hour = int.from_bytes(os.urandom(4), "big"), int(time.time()) // 3600 - 3
    killed, in_the_middle, _seconds = campaign._forked(seed, HITS, KILLS, hour)
    print(f"SEED={seed} in the middle: {in_the_middle}")
    assert killed >= KILLS
    assert campaign._differences(seed, HITS, hour) == []
    assert campaign._raw_left() == 0

    batch = PurgeCertificate.objects.first()
    PurgeCertificate.objects.create(hits=1)
    assert campaign._differences(seed, HITS, hour) == [f"certificates: {HITS + 1} for {HITS}"], (
        "the comparison compares"
    )
    assert batch.hits > 0
