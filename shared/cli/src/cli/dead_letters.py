"""Parked records of all services as one list, each under the name of its service: ``cart/12``."""

from collections.abc import Callable, Iterable, Mapping
from typing import Any

from rich.table import Table

from cli.http_client import get
from cli.stack.errors import StackError
from contracts.topology import SERVICE_NAMES

Items = list[dict[str, Any]]


def list_parked(
    services: Iterable[str], key: str, state: str, limit: int, cursor: str | None
) -> tuple[Items, str | None, list[str]]:
    """A page, where the next one begins, and what did not answer: the others are shown nevertheless."""
    items: Items = []
    troubles: list[str] = []
    wanted = list(services)
    first, _, inner = (cursor or "").partition(":")
    if first and first not in wanted:
        raise StackError(f"{cursor!r} is no cursor that this list has given out.")
    wanted = wanted[wanted.index(first) :] if first else wanted
    for at, service in enumerate(wanted):
        if len(items) == limit:
            return items, f"{service}:", troubles
        after = inner or None if at == 0 else None
        try:
            page = get(service, "/v1/parked", key, state=state, limit=limit - len(items), cursor=after)
        except StackError as trouble:
            troubles.append(str(trouble))
            continue
        items += [with_public_id(service, it) for it in page["items"]]
        if page["next_cursor"]:
            return items, f"{service}:{page['next_cursor']}", troubles
    return items, None, troubles


def with_public_id(service: str, record: Mapping[str, Any]) -> dict[str, Any]:
    return {"id": f"{service}/{record['parked_id']}", "service": service, **record}


def parse_id(name: str) -> tuple[str, int]:
    """``cart/12``: the service and its record's number."""
    service, _, number = name.partition("/")
    if service not in SERVICE_NAMES or not number.isdecimal():
        raise StackError(f"{name!r} is no parked record; they are called like cart/12.")
    return service, int(number)


def retry_queue(tell: Callable[[int], dict[str, Any]], parked_id: int) -> dict[str, Any]:
    """Portion by portion, until nothing waits any more or something fails; told of the first."""
    whole = done = tell(parked_id)
    while done["waiting"] and done["next"] and done["handled"] and not done["failed"]:
        done = tell(done["next"])
        sums = {name: whole[name] + done[name] for name in ("handled", "failed")}
        whole = whole | sums | {"waiting": done["waiting"], "next": done["next"]}
    return whole


def parked_table(items: Iterable[Mapping[str, Any]]) -> Table:
    table = Table("id", "reason", "type", "key", "since", "tries", "error")
    for record in items:
        since = record["parked_at"][:19].replace("T", " ")
        error = record["resolution"] or record["error"] or ""
        type_, key = record["type"] or "?", record["key"] or "?"
        table.add_row(record["id"], record["reason"], type_, key, since, str(record["attempts"]), error)
    return table
