"""How many exports a process makes at a time."""

from __future__ import annotations

import pytest

from kernel.http.problems import Problem
from projections.questions.exports import Slots


def test_a_tenant_makes_one_export_at_a_time_and_is_told_when_to_try_again() -> None:
    slots = Slots(most=2)
    with slots.taken("demo"), pytest.raises(Problem) as refused, slots.taken("demo"):
        pass
    assert (refused.value.status_code, refused.value.code) == (429, "RATE_LIMITED")
    assert dict(refused.value.headers or {})["Retry-After"] == "5"
    with slots.taken("demo"):
        pass


def test_a_process_makes_a_few_exports_at_a_time() -> None:
    slots = Slots(most=1)
    with slots.taken("demo"), pytest.raises(Problem) as refused, slots.taken("rival"):
        pass
    assert (refused.value.status_code, refused.value.code) == (503, "UNAVAILABLE")
    assert "Retry-After" in dict(refused.value.headers or {})


def test_a_failed_export_gives_its_place_back() -> None:
    slots = Slots(most=1)
    with pytest.raises(OSError, match="disk"), slots.taken("demo"):
        raise OSError("disk")
    with slots.taken("demo"):
        pass
