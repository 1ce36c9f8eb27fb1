"""Set the failpoint rules of all processes of a stack, and read which have fired."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class Shot:
    """A rule that has fired, as its process noted just before."""

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
        """Replace the rules."""
        new_file = self._path.with_suffix(".new")
        new_file.write_text("\n".join(dict.fromkeys(rules)))
        new_file.replace(self._path)

    def news(self) -> list[Shot]:
        """The shots since the last call, of the present and of earlier rules."""
        if not self._fired.exists():
            return []
        with self._fired.open() as ledger:
            ledger.seek(self._read)
            whole = [line for line in ledger.readlines() if line.endswith("\n")]
        self._read += sum(len(line.encode()) for line in whole)
        entries = [json.loads(line) for line in whole]
        new = [Shot(it["rule"], it["place"], it["action"], it["pid"], it["at"]) for it in entries]
        self.shots += new
        return new
