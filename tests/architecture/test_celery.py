"""A task that dies is done again, and one that runs is not handed to a second worker: the settings that this takes."""

from __future__ import annotations

from celery import current_app

from kmall24.celery import app


def test_a_task_whose_worker_dies_is_given_to_another() -> None:
    assert app.conf.task_acks_late is True
    assert app.conf.task_reject_on_worker_lost is True
    # One that holds tasks beside the one it works at takes them along when it dies.
    assert app.conf.worker_prefetch_multiplier == 1


def test_what_is_given_back_comes_within_seconds() -> None:
    carried = app.conf.broker_transport_options
    assert carried["unacked_restore_interval"] == carried["unacked_restore_throttle"] == 1


def test_no_task_may_run_until_the_broker_takes_it_for_lost() -> None:
    assert 0 < app.conf.task_soft_time_limit < app.conf.task_time_limit
    assert app.conf.task_time_limit < app.conf.broker_transport_options["visibility_timeout"]
    for task in current_app.tasks.values():
        assert (task.time_limit or 0) <= app.conf.task_time_limit, task.name


def test_a_worker_waits_for_a_broker_that_is_not_there_yet() -> None:
    assert app.conf.broker_connection_retry_on_startup is True


def test_nothing_is_answered_by_way_of_the_broker() -> None:
    assert app.conf.task_ignore_result is True
    assert app.conf.result_backend is None


def test_no_task_goes_another_way_than_all_others() -> None:
    app.loader.import_default_modules()
    own = {name: task for name, task in app.tasks.items() if not name.startswith("celery.")}
    assert own
    for name, task in own.items():
        assert task.acks_late is True, name
        assert task.reject_on_worker_lost in (None, True), name


def test_every_task_is_told_by_the_clock_but_the_one_that_is_told_by_a_person() -> None:
    """A sweeper that nobody calls sweeps nothing."""
    app.loader.import_default_modules()
    floors = ("privacy.", "accounts.", "catalogue.", "cookies.", "orders.", "marketing.", "kmall24.")
    own = {name for name in app.tasks if name.startswith(floors)}
    assert own - {entry["task"] for entry in app.conf.beat_schedule.values()} == {"marketing.send"}


def test_what_is_due_is_a_task_that_there_is() -> None:
    app.loader.import_default_modules()
    assert {entry["task"] for entry in app.conf.beat_schedule.values()} <= app.tasks.keys()
