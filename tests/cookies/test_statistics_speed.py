"""A small run of `make bench-statistics`: the screen that it measures is the one that staff see, with its numbers in it."""

import pytest

from cookies.models import ShownCount
from tests.campaigns import statistics_speed


@pytest.mark.django_db
def test_a_small_run_opens_the_screen(valkey, settings):
    settings.ROOT_URLCONF = "kmall24.urls"
    rows = statistics_speed.fill(1, days=3, pages=4)
    assert rows == ShownCount.objects.count() > 100
    assert len(statistics_speed.opened(2)) == 2
