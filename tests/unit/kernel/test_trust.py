"""Memory that was too old is left alone for a while, and longer where that goes on."""

from kernel.store.cache_backoff import MAX_PAUSE_SECONDS, CacheBackoff


class Clock:
    now = 0.0

    def __call__(self) -> float:
        return self.now


def test_memory_is_trusted_until_it_was_wrong_and_again_after_a_while() -> None:
    clock = Clock()
    trust = CacheBackoff(clock)
    assert trust
    trust.back_off()
    assert not trust
    clock.now = 1.0
    assert trust


def test_each_loss_doubles_the_pause_up_to_a_limit_however_many_lose_at_once() -> None:
    clock = Clock()
    trust = CacheBackoff(clock)
    pauses = []
    for _ in range(8):
        for _ in range(30):
            trust.back_off()
        began = clock.now
        while not trust:
            clock.now += 0.5
        pauses.append(clock.now - began)
    assert pauses == [1, 2, 4, 8, 16, MAX_PAUSE_SECONDS, MAX_PAUSE_SECONDS, MAX_PAUSE_SECONDS]


def test_who_was_right_before_it_was_wrong_does_not_shorten_the_next_pause() -> None:
    clock = Clock()
    trust = CacheBackoff(clock)
    trust.back_off()
    trust.reset()
    clock.now = 1.0
    trust.back_off()
    clock.now = 2.0
    assert not trust


def test_where_memory_was_right_the_next_pause_is_short_again() -> None:
    clock = Clock()
    trust = CacheBackoff(clock)
    for _ in range(5):
        trust.back_off()
        clock.now += MAX_PAUSE_SECONDS
    trust.reset()
    trust.back_off()
    clock.now += 1.0
    assert trust
