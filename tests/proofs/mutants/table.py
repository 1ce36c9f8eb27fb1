"""The table: mutant, its catcher, the effort, the time and the rule that was broken."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from tests.proofs.mutants.mutant import Mutant
from tests.proofs.mutants.trial import Trial

WIDTHS = 64, 12, 14, 9
MAX_TROUBLE = 150


def _row(mutant: str, by: str, effort: str, seconds: str, rule: str = "") -> str:
    columns = zip((mutant, by, effort, seconds), WIDTHS, strict=True)
    return "".join([*(f"{it:<{width}}" for it, width in columns), rule]).rstrip()


def heading(mutants: Sequence[Mutant]) -> Iterator[str]:
    yield f"{len(mutants)} mutants, each in a copy of the tree; their catchers also run on the unchanged tree"
    yield _row("mutant", "caught by", "after", "seconds", "rule")


def line(it: Trial) -> str:
    if it.is_control:
        verdict = "REPORTED" if it.trouble else "silent"
        row = _row(it.what, verdict, it.effort, f"{it.seconds:7.1f}")
    else:
        rule = it.violation.rule if it.violation else ""
        row = _row(it.what, it.by or "NOBODY", it.effort, f"{it.seconds:7.1f}", rule)
    return f"{row}\n    {it.trouble[:MAX_TROUBLE]}" if it.trouble else row


def summary(trials: Sequence[Trial]) -> str:
    mutants = [it for it in trials if not it.is_control]
    caught = sum(it.is_caught for it in mutants)
    reported = sum(not it.is_right for it in trials if it.is_control)
    return f"{caught} of {len(mutants)} caught; {reported} catchers reported the unchanged tree"
