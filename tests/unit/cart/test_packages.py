"""Rules for the packages that a flow proposes."""

from typing import Any
from uuid import UUID

import pytest

from cart.flows.domain.packages import by_preference, packages_of

SMALL, LARGE, TEAM = UUID(int=71), UUID(int=72), UUID(int=73)
CONFIGURATION = {
    "flow": {
        "packages": [
            {"offer_id": str(SMALL), "match": {"experience_level": ["beginner"]}},
            {
                "offer_id": str(LARGE),
                "match": {"experience_level": ["expert"], "learning_goals": ["career", "research"]},
            },
            {"offer_id": str(TEAM)},
        ]
    }
}


@pytest.mark.parametrize(
    ("preferences", "order"),
    [
        ({"experience_level": "beginner"}, [(SMALL, 1), (LARGE, 0), (TEAM, 0)]),
        ({"experience_level": "expert", "learning_goals": ["career"]}, [(LARGE, 2), (SMALL, 0), (TEAM, 0)]),
        ({"experience_level": "beginner", "learning_goals": "career"}, [(SMALL, 1), (LARGE, 1), (TEAM, 0)]),
        ({}, [(SMALL, 0), (LARGE, 0), (TEAM, 0)]),
    ],
)
def test_packages_with_more_matches_come_first_and_equal_ones_as_they_are_listed(
    preferences: dict[str, Any], order: list[tuple[UUID, int]]
) -> None:
    found = by_preference(packages_of(CONFIGURATION), preferences)
    assert [(package.offer_id, matches) for package, matches in found] == order


@pytest.mark.parametrize(
    "configuration",
    [
        {},
        {"flow": None},
        {"flow": {"packages": {"offer_id": str(SMALL)}}},
        {"flow": {"packages": ["x", {}, {"offer_id": 7}, {"offer_id": "small"}]}},
    ],
)
def test_what_is_no_package_is_left_out(configuration: dict[str, Any]) -> None:
    assert packages_of(configuration) == ()
