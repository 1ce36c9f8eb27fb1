"""A workflow is checked when it is built: its rows and its versions fit together."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

import pytest

from kernel.process.workflow import Stages, Step, Workflow
from tests.unit.kernel.process.trip import EXPIRED, STEPS, VERSIONS, Trip


def workflow(steps: tuple[Step[Trip], ...] = STEPS, versions: Mapping[int, Stages] = VERSIONS) -> None:
    Workflow(Trip, steps, versions, deadline_timer="deadline", expired=EXPIRED)


def test_the_rows_and_the_versions_agree() -> None:
    workflow()


@pytest.mark.parametrize(
    "steps",
    [STEPS[1:], (*STEPS, replace(STEPS[0], name="unused")), (replace(STEPS[0], since=2), *STEPS[1:])],
    ids=["a step without a row", "a row without a step", "a row of the wrong version"],
)
def test_rows_and_versions_that_disagree_are_refused(steps: tuple[Step[Trip], ...]) -> None:
    with pytest.raises(ValueError, match="differ"):
        workflow(steps)


def test_a_step_in_two_stages_of_a_version_is_refused() -> None:
    with pytest.raises(ValueError, match="twice"):
        workflow(versions={**VERSIONS, 3: (*VERSIONS[2], ("hotel",))})


def test_a_reply_that_two_rows_name_is_refused() -> None:
    twice = replace(STEPS[1], completed=STEPS[0].completed)
    with pytest.raises(ValueError, match="twice"):
        workflow((STEPS[0], twice, *STEPS[2:]))
