"""What the services warn of in a simulation is meant to happen."""

from collections.abc import Iterator

import pytest
import structlog

from tests.proofs.simulation.outcome import make_quiet


@pytest.fixture(autouse=True)
def _quiet() -> Iterator[None]:
    before = structlog.get_config()
    make_quiet()
    yield
    structlog.configure(**before)
