"""Whether the customers were told the truth: 5xx but 503 only where a defect was wanted, and never a lie."""

from __future__ import annotations

from collections.abc import Sequence

from kernel.faults.places import Action
from tests.proofs.failpoints.arming import Shot
from tests.proofs.journal import Journal, Try
from tests.proofs.verdict import Verdict

ANSWERED_WITHIN = 15.0
"""Seconds from a request to its answer, at most."""


def check_answers(journal: Journal, shots: Sequence[Shot], verdict: Verdict) -> None:
    defects = [it.at for it in shots if it.action == Action.RAISE]

    def was_wanted(one: Try) -> bool:
        return any(one.at - 1 <= at <= one.at + ANSWERED_WITHIN for at in defects)

    failed = 0
    for it in journal.operations:
        which = f"{it.what} ({it.key})"
        for one in it.tries:
            if one.status is not None and one.status >= 500 and one.status != 503:
                failed += 1
                verdict.expect(was_wanted(one), f"{which} was answered {one.status}: {one.why}")
        lied = it.was_denied_falsely()
        verdict.expect(not lied, f"{which} was told that nothing was done, and it was")
    verdict.figures["journal"] = journal.counts() | {"answered 500 by a wanted defect": failed}
