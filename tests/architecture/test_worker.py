"""A worker gives way to the processes that people wait for."""

import os

from celery.signals import worker_init

from kmall24.celery import NICENESS


def test_a_worker_lowers_its_own_priority_before_it_forks(monkeypatch):
    asked = []
    monkeypatch.setattr(os, "nice", asked.append)
    worker_init.send(sender=None)
    assert asked == [NICENESS]
    assert NICENESS > 0
