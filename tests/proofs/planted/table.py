"""The table: bug, who caught it by which rule, after how long."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from tests.proofs.planted.bug import Bug
from tests.proofs.planted.catching import Trial

WIDTHS = 46, 12, 8, 14
LONGEST = 150


def _row(bug: str, by: str, rule: str, effort: str, seconds: str) -> str:
    return (
        "".join(f"{it:<{width}}" for it, width in zip((bug, by, rule, effort), WIDTHS, strict=True)) + seconds
    )


def heading(bugs: Sequence[Bug]) -> Iterator[str]:
    yield f"{len(bugs)} planted bugs, each in a copy of its own, and each of their catchers without a bug"
    yield _row("bug", "caught by", "rule", "after", "seconds")


def line(it: Trial) -> str:
    if it.is_control:
        told = "REPORTED" if it.trouble else "silent"
        row = _row(it.what, told, "", it.effort, f"{it.seconds:7.1f}")
    else:
        rule = it.broken.rule if it.broken else ""
        row = _row(it.what, it.by or "NOBODY", rule, it.effort, f"{it.seconds:7.1f}")
    return f"{row}\n    {it.trouble[:LONGEST]}" if it.trouble else row


def summary(verdicts: Sequence[Trial]) -> str:
    planted = [it for it in verdicts if not it.is_control]
    caught = sum(it.is_caught for it in planted)
    reported = sum(not it.is_right for it in verdicts if it.is_control)
    return f"{caught} of {len(planted)} caught; {reported} catchers reported what is no bug"
