"""Every overlay can be built, and Kubernetes knows each field of it."""

from __future__ import annotations

import pytest

from tests.deploy.overlays import OVERLAYS, build


@pytest.mark.parametrize("overlay", OVERLAYS)
def test_an_overlay_builds(overlay: str) -> None:
    assert build(overlay)
