"""A process lives as long as all its loops turn, and is ready when all have started."""

from __future__ import annotations

from prometheus_client import REGISTRY

from kernel.health import MAX_SILENCE_SECONDS, Heartbeats


def test_a_loop_that_has_been_silent_for_too_long_is_named() -> None:
    now = 0.0
    hearts = Heartbeats(lambda: now)
    hearts.register("relay")
    hearts.register("timers", limit=5)

    now = 6.0
    hearts.beat("relay")
    assert hearts.stale() == ["timers"]
    hearts.beat("timers")
    assert hearts.stale() == []
    now += MAX_SILENCE_SECONDS + 1
    assert hearts.stale() == ["relay", "timers"]


def test_a_loop_that_has_not_started_yet_is_waited_for() -> None:
    hearts = Heartbeats()
    hearts.register("relay")
    hearts.register("timers")

    hearts.started("timers")
    assert hearts.waiting() == ["relay"]
    hearts.started("relay")
    assert hearts.waiting() == []


def test_a_loop_that_has_finished_is_neither_waited_for_nor_missed() -> None:
    now = 0.0
    hearts = Heartbeats(lambda: now)
    hearts.register("moving in")

    now = 6.0
    hearts.finished("moving in")
    now += 100 * MAX_SILENCE_SECONDS
    assert (hearts.stale(), hearts.waiting()) == ([], [])
    assert REGISTRY.get_sample_value("feira_loop_beat_age_seconds", {"loop": "moving in"}) == 0


def test_a_process_without_loops_lives_and_is_ready() -> None:
    assert (Heartbeats().stale(), Heartbeats().waiting()) == ([], [])
