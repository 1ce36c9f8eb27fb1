"""What the clients themselves saw of everything they asked for: the witness that the system cannot bend."""

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
    """Told that nothing was done."""
    why: str | None = None


@dataclass
class Operation:
    """One thing that a client wants done, under one key, or read, under none, however often it has to ask."""

    tenant: str
    what: str
    key: str
    tries: list[Try] = field(default_factory=list)

    @property
    def outcome(self) -> str:
        return self.tries[-1].outcome if self.tries else UNKNOWN

    def was_denied_falsely(self) -> bool:
        """Whether each try was told that nothing was done, until an answer came that had been kept since."""
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

    def note(self, operation: Operation, told: Try) -> None:
        operation.tries.append(told)
        line = {"tenant": operation.tenant, "what": operation.what, "key": operation.key, **asdict(told)}
        with self._path.open("a") as out:
            out.write(json.dumps(line) + "\n")

    def counts(self) -> dict[str, int]:
        """Each operation by how it ended, and those of them that were unknown for a while."""
        found = Counter(it.outcome for it in self.operations)
        unsure = [it for it in self.operations if any(one.outcome == UNKNOWN for one in it.tries[:-1])]
        found |= Counter(f"unknown, then {it.outcome}" for it in unsure)
        found["sent"] = sum(len(it.tries) for it in self.operations)
        found["replayed"] = sum(it.tries[-1].replayed for it in self.operations if it.tries)
        return dict(sorted(found.items()))


def now() -> float:
    return round(time.time(), 3)
