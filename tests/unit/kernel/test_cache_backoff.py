"""After a stale entry the cache is bypassed for a while, and longer if it happens again."""

from kernel.errors import Conflict, KeyClaimed
from kernel.ids import new_id
from kernel.store.cache_backoff import MAX_PAUSE_SECONDS, CacheBackoff


class Clock:
    now = 0.0

    def __call__(self) -> float:
        return self.now


def test_the_cache_is_used_until_a_conflict_and_again_after_a_pause() -> None:
    clock = Clock()
    backoff = CacheBackoff(clock)
    assert backoff.allows_cache
    backoff.back_off()
    assert not backoff.allows_cache
    clock.now = 1.0
    assert backoff.allows_cache


def test_a_stale_stream_bypasses_the_cache_and_a_claimed_key_does_not() -> None:
    backoff = CacheBackoff(Clock())
    backoff.note_conflict(KeyClaimed("kind", "value", new_id()))
    assert backoff.allows_cache
    backoff.note_conflict(Conflict())
    assert not backoff.allows_cache


def test_each_conflict_doubles_the_pause_up_to_a_limit_and_simultaneous_ones_count_once() -> None:
    clock = Clock()
    backoff = CacheBackoff(clock)
    pauses = []
    for _ in range(8):
        for _ in range(30):
            backoff.back_off()
        began = clock.now
        while not backoff.allows_cache:
            clock.now += 0.5
        pauses.append(clock.now - began)
    assert pauses == [1, 2, 4, 8, 16, MAX_PAUSE_SECONDS, MAX_PAUSE_SECONDS, MAX_PAUSE_SECONDS]


def test_a_success_of_a_unit_of_work_from_before_the_conflict_does_not_shorten_the_next_pause() -> None:
    clock = Clock()
    backoff = CacheBackoff(clock)
    backoff.back_off()
    backoff.reset()
    clock.now = 1.0
    backoff.back_off()
    clock.now = 2.0
    assert not backoff.allows_cache


def test_after_a_success_from_the_cache_the_next_pause_is_short_again() -> None:
    clock = Clock()
    backoff = CacheBackoff(clock)
    for _ in range(5):
        backoff.back_off()
        clock.now += MAX_PAUSE_SECONDS
    backoff.reset()
    backoff.back_off()
    clock.now += 1.0
    assert backoff.allows_cache
