"""A few of the bugs, by the hash of a commit: others with each commit, the same for the same one."""

from __future__ import annotations

import random
from collections.abc import Sequence

from tests.proofs.planted.bug import Bug

QUICK = {"simulation", "race"}
SLOW = {"verify"}
"""With a stack, and that of their control."""


def chosen(bugs: Sequence[Bug], commit: str, count: int) -> list[Bug]:
    """At most one that needs a stack, and none that needs a storm, whose end takes two minutes to come."""
    left = list(bugs)
    random.Random(commit).shuffle(left)
    slow = [it for it in left if it.catchers[0].name in SLOW]
    quick = [it for it in left if it.catchers[0].name in QUICK]
    found = slow[:1] if not quick or random.Random(f"{commit}/slow").random() < len(slow) / len(left) else []
    return [*found, *quick][:count]
