"""A process is alive as long as all its loops beat, and ready once all have started."""

from __future__ import annotations

from prometheus_client import REGISTRY

from kernel.observability.health import MAX_SILENCE_SECONDS, Heartbeats


def test_a_loop_without_a_beat_within_its_limit_is_stale() -> None:
    now = 0.0
    heartbeats = Heartbeats(lambda: now)
    heartbeats.register("relay")
    heartbeats.register("timers", limit=5)

    now = 6.0
    heartbeats.beat("relay")
    assert heartbeats.stale() == ["timers"]
    heartbeats.beat("timers")
    assert heartbeats.stale() == []
    now += MAX_SILENCE_SECONDS + 1
    assert heartbeats.stale() == ["relay", "timers"]


def test_a_loop_that_has_not_started_is_waiting() -> None:
    heartbeats = Heartbeats()
    heartbeats.register("relay")
    heartbeats.register("timers")

    heartbeats.started("timers")
    assert heartbeats.waiting() == ["relay"]
    heartbeats.started("relay")
    assert heartbeats.waiting() == []


def test_a_process_without_loops_is_alive_and_ready() -> None:
    assert (Heartbeats().stale(), Heartbeats().waiting()) == ([], [])


def test_a_loop_without_work_is_not_stale_until_it_works_again() -> None:
    now = 0.0
    heartbeats = Heartbeats(lambda: now)
    heartbeats.register("a lane")
    heartbeats.started("a lane")
    heartbeats.rest("a lane")

    now = 1000.0
    assert heartbeats.stale() == []
    assert _exported("a lane") == (0, 0)
    heartbeats.beat("a lane")
    now += MAX_SILENCE_SECONDS + 1
    assert heartbeats.stale() == ["a lane"]
    assert _exported("a lane") == (1, MAX_SILENCE_SECONDS + 1)


def _exported(loop: str) -> tuple[float | None, float | None]:
    names = "feira_loop_stale", "feira_loop_beat_age_seconds"
    stale, age = (REGISTRY.get_sample_value(name, {"loop": loop}) for name in names)
    return stale, age
