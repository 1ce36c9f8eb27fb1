"""The engine counts the sagas of any workflow: starts, ends, steps and compensations."""

from __future__ import annotations

from uuid import uuid4

import pytest

from kernel.process.saga_metrics import SagaMetrics
from tests.integration.kernel.renewal.conftest import Business
from tests.integration.kernel.renewal.process import WORKFLOW
from tests.support.exported import counted
from tests.support.waiting import until


@pytest.fixture
def saga(business: Business) -> str:
    """The name of the saga in the metrics of this test alone."""
    name = f"renewal-{uuid4()}"
    SagaMetrics(name, WORKFLOW, business.renewal.store, {"BROKE"}, {"CLOSED"})
    return name


def finished(saga: str, outcome: str, reason: str) -> float:
    return counted("feira_sagas_finished_total", saga=saga, outcome=outcome, reason=reason)


def durations(saga: str, outcome: str) -> tuple[float, float]:
    return tuple(  # type: ignore[return-value]  # of two
        counted(f"feira_saga_duration_seconds_{it}", saga=saga, outcome=outcome) for it in ("count", "sum")
    )


def steps(saga: str) -> dict[str, float]:
    return {
        it: counted("feira_saga_step_duration_seconds_count", saga=saga, step=it)
        for it in ("charge", "extend")
    }


async def test_a_completed_saga_counts_once_with_its_steps_and_its_duration(
    business: Business, saga: str
) -> None:
    renewal = await business.ended(await business.request(uuid4()))
    await until(lambda: finished(saga, "completed", "none") == 1)
    assert counted("feira_sagas_started_total", saga=saga) == 1
    assert steps(saga) == {"charge": 1, "extend": 1}
    count, seconds = durations(saga, "completed")
    assert count == 1
    began = min(it.started_at for it in renewal.steps.values())
    assert seconds == pytest.approx((renewal.modified_on - began).total_seconds())
    charge = renewal.steps["charge"]
    assert charge.finished_at is not None
    assert counted("feira_saga_step_duration_seconds_sum", saga=saga, step="charge") == pytest.approx(
        (charge.finished_at - charge.started_at).total_seconds()
    )


async def test_a_failed_saga_counts_by_the_code_of_its_failure(business: Business, saga: str) -> None:
    business.provider.broke.add(account := uuid4())
    await business.ended(await business.request(account))
    await until(lambda: finished(saga, "failed", "BROKE") == 1)
    assert steps(saga) == {"charge": 1, "extend": 0}
    assert durations(saga, "failed")[0] == 1
    assert counted("feira_compensations_total", saga=saga, step="charge") == 0


async def test_an_undone_step_is_a_compensation_and_a_code_may_mean_that_the_saga_was_cancelled(
    business: Business, saga: str
) -> None:
    business.access.closed.add(account := uuid4())
    await business.ended(await business.request(account))
    await until(lambda: finished(saga, "cancelled", "other") == 1)
    assert durations(saga, "failed")[0] == 0
    assert counted("feira_compensations_total", saga=saga, step="charge") == 1
    assert counted("feira_compensations_total", saga=saga, step="extend") == 0
