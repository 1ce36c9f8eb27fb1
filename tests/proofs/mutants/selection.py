"""Select a few of the mutants by the hash of a commit: others with each commit, the same for the same one."""

from __future__ import annotations

import random
from collections.abc import Sequence

from tests.proofs.mutants.mutant import Mutant

QUICK = {"tests", "figures", "simulation", "race"}
SLOW = {"verify"}
"""They start a stack, and so does their control."""


def selected(mutants: Sequence[Mutant], commit: str, count: int) -> list[Mutant]:
    """At most one that needs a stack, and none that needs a storm, which takes minutes."""
    left = list(mutants)
    random.Random(commit).shuffle(left)
    slow = [it for it in left if it.catchers[0].name in SLOW]
    quick = [it for it in left if it.catchers[0].name in QUICK]
    found = slow[:1] if not quick or random.Random(f"{commit}/slow").random() < len(slow) / len(left) else []
    return [*found, *quick][:count]
