"""Slots limit the outbound calls of a tenant to a target, and to one at a time while that is unresponsive."""

from kernel.scheduling.slots import MAX_TIMEOUTS, PROBE_INTERVAL_SECONDS, Pair, Slots

A, B, C, E = (Pair(it, "stripe") for it in "abce")
ELSEWHERE = Pair("a", "paypal")


class Clock:
    now = 0.0

    def __call__(self) -> float:
        return self.now


def calls(slots: Slots, pair: Pair, count: int, *, answered: bool | None) -> None:
    for _ in range(count):
        slots.start(pair)
        slots.end(pair, answered)


def test_the_calls_of_each_tenant_to_each_target_and_of_all_together_are_limited() -> None:
    slots = Slots(64, 16)
    for pair in (A, ELSEWHERE, B, C):
        assert slots.room(pair) == 16
        for _ in range(16):
            slots.start(pair)
        assert slots.room(pair) == 0
    assert (slots.free, slots.room(E)) == (0, 0)
    slots.end(A, answered=True)
    assert [slots.room(it) for it in (A, B, ELSEWHERE, E)] == [1, 0, 0, 1]


def test_after_many_timeouts_in_a_row_only_single_probes_start() -> None:
    clock = Clock()
    slots = Slots(64, 16, clock)
    calls(slots, A, MAX_TIMEOUTS - 1, answered=False)
    assert slots.room(A) == 16
    calls(slots, A, 1, answered=False)
    assert [slots.room(it) for it in (A, ELSEWHERE, B)] == [0, 16, 16]
    for _ in range(3):
        clock.now += PROBE_INTERVAL_SECONDS
        assert slots.room(A) == 1
        slots.start(A)
        clock.now += PROBE_INTERVAL_SECONDS
        assert slots.room(A) == 0
        slots.end(A, answered=False)
        assert slots.room(A) == 1
        calls(slots, A, 1, answered=False)
        assert slots.room(A) == 0


def test_one_response_restores_the_share_of_a_tenant_at_its_target() -> None:
    clock = Clock()
    slots = Slots(64, 16, clock)
    calls(slots, A, MAX_TIMEOUTS, answered=False)
    clock.now += PROBE_INTERVAL_SECONDS
    slots.start(A)
    slots.end(A, answered=True)
    assert slots.room(A) == 16
    assert not slots.pairs()


def test_an_unnecessary_call_counts_neither_as_a_timeout_nor_as_a_response() -> None:
    slots = Slots(64, 16)
    calls(slots, A, MAX_TIMEOUTS - 1, answered=False)
    calls(slots, A, 5, answered=None)
    assert slots.room(A) == 16
    calls(slots, A, 1, answered=False)
    assert slots.is_unresponsive(A)
