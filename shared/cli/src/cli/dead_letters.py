"""Dead letters (parked records) of all services as one list, with ids such as ``cart/12``."""

from collections.abc import Callable, Iterable, Mapping
from typing import Any

from rich.table import Table

from cli.errors import StackError
from cli.http_client import get
from contracts.topology import SERVICE_NAMES

Items = list[dict[str, Any]]


def list_parked(
    services: Iterable[str], key: str | None, state: str, limit: int, cursor: str | None
) -> tuple[Items, str | None, list[str]]:
    """One page, the cursor of the next, and the errors of services that do not answer; those are skipped."""
    items: Items = []
    errors: list[str] = []
    wanted = list(services)
    first, _, inner = (cursor or "").partition(":")
    if first and first not in wanted:
        raise StackError(f"{cursor!r} is not a cursor of this list.")
    wanted = wanted[wanted.index(first) :] if first else wanted
    for at, service in enumerate(wanted):
        if len(items) == limit:
            return items, f"{service}:", errors
        after = inner or None if at == 0 else None
        try:
            page = get(service, "/v1/parked", key, state=state, limit=limit - len(items), cursor=after)
        except StackError as error:
            errors.append(str(error))
            continue
        items += [with_public_id(service, it) for it in page["items"]]
        if page["next_cursor"]:
            return items, f"{service}:{page['next_cursor']}", errors
    return items, None, errors


def with_public_id(service: str, record: Mapping[str, Any]) -> dict[str, Any]:
    return {"id": f"{service}/{record['parked_id']}", "service": service, **record}


def parse_id(name: str) -> tuple[str, int]:
    """The service and the record's number of an id such as ``cart/12``. Raises ``StackError``."""
    service, _, number = name.partition("/")
    if service not in SERVICE_NAMES or not number.isdecimal():
        raise StackError(f"{name!r} is not the id of a parked record; an id looks like cart/12.")
    return service, int(number)


def retry_queue(retry: Callable[[int], dict[str, Any]], parked_id: int) -> dict[str, Any]:
    """Retry in batches until no record waits or one fails. Returns the first result with the totals of
    all."""
    total = done = retry(parked_id)
    while done["waiting"] and done["next"] and done["handled"] and not done["failed"]:
        done = retry(done["next"])
        sums = {name: total[name] + done[name] for name in ("handled", "failed")}
        total = total | sums | {"waiting": done["waiting"], "next": done["next"]}
    return total


def parked_table(items: Iterable[Mapping[str, Any]]) -> Table:
    table = Table("id", "reason", "type", "key", "since", "tries", "error")
    for record in items:
        since = record["parked_at"][:19].replace("T", " ")
        error = record["resolution"] or record["error"] or ""
        type_, key = record["type"] or "?", record["key"] or "?"
        table.add_row(record["id"], record["reason"], type_, key, since, str(record["attempts"]), error)
    return table
