"""Metrics are declared in one place, with labels of a closed list, and exported where they are set."""

from __future__ import annotations

import subprocess
import sys

import pytest

from kernel.observability.metrics import consumers, http, log, read_models, runtime, sagas, scheduling
from kernel.observability.metrics.declaring import DECLARED, LABELS, Part, counter

MODULES = (consumers, http, log, read_models, runtime, sagas, scheduling)
PERSONAL = {"tenant", "customer", "email", "name", "id"}
PROGRAM = """
from prometheus_client import generate_latest
from kernel.observability.metrics import log
from kernel.observability.metrics.declaring import Part, expose
print(generate_latest().decode(), "=====")
expose(Part.LOG)
expose(Part.LOG)
print(generate_latest().decode())
"""


def test_every_metric_has_the_prefix_and_labels_of_the_closed_list() -> None:
    assert len(DECLARED) > 40, f"declared by {[it.__name__ for it in MODULES]}"
    for it in DECLARED.values():
        assert it.name.startswith("feira_")
        assert set(it.labels) <= LABELS


def test_no_label_names_a_tenant_a_person_or_one_thing() -> None:
    assert not LABELS & PERSONAL
    assert not [it for it in LABELS if it.endswith("_id")]


def test_a_label_that_is_not_in_the_list_is_refused() -> None:
    with pytest.raises(ValueError, match="tenant"):
        counter(Part.PROCESS, "feira_made_up", "Made up", ("tenant",))


def test_a_part_that_a_process_does_not_have_exports_nothing() -> None:
    program = subprocess.run([sys.executable, "-c", PROGRAM], capture_output=True, check=True, text=True)
    before, after = program.stdout.split("=====")
    assert "feira_relay_leader" not in before
    assert "feira_relay_leader 0.0" in after
    assert "_created" not in after
