"""Print the status and health of a stack."""

from collections.abc import Mapping
from typing import Any

from rich.console import Console
from rich.table import Table

UNKNOWN = "?"


def print_status(console: Console, found: Mapping[str, Any], more: Mapping[str, Any]) -> None:
    console.print(_processes(found))
    figures = Table(box=None, show_header=False, pad_edge=False)
    figures.add_column(no_wrap=True)
    figures.add_column()
    for name, value in _figures(more):
        figures.add_row(f"  {name}", value)
    console.print(figures)
    for name, url in found.get("databases", {}).items():
        console.print(f"  {name}: {url}", soft_wrap=True)


def _processes(found: Mapping[str, Any]) -> Table:
    table = Table("process", "pid", "state", "restarts", "memory", title=f"stack: {found['state']}")
    table.add_column("address", no_wrap=True, overflow="fold")
    for process in found["processes"]:
        memory = f"{process['rss_bytes'] / 1e6:.0f} MB"
        table.add_row(
            process["name"],
            str(process["pid"] or "-"),
            process["state"],
            str(process["restarts"]),
            memory,
            process["url"],
        )
    return table


def _figures(more: Mapping[str, Any]) -> list[tuple[str, str]]:
    versions, lag, checkouts = more["versions"], more["lag"], more["checkouts"]
    packages = sorted(set(versions["feira"].values()))
    oldest = checkouts and checkouts["oldest_open_seconds"]
    rows = [
        ("versions", f"Feira {', '.join(packages)}; Python {versions['python']}"),
        ("", f"PostgreSQL {versions['postgres'] or UNKNOWN}; Kafka {versions['kafka'] or UNKNOWN}"),
        ("not published yet", _counts(lag["relays"])),
        ("not consumed yet", _counts(lag["consumers"])),
        ("read models", _read_models(lag["read_models"])),
        ("open checkouts", UNKNOWN if checkouts is None else f"{checkouts['open']:,}"),
        ("parked records", _counts(more["parked"])),
    ]
    if missing := {name: it for name, it in more["missing"].items() if it != []}:
        rows.insert(2, ("not ready", _missing(missing)))
    if oldest is not None:
        rows.insert(-1, ("oldest open for", f"{oldest:,.0f} s"))
    return rows


def _missing(missing: Mapping[str, list[str] | None]) -> str:
    return "; ".join(f"{name}: {UNKNOWN if it is None else ', '.join(it)}" for name, it in missing.items())


def _counts(counts: Mapping[str, int | None] | None) -> str:
    if not counts:
        return UNKNOWN
    return ", ".join(f"{name} {UNKNOWN if it is None else f'{it:,}'}" for name, it in counts.items())


def _read_models(models: list[dict[str, Any]] | None) -> str:
    if models is None:
        return UNKNOWN
    behind = {it["name"]: UNKNOWN if it["seconds"] is None else f"{it['seconds']:.1f} s" for it in models}
    return ", ".join(f"{it['name']} {it['state']} ({behind[it['name']]} behind)" for it in models)
