"""Slots limit the outbound calls of a tenant, and to one at a time while its provider is unresponsive."""

from kernel.scheduling.slots import MAX_TIMEOUTS, PROBE_INTERVAL_SECONDS, Slots


class Clock:
    now = 0.0

    def __call__(self) -> float:
        return self.now


def calls(slots: Slots, tenant: str, count: int, *, answered: bool | None) -> None:
    for _ in range(count):
        slots.start(tenant)
        slots.end(tenant, answered)


def test_the_calls_of_each_tenant_and_of_all_together_are_limited() -> None:
    slots = Slots(64, 16)
    for tenant in ("a", "b", "c", "d"):
        assert slots.room(tenant) == 16
        for _ in range(16):
            slots.start(tenant)
        assert slots.room(tenant) == 0
    assert (slots.free, slots.room("e")) == (0, 0)
    slots.end("a", answered=True)
    assert [slots.room(it) for it in "abe"] == [1, 0, 1]


def test_after_many_timeouts_in_a_row_only_single_probes_start() -> None:
    clock = Clock()
    slots = Slots(64, 16, clock)
    calls(slots, "a", MAX_TIMEOUTS - 1, answered=False)
    assert slots.room("a") == 16
    calls(slots, "a", 1, answered=False)
    assert (slots.room("a"), slots.room("b")) == (0, 16)
    for _ in range(3):
        clock.now += PROBE_INTERVAL_SECONDS
        assert slots.room("a") == 1
        slots.start("a")
        clock.now += PROBE_INTERVAL_SECONDS
        assert slots.room("a") == 0
        slots.end("a", answered=False)
        assert slots.room("a") == 1
        calls(slots, "a", 1, answered=False)
        assert slots.room("a") == 0


def test_one_response_restores_the_share_of_a_tenant() -> None:
    clock = Clock()
    slots = Slots(64, 16, clock)
    calls(slots, "a", MAX_TIMEOUTS, answered=False)
    clock.now += PROBE_INTERVAL_SECONDS
    slots.start("a")
    slots.end("a", answered=True)
    assert slots.room("a") == 16
    assert not slots.tenants()


def test_an_unnecessary_call_counts_neither_as_a_timeout_nor_as_a_response() -> None:
    slots = Slots(64, 16)
    calls(slots, "a", MAX_TIMEOUTS - 1, answered=False)
    calls(slots, "a", 5, answered=None)
    assert slots.room("a") == 16
    calls(slots, "a", 1, answered=False)
    assert slots.is_unresponsive("a")
