"""Failpoint rules in a file, shared by many processes; what the rules have done is counted in a second
file."""

from __future__ import annotations

import fcntl
import json
import os
import time
from pathlib import Path

from kernel.faults.rules import Rule, parse_rules


class RuleFile:
    def __init__(self, path: Path) -> None:
        """Raises ``ValueError`` if the file cannot be read or holds an invalid rule."""
        self._path = path
        self._fired = path.with_name(f"{path.name}.fired")
        self._rules: tuple[Rule, ...] = ()
        self._edition = 0
        try:
            self.current()
        except OSError as error:
            raise ValueError(f"{path} cannot be read: {error.strerror}") from None

    def current(self) -> tuple[Rule, ...]:
        """The file's present rules. A new edition of the file restarts the counts."""
        edition = self._path.stat().st_mtime_ns
        if edition != self._edition:
            self._rules = parse_rules(self._path.read_text())
            self._edition = edition
        return self._rules

    def try_use(self, rule: Rule, hit: int) -> bool:
        with self._fired.open("a+") as ledger:
            fcntl.flock(ledger, fcntl.LOCK_EX)
            ledger.seek(0)
            entries = (json.loads(line) for line in ledger)
            used = sum(entry["edition"] == self._edition and entry["rule"] == rule.text for entry in entries)
            if rule.chance is None and used >= rule.times:
                return False
            entry = {
                "edition": self._edition,
                "rule": rule.text,
                "place": rule.failpoint,
                "action": rule.action.value,
                "hit": hit,
                "pid": os.getpid(),
                "at": time.time(),
            }
            ledger.write(json.dumps(entry) + "\n")
        return True
