"""The responses that the clients saw, recorded independently of the system under test."""

from __future__ import annotations

import json
import time
from collections import Counter
from dataclasses import asdict, dataclass, field
from pathlib import Path

OK, REFUSED, UNKNOWN = "ok", "refused", "unknown"
DENIED = "nothing was done"


@dataclass
class Try:
    """One sending of a request."""

    at: float
    outcome: str
    status: int | None = None
    code: str | None = None
    replayed: bool = False
    denied: bool = False
    """Whether the response said that nothing was done."""
    why: str | None = None


@dataclass
class Operation:
    """A write under one idempotency key, or a read without one, with all its attempts."""

    tenant: str
    what: str
    key: str
    tries: list[Try] = field(default_factory=list)

    @property
    def outcome(self) -> str:
        return self.tries[-1].outcome if self.tries else UNKNOWN

    def was_denied_falsely(self) -> bool:
        """Whether every attempt but the last was answered "nothing was done", and the last was a replay."""
        if len(self.tries) < 2:
            return False
        *before, last = self.tries
        return last.replayed and all(it.denied for it in before)


class Journal:
    def __init__(self, path: Path) -> None:
        self.operations: list[Operation] = []
        self._path = path

    def begin(self, tenant: str, what: str, key: str) -> Operation:
        operation = Operation(tenant, what, key)
        self.operations.append(operation)
        return operation

    def note(self, operation: Operation, attempt: Try) -> None:
        operation.tries.append(attempt)
        line = {"tenant": operation.tenant, "what": operation.what, "key": operation.key, **asdict(attempt)}
        with self._path.open("a") as out:
            out.write(json.dumps(line) + "\n")

    def counts(self) -> dict[str, int]:
        """Operations by outcome, also those whose outcome was unknown for a while."""
        found = Counter(it.outcome for it in self.operations)
        unsure = [
            it for it in self.operations if any(attempt.outcome == UNKNOWN for attempt in it.tries[:-1])
        ]
        found |= Counter(f"unknown, then {it.outcome}" for it in unsure)
        found["sent"] = sum(len(it.tries) for it in self.operations)
        found["replayed"] = sum(it.tries[-1].replayed for it in self.operations if it.tries)
        return dict(sorted(found.items()))


def now() -> float:
    return round(time.time(), 3)
