"""What is shown to an operator who decides: the list of what waits, a triage, and a dry run."""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any, TypeAlias

from rich.table import Column, Table

View: TypeAlias = Mapping[str, Any]


def attention_table(entries: Iterable[View]) -> Table:
    table = Table(
        "since",
        "kind",
        Column("id", no_wrap=True),
        Column("order", no_wrap=True),
        "code",
        "tries",
        "next try",
    )
    for it in entries:
        again = it["next_try_at"] or "not by itself"
        table.add_row(
            *(it["since"], it["kind"], it["id"], it["order_id"] or "", it["code"], str(it["tries"]), again)
        )
    return table


def triage_lines(found: View) -> Iterator[str]:
    """What is known of a checkout, what is not, and what may be done about it."""
    view = found["view"]
    yield f"checkout {view['checkout_id']}: {view['status']} in {view['phase']}, since {found['since']}"
    for it in found["known"]:
        yield f"known: {it['operation']} {it['outcome']} at {it['at']} ({it['reference'] or 'no reference'})"
    for it in found["unknown"]:
        yield f"unknown: {it['operation']} after {it['tries']} tries, key {it['key']}"
        if it["last_error"]:
            yield f"  last error: {it['last_error']}"
        yield f"  the provider says: {_answer(it['provider_says'])}"
    for it in found["waiting_for"]:
        yield f"waits for: {it['kind']} ({it['step']})" + (f" until {it['until']}" if it["until"] else "")
    for it in found["timers"]:
        yield f"timer: {it['kind']} at {it['due_at']}"
    for it in found["parked"]:
        yield f"parked: checkout-saga/{it['parked_id']} {it['type'] or it['topic']} ({it['reason']})"
    for it in found["actions"]:
        yield (
            f"{it['action']}: {it['effect'] or 'allowed'}"
            if it["allowed"]
            else (f"{it['action']}: refused. {it['why_not']}")
        )


def _answer(says: View | None) -> str:
    if says is None:
        return "no answer"
    return " ".join(it for it in (says["outcome"], says["reference"], says["detail"]) if it)


def dry_run_lines(found: View) -> Iterator[str]:
    """What an action would do now."""
    yield "Nothing is done: this is a dry run."
    for it in found["facts"]:
        yield f"records {it['type']} as version {it['version']} of {it['stream_id']}"
    for it in found["commands"]:
        yield f"sends {it['type']}"
    for it in found["calls"]:
        yield f"calls {it['kind']}" + (f" at {it['gateway']}" if it["gateway"] else "")
    for it in found["postings"]:
        yield f"posts {it['account']} {it['amount']['amount']:+} {it['amount']['currency']} ({it['type']})"
