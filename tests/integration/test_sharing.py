"""Tests that share servers run in one process: else each process would start all of them."""

import os

import pytest


@pytest.mark.skipif("PYTEST_XDIST_WORKER" not in os.environ, reason="one process has everything")
def test_the_runner_has_taken_the_group(request: pytest.FixtureRequest) -> None:
    assert request.node.nodeid.endswith("@integration")
