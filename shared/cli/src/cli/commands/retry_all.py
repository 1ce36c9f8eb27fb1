"""`feira saga retry --code CODE`: retry all checkouts that need an operator for one reason."""

from collections.abc import Iterator
from typing import Any

from cli.output import print_json, print_line


def retry_all(code: str, reason: str, key: str | None, *, as_json: bool) -> int:
    """One after another, oldest first, with a line for each. Returns how many were refused."""
    from cli.errors import RefusedByService
    from cli.http_client import post

    waiting = list(_waiting(code, key))
    done: list[dict[str, str]] = []
    for number, checkout_id in enumerate(waiting, 1):
        try:
            state = post("checkout-saga", f"/v1/sagas/{checkout_id}/retry", key, {"reason": reason})["status"]
            outcome = {"checkout_id": checkout_id, "outcome": "retried", "status": str(state)}
        except RefusedByService as refused:
            outcome = {"checkout_id": checkout_id, "outcome": "refused", "status": refused.code}
        done.append(outcome)
        if not as_json:
            print_line(f"{number}/{len(waiting)} {checkout_id}: {outcome['outcome']}, {outcome['status']}")
    if as_json:
        print_json({"items": done})
    elif not waiting:
        print_line(f"No checkout needs an operator because of {code}.")
    return sum(it["outcome"] == "refused" for it in done)


def _waiting(code: str, key: str | None) -> Iterator[str]:
    """The checkouts that need an operator for this reason: read before the first is retried."""
    from cli.http_client import get

    cursor: str | None = None
    while True:
        page: dict[str, Any] = get(
            "checkout-saga", "/v1/attention", key, kind="checkout", limit=100, cursor=cursor
        )
        yield from (it["id"] for it in page["items"] if it["code"] == code)
        cursor = page["next_cursor"]
        if cursor is None:
            return
