"""Tell all processes of a stack which failpoints are set, and hear from them what has fired."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class Shot:
    """What a failpoint has done, by its process's own words just before."""

    rule: str
    place: str
    action: str
    pid: int
    at: float


class Arming:
    def __init__(self, folder: Path) -> None:
        self._path = folder / "failpoints"
        self._fired = folder / "failpoints.fired"
        self._read = 0
        self.shots: list[Shot] = []
        self.arm(())

    @property
    def setting(self) -> str:
        return f"@{self._path}"

    def arm(self, rules: Iterable[str]) -> None:
        """From now on these and no others."""
        fresh = self._path.with_suffix(".new")
        fresh.write_text("\n".join(dict.fromkeys(rules)))
        fresh.replace(self._path)

    def news(self) -> list[Shot]:
        """What has fired since it was last asked, of these rules or of those before."""
        if not self._fired.exists():
            return []
        with self._fired.open() as ledger:
            ledger.seek(self._read)
            whole = [line for line in ledger.readlines() if line.endswith("\n")]
        self._read += sum(len(it.encode()) for it in whole)
        told = [json.loads(it) for it in whole]
        found = [Shot(it["rule"], it["place"], it["action"], it["pid"], it["at"]) for it in told]
        self.shots += found
        return found
