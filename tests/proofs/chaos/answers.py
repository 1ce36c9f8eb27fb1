"""Look through the customers' journal: how often they were left alone, and whether they were ever lied to."""

from __future__ import annotations

from collections import Counter

from tests.proofs.journal import UNKNOWN, Journal
from tests.proofs.verdict import Verdict


def check_answers(journal: Journal, verdict: Verdict) -> None:
    unknown: Counter[str] = Counter()
    for it in journal.operations:
        which = f"{it.what} ({it.key})"
        for one in it.tries:
            if one.outcome == UNKNOWN:
                unknown[f"{one.status} {one.code}" if one.status else str(one.why)] += 1
            failed = one.status is not None and one.status >= 500 and one.status != 503
            verdict.expect(not failed, f"{which} was answered {one.status}: {one.why}")
        lied = it.was_denied_falsely()
        verdict.expect(not lied, f"{which} was told that nothing was done, and it was")
    verdict.figures["journal"] = journal.counts()
    verdict.figures["unknown_by_reason"] = dict(unknown.most_common())
