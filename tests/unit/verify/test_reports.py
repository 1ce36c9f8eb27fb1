"""What a verification reports: verdicts and counts, which the projections service accepts, and no rows."""

from __future__ import annotations

import json
from io import StringIO
from uuid import uuid4

import pytest
from rich.console import Console

from projections.verifications.schemas import VerificationReport
from verify.check import NO_LEDGER, Result, run_check
from verify.dataset.dataset import open_dataset
from verify.rebuilds import RULE
from verify.render import print_report
from verify.report import COMPARED, IN_FLIGHT, Report
from verify.run import CHECKS

WITH_LEDGER = {"M1", "M2", "M3", "M4", "M5", "M6", "L3"}


def reported(results: list[Result]) -> Report:
    return Report(dict.fromkeys(COMPARED, 1), dict.fromkeys(IN_FLIGHT, 0), results, 1.234)


def test_the_service_accepts_the_report_of_every_check() -> None:
    results = [Result(it.name, it.rule, 3) for it in CHECKS] + [Result("P2", RULE, 3)]
    body = {"verification_id": str(uuid4()), **reported(results).as_reported()}

    accepted = VerificationReport.model_validate_json(json.dumps(body))
    assert len(accepted.checks) == len(results) and accepted.holds


def test_a_report_has_no_rows() -> None:
    result = Result("M1", "A rule.")
    result.add([{"what": "captured", "tenant": "demo", "payment_id": "p-1"}])

    text = json.dumps(reported([result]).as_reported())
    assert '"violations": 1' in text and "demo" not in text and "p-1" not in text


@pytest.mark.parametrize("has_ledger", [True, False])
def test_without_a_ledger_exactly_the_checks_of_the_money_are_not_judged(has_ledger: bool) -> None:
    with open_dataset() as dataset:
        dataset.add("horizon", [("settled", 0), ("now", 0)])
        dataset.derive()
        results = [run_check(it, dataset, has_ledger=has_ledger) for it in CHECKS]

    skipped = {it.check for it in results if it.verdict == "not_judged"}
    assert skipped == (set() if has_ledger else WITH_LEDGER)
    assert {it.check for it in results if it.holds} == {it.name for it in CHECKS}


def test_people_are_told_what_was_not_judged() -> None:
    results = [Result("E1", "A rule.", 3), Result("M1", "Another.", not_judged=NO_LEDGER)]
    console = Console(width=160, file=StringIO(), record=True)
    print_report(reported(results), console)

    text = console.export_text()
    assert f"M1 not judged: {NO_LEDGER}." in text and "all of 1 checks hold" in text
