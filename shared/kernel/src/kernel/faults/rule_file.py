"""Failpoints' rules in a file, and what they have done in another beside it, for many processes at once."""

from __future__ import annotations

import fcntl
import json
import os
import time
from pathlib import Path

from kernel.faults.rules import Rule, parsed


class FiledRules:
    def __init__(self, path: Path) -> None:
        """Raises ``ValueError`` where there is no such file, or it makes no sense."""
        self._path = path
        self._fired = path.with_name(f"{path.name}.fired")
        self._rules: tuple[Rule, ...] = ()
        self._edition = 0
        try:
            self.now()
        except OSError as missing:
            raise ValueError(f"{path} cannot be read: {missing.strerror}") from None

    def now(self) -> tuple[Rule, ...]:
        """As they stand there at this moment: a new edition of the file begins to count anew."""
        edition = self._path.stat().st_mtime_ns
        if edition != self._edition:
            self._rules = parsed(self._path.read_text())
            self._edition = edition
        return self._rules

    def claim(self, rule: Rule, hit: int) -> bool:
        with self._fired.open("a+") as ledger:
            fcntl.flock(ledger, fcntl.LOCK_EX)
            ledger.seek(0)
            entries = (json.loads(line) for line in ledger)
            used = sum(it["edition"] == self._edition and it["rule"] == rule.text for it in entries)
            if rule.chance is None and used >= rule.times:
                return False
            told = {
                "edition": self._edition,
                "rule": rule.text,
                "place": rule.place,
                "action": rule.action.value,
                "hit": hit,
                "pid": os.getpid(),
                "at": time.time(),
            }
            ledger.write(json.dumps(told) + "\n")
        return True
