"""How properties are tested, and what runs side by side.

Properties are tested quickly by default; ``HYPOTHESIS_PROFILE=long make test`` looks much further.
"""

import os
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

# a machine that is slow today is no reason to fail
PATIENT = settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])

settings.register_profile("quick", PATIENT, max_examples=50, derandomize=True)
settings.register_profile("long", PATIENT, max_examples=2000)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "quick"))

TESTS = Path(__file__).parent
WIDTH = 3_000
if worker := os.environ.get("PYTEST_XDIST_WORKER"):
    # a port is free when it is drawn, and is bound seconds later: two processes must not draw the same
    first = 20_000 + int(worker.removeprefix("gw")) % 4 * WIDTH
    os.environ.setdefault("FEIRA_FREE_PORTS", f"{first}-{first + WIDTH - 1}")


@pytest.hookimpl(tryfirst=True)  # xdist reads the groups in the same hook
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Tests that share servers stay together in one process; the others go wherever there is room."""
    for item in items:
        kind, *below = item.path.relative_to(TESTS).parts
        if kind in {"integration", "end_to_end"}:
            item.add_marker(pytest.mark.xdist_group("/".join((kind, *below[:1])) if below[1:] else kind))
