"""Check the responses in the customers' journal: unexpected errors, and false denials."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable

from tests.proofs.journal import OK, UNKNOWN, Journal, Try
from tests.proofs.verdict import Verdict


def _never(_: Try) -> bool:
    return False


def check_answers(journal: Journal, verdict: Verdict, is_wanted: Callable[[Try], bool] = _never) -> None:
    """Expect no 5xx but 503, except where a defect ``is_wanted``, and no request denied that took effect."""
    unknown: Counter[str] = Counter()
    done: set[tuple[str, str, str]] = set()
    """Writes that were done by an earlier request: another one under their key is answered like it."""
    for it in journal.operations:
        which = f"{it.what} ({it.key})" if it.key else it.what
        for one in it.tries:
            if one.outcome == UNKNOWN:
                unknown[f"{one.status} {one.code}" if one.status else str(one.why)] += 1
            failed = one.status is not None and one.status >= 500 and one.status != 503
            verdict.expect(not failed or is_wanted(one), f"{which} was answered {one.status}: {one.why}")
        key = it.tenant, it.what, it.key
        lied = it.was_denied_falsely() and key not in done
        if it.outcome == OK:
            done.add(key)
        verdict.expect(not lied, f"{which} was answered that nothing was done, and it was")
    verdict.figures["journal"] = journal.counts()
    verdict.figures["unknown_by_reason"] = dict(unknown.most_common())
