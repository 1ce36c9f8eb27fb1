"""Marketing spend of a file, line by line. What is recorded so already stays: again, it changes nothing."""

import csv
import io
import json
from collections import Counter
from collections.abc import Iterator, Mapping
from datetime import date
from typing import Any, NamedTuple

from cli import http_client
from cli.errors import RefusedByService, StackError
from cli.import_parts import OUTCOMES, Part

PATH = "/v1/analytics/spend"
PAGE = 100
COLUMNS = ("channel", "day", "currency", "amount")


class Line(NamedTuple):
    number: int
    channel: str
    day: str
    currency: str
    amount: Any
    """Minor units; the text itself where it is no whole number."""

    @property
    def key(self) -> tuple[str, str, str]:
        return self.channel, self.day, self.currency

    @property
    def body(self) -> dict[str, Any]:
        money = {"amount": self.amount, "currency": self.currency}
        return {"channel": self.channel, "day": self.day, "amount": money}


def bring(part: Part, key: str | None, *, dry_run: bool) -> dict[str, Any]:
    """The report of a part, as the catalogue's imports give it. Raises ``StackError``."""
    lines = list(_lines(part))
    recorded = _recorded(lines, key)
    report = [_brought(it, recorded, key, dry_run=dry_run) for it in lines]
    counts = Counter(it["outcome"] for it in report)
    return {name: counts[name] for name in OUTCOMES} | {"report": report}


def _brought(
    line: Line, recorded: dict[tuple[str, str, str], Any], key: str | None, *, dry_run: bool
) -> dict[str, Any]:
    """Records the line unless it is so already; ``recorded`` follows."""
    outcome = "changed" if line.key in recorded else "created"
    if fault := _fault(line):
        return _row(line, "failed", "INVALID_REQUEST", *fault)
    if recorded.get(line.key) == line.amount:
        return _row(line, "unchanged")
    if not dry_run:
        try:
            http_client.post("projections", PATH, key, line.body)
        except RefusedByService as refused:
            return _row(line, "failed", refused.code, "", str(refused))
    recorded[line.key] = line.amount
    return _row(line, outcome)


def _row(line: Line, outcome: str, code: str = "", pointer: str = "", detail: str = "") -> dict[str, Any]:
    why = {"code": code, "pointer": pointer, "detail": detail}
    return {"line": line.number, "key": " ".join(line.key).strip(), "outcome": outcome, **why}


def _fault(line: Line) -> tuple[str, str] | None:
    """Where and what, if the line cannot be sent or compared; the service checks the rest."""
    if not _is_day(line.day):
        return "#/day", "The value must be a date, such as 2026-03-01."
    if not isinstance(line.amount, int) or isinstance(line.amount, bool):
        return "#/amount", "The value must be a whole number of minor units."
    return None


def _is_day(text: str) -> bool:
    try:
        return date.fromisoformat(text).isoformat() == text
    except ValueError:
        return False


def _recorded(lines: list[Line], key: str | None) -> dict[tuple[str, str, str], Any]:
    """What counts now on the days of the lines."""
    days = sorted(it.day for it in lines if _is_day(it.day))
    found: dict[tuple[str, str, str], Any] = {}
    if not days:
        return found
    within = {"from": days[0], "to": days[-1]}
    cursor: str | None = None
    while True:
        page = http_client.get("projections", PATH, key, limit=PAGE, cursor=cursor, **within)
        for it in page["items"]:
            money = it["amount"]
            found[it["channel"], it["day"], money["currency"]] = money["amount"]
        cursor = page["next_cursor"]
        if cursor is None:
            return found


def _lines(part: Part) -> Iterator[Line]:
    text = part.content.decode()
    if part.media_type == "text/csv":
        reader = csv.DictReader(io.StringIO(text, newline=""))
        for row in reader:
            yield _line(reader.line_num, row)
    else:
        for number, line in enumerate(text.splitlines(), start=1):
            if line.strip():
                yield _line(number, _object(line))


def _object(line: str) -> Mapping[str, Any]:
    try:
        found = json.loads(line)
    except ValueError:
        return {}
    return found if isinstance(found, dict) else {}


def _line(number: int, row: Mapping[str, Any]) -> Line:
    if unknown := [it for it in row if it not in COLUMNS]:
        raise StackError(f"Spend has no column {unknown[0]!r}, only {', '.join(COLUMNS)}.")
    channel, day, currency = (str(row.get(it) or "").strip() for it in ("channel", "day", "currency"))
    return Line(number, channel, day, currency, _amount(row.get("amount")))


def _amount(value: Any) -> Any:
    try:
        return int(value) if isinstance(value, str) else value
    except ValueError:
        return value
