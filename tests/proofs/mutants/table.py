"""The table: mutant, its catcher, the rule that was broken, the effort and the time."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from tests.proofs.mutants.mutant import Mutant
from tests.proofs.mutants.trial import Trial

WIDTHS = 46, 12, 8, 14
MAX_TROUBLE = 150


def _row(mutant: str, by: str, rule: str, effort: str, seconds: str) -> str:
    return (
        "".join(f"{it:<{width}}" for it, width in zip((mutant, by, rule, effort), WIDTHS, strict=True))
        + seconds
    )


def heading(mutants: Sequence[Mutant]) -> Iterator[str]:
    yield f"{len(mutants)} mutants, each in a copy of the tree; their catchers also run on the unchanged tree"
    yield _row("mutant", "caught by", "rule", "after", "seconds")


def line(it: Trial) -> str:
    if it.is_control:
        verdict = "REPORTED" if it.trouble else "silent"
        row = _row(it.what, verdict, "", it.effort, f"{it.seconds:7.1f}")
    else:
        rule = it.violation.rule if it.violation else ""
        row = _row(it.what, it.by or "NOBODY", rule, it.effort, f"{it.seconds:7.1f}")
    return f"{row}\n    {it.trouble[:MAX_TROUBLE]}" if it.trouble else row


def summary(trials: Sequence[Trial]) -> str:
    mutants = [it for it in trials if not it.is_control]
    caught = sum(it.is_caught for it in mutants)
    reported = sum(not it.is_right for it in trials if it.is_control)
    return f"{caught} of {len(mutants)} caught; {reported} catchers reported the unchanged tree"
