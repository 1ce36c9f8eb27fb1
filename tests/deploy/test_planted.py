"""Each planted fault is found by the check that is named for it, and each check finds one."""

from __future__ import annotations

import functools
from collections.abc import Callable, Iterator

import pytest

from tests.deploy.checks import ALL
from tests.deploy.definitions import skip_without_definitions
from tests.deploy.network_model import reachable
from tests.deploy.overlays import Document, build
from tests.deploy.planted import in_data, in_pods
from tests.deploy.planted.fault import Fault

FAULTS: list[Fault] = [*in_pods.FAULTS, *in_data.FAULTS]
MATRIX = "network.matrix"
"""``test_network.py`` has one for each overlay, and so it is no check of documents alone."""


def _complaints(check: str, overlay: str, documents: list[Document]) -> Iterator[str]:
    if check == MATRIX:
        written = reachable(build(overlay))
        for source, targets in reachable(documents).items():
            yield from sorted(f"{source} reaches {it}" for it in targets ^ written[source])
    else:
        yield from ALL[check](documents)


@functools.cache
def _before(check: str, overlay: str) -> frozenset[str]:
    return frozenset(_complaints(check, overlay, build(overlay)))


@pytest.mark.parametrize("fault", FAULTS, ids=lambda it: it.name)
def test_a_fault_is_found(fault: Fault, record_property: Callable[[str, object], None]) -> None:
    skip_without_definitions(fault.caught_by)
    documents = build(fault.overlay)
    fault.change(documents)
    assert {*_complaints(fault.caught_by, fault.overlay, documents)} - _before(fault.caught_by, fault.overlay)
    record_property("planted", (fault.name, fault.overlay, fault.caught_by))


def test_each_check_finds_a_fault() -> None:
    assert {it.caught_by for it in FAULTS} == {*ALL, MATRIX}


def test_there_are_twenty_faults_and_no_two_alike() -> None:
    assert len({it.name for it in FAULTS}) == len(FAULTS) >= 20
