"""Every overlay can be built, and passes every check."""

from __future__ import annotations

import pytest
import yaml

from tests.deploy.checks import ALL
from tests.deploy.checks.pods import WRITABLE_ROOT
from tests.deploy.definitions import skip_without_definitions
from tests.deploy.overlays import DEPLOY, OVERLAYS, build
from tests.deploy.resources import title


@pytest.mark.parametrize("check", ALL)
@pytest.mark.parametrize("overlay", OVERLAYS)
def test_an_overlay_passes_a_check(overlay: str, check: str) -> None:
    skip_without_definitions(check)
    assert list(ALL[check](build(overlay))) == []


def test_each_exception_from_a_policy_is_listed_with_its_reason() -> None:
    listed = yaml.safe_load((DEPLOY / "policy" / "exceptions.yaml").read_text())
    annotated = {
        (overlay, title(it), WRITABLE_ROOT)
        for overlay in OVERLAYS
        for it in build(overlay)
        if WRITABLE_ROOT in it["metadata"].get("annotations", {})
    }
    assert {(it["overlay"], it["resource"], it["annotation"]) for it in listed} == annotated
    assert all(len(it["reason"]) > 20 for it in listed)
