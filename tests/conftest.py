"""How properties are tested, and what runs side by side.

Properties are tested quickly by default; ``HYPOTHESIS_PROFILE=long make test`` looks much further.
"""

import os
from collections import Counter
from collections.abc import Mapping
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

# a machine that is slow today is no reason to fail
PATIENT = settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])

settings.register_profile("quick", PATIENT, max_examples=50, derandomize=True)
settings.register_profile("long", PATIENT, max_examples=2000)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "quick"))

TESTS = Path(__file__).parent
WITH_SERVERS = {"integration", "end_to_end"}
WITH_DESCRIPTIONS = {"architecture", "contract"}
LONG = ("architecture", "contract", "unit/simulation/", "unit/snapshots/")
"""Without servers; beside them any group takes seconds at most."""
WIDTH = 3_000
if worker := os.environ.get("PYTEST_XDIST_WORKER"):
    # a port is free when it is drawn, and is bound seconds later: two processes must not draw the same
    first = 20_000 + int(worker.removeprefix("gw")) % 4 * WIDTH
    os.environ.setdefault("FEIRA_FREE_PORTS", f"{first}-{first + WIDTH - 1}")


@pytest.hookimpl(tryfirst=True)  # xdist reads the groups in the same hook
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Tests that share servers or descriptions stay together in one process, and the unit tests of a file:
    xdist looks through all groups after each test, and with one for each test it is the slowest part.
    Groups with servers come first, those with the most tests before the others, then those that are long: the
    last ones are short."""
    groups = {item.nodeid: _group_of(item) for item in items}
    sizes = Counter(groups.values())
    items.sort(key=lambda it: _turn(groups[it.nodeid], sizes))
    for item in items:
        item.add_marker(pytest.mark.xdist_group(groups[item.nodeid]))


def _group_of(item: pytest.Item) -> str:
    kind, *below = item.path.relative_to(TESTS).parts
    if kind in WITH_SERVERS:
        return "/".join((kind, *below[:1])) if below[1:] else kind
    return kind if kind in WITH_DESCRIPTIONS else "/".join((kind, *below))


def _turn(group: str, sizes: Mapping[str, int]) -> tuple[int, int, str]:
    if group.partition("/")[0] in WITH_SERVERS:
        return 0, -sizes[group], group
    return (1 if group.startswith(LONG) else 2), 0, ""
