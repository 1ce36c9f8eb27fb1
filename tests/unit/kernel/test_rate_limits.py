"""Rate limits: bursts up to the rate, and never more within a window."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kernel.limits import rate_limits
from kernel.limits.rate_limits import Limit, Rate, rate_of


class Time:
    now = 1000.0

    def __call__(self) -> float:
        return self.now


def test_a_burst_up_to_the_rate_is_allowed_and_then_one_use_per_part_of_the_period() -> None:
    time = Time()
    limit = Limit(Rate(5, 60), time)
    for _ in range(5):
        assert limit.wait("me") == 0
        limit.count("me")
    assert limit.wait("me") == pytest.approx(12)
    assert limit.wait("other") == 0
    time.now += 12
    assert limit.wait("me") == 0
    limit.count("me")
    assert limit.wait("me") == pytest.approx(12)


@given(st.integers(1, 20), st.integers(1, 100), st.lists(st.floats(0, 30), max_size=80))
def test_no_window_holds_more_than_the_rate_allows(count: int, seconds: int, pauses: list[float]) -> None:
    time, done = Time(), list[float]()
    limit = Limit(Rate(count, seconds), time)
    for pause in pauses:
        time.now += pause
        if limit.wait("me") == 0:
            limit.count("me")
            done.append(time.now)
    for begin in done:
        window = [it for it in done if begin <= it < begin + seconds]
        assert len(window) <= count + seconds * count // seconds


@given(st.integers(1, 1000), st.integers(1, 1000), st.floats(0, 1e9))
def test_a_whole_burst_is_allowed_whatever_the_rate_and_the_time(
    count: int, seconds: int, now: float
) -> None:
    time = Time()
    time.now = now
    limit = Limit(Rate(count, seconds), time)
    for _ in range(count):
        assert limit.wait("me") == 0
        limit.count("me")
    # within the clock's resolution, which a rate of a thousand a second comes near
    assert limit.wait("me") == pytest.approx(seconds / count, abs=0.002)


def test_the_number_of_keys_is_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rate_limits, "MAX_KEYS", 10)
    limit = Limit(Rate(1, 60), Time())
    for key in range(100):
        limit.count(key)
    assert limit.wait(99) > 0
    assert len(limit._arrivals) <= 10


def test_off_is_no_limit() -> None:
    limit = Limit(rate_of("off"))
    for _ in range(1000):
        limit.count("me")
    assert limit.wait("me") == 0


@pytest.mark.parametrize("text", ["", "5", "0/60", "5/0", "5/60s", "-1/60", "\u0665/60", "on"])
def test_a_malformed_rate_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="must be"):
        rate_of(text)
