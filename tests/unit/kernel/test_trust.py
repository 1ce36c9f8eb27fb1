"""Memory that was too old is left alone for a while, and longer where that goes on."""

from kernel.store.trust import LONGEST, Trust


class Clock:
    now = 0.0

    def __call__(self) -> float:
        return self.now


def test_memory_is_trusted_until_it_was_wrong_and_again_after_a_while() -> None:
    clock = Clock()
    trust = Trust(clock)
    assert trust
    trust.was_wrong()
    assert not trust
    clock.now = 1.0
    assert trust


def test_each_loss_doubles_the_pause_up_to_a_limit_however_many_lose_at_once() -> None:
    clock = Clock()
    trust = Trust(clock)
    pauses = []
    for _ in range(8):
        for _ in range(30):
            trust.was_wrong()
        began = clock.now
        while not trust:
            clock.now += 0.5
        pauses.append(clock.now - began)
    assert pauses == [1, 2, 4, 8, 16, LONGEST, LONGEST, LONGEST]


def test_who_was_right_before_it_was_wrong_does_not_shorten_the_next_pause() -> None:
    clock = Clock()
    trust = Trust(clock)
    trust.was_wrong()
    trust.was_right()
    clock.now = 1.0
    trust.was_wrong()
    clock.now = 2.0
    assert not trust


def test_where_memory_was_right_the_next_pause_is_short_again() -> None:
    clock = Clock()
    trust = Trust(clock)
    for _ in range(5):
        trust.was_wrong()
        clock.now += LONGEST
    trust.was_right()
    trust.was_wrong()
    clock.now += 1.0
    assert trust
