"""API keys of one tenant at remote services: each service is asked in turn, with an ops key of the tenant.

Services learn the SHA-256 of a new key, never the key. Every request may be repeated, so a command that a
missing service has interrupted is finished by running it again.
"""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from datetime import datetime, timedelta
from hashlib import sha256
from typing import Any

from cli import http_client
from cli.api_key_rows import Key, merged
from cli.api_keys import check_id, unknown_key
from cli.errors import RefusedByService, ServiceAway, StackError
from cli.new_api_key import NewKey
from contracts.topology import SERVICE_NAMES
from kernel.security.api_key_columns import ID_DIGITS

PATH = "/v1/api-keys"
PAGE = 100


def list_all(key: str) -> list[Key]:
    """The keys of the tenant of ``key``, also revoked and expired ones. Raises ``StackError``."""
    return merged({service: _rows(service, key) for service in SERVICE_NAMES})


def create(key: str, new: NewKey) -> Key:
    """Store a key at every service. One that could not be stored everywhere is revoked again, unless a file
    keeps it for a repetition. Raises ``StackError``."""
    body = {"key_hash": new.digest, "role": new.role, "name": new.name}
    try:
        return _everywhere(lambda service: http_client.post(service, PATH, key, body))
    except StackError as trouble:
        if new.kept_in:
            raise StackError(f"{trouble} Run the command again: {new.kept_in} keeps the key.") from None
        with suppress(StackError):
            revoke(key, new.key_id)
        raise StackError(
            f"{trouble} The key {new.key_id} was not handed out: run the command again; "
            f"`feira keys revoke {new.key_id}` revokes it where it may have been stored."
        ) from None


def rotate(key: str, old: Key, new: NewKey, keep: timedelta) -> tuple[Key, Key | StackError]:
    """Store a key; the old one expires after ``keep``. Returns both, or instead of the old one why it has not
    been ended everywhere. Raises ``StackError`` if the new key is not stored."""
    made = create(key, new)
    path, body = f"{PATH}/{old.key_id}/expire", {"keep_seconds": int(keep.total_seconds())}
    try:
        return made, _at_each(old.key_id, key, lambda service: http_client.post(service, path, key, body))
    except StackError as trouble:
        return made, StackError(f"{trouble} `feira keys revoke {old.key_id}` ends it at once.")


def revoke(key: str, key_id: str) -> Key:
    """Raises ``StackError``, also if no service knows the key."""
    check_id(key_id)
    path = f"{PATH}/{key_id}/revoke"
    return _at_each(key_id, key, lambda service: http_client.post(service, path, key))


def _everywhere(act: Callable[[str], dict[str, Any]]) -> Key:
    (found,) = merged({service: [_row(act(service))] for service in SERVICE_NAMES})
    return found


def _at_each(key_id: str, key: str, act: Callable[[str], dict[str, Any]]) -> Key:
    """End a key at each service that knows it. A key that ends itself is refused by the services that an
    interrupted attempt has reached: there it has ended already."""
    ends_itself = sha256(key.encode()).hexdigest()[:ID_DIGITS] == key_id
    rows: dict[str, list[Any]] = {}
    has_ended = False
    for service in SERVICE_NAMES:
        try:
            rows[service] = [_row(act(service))]
        except RefusedByService as refusal:
            has_ended = has_ended or (ends_itself and refusal.code == "UNAUTHENTICATED")
            if refusal.code != "API_KEY_NOT_FOUND" and not has_ended:
                raise
        except ServiceAway as trouble:
            done = f"has ended at {', '.join(rows)}" if rows else "has ended nowhere"
            raise ServiceAway(f"{trouble} The key {key_id} {done}: run the command again.") from None
    if not rows:
        raise StackError(f"The key {key_id} has ended everywhere.") if has_ended else unknown_key(key_id)
    (found,) = merged(rows)
    return found


def _rows(service: str, key: str) -> list[dict[str, Any]]:
    rows: list[dict[str, Any]] = []
    cursor: str | None = None
    while True:
        page = http_client.get(service, PATH, key, limit=PAGE, cursor=cursor)
        rows += map(_row, page["items"])
        cursor = page["next_cursor"]
        if cursor is None:
            return rows


def _row(shown: dict[str, Any]) -> dict[str, Any]:
    expires = shown["expires_at"]
    return shown | {
        "created_at": datetime.fromisoformat(shown["created_at"]),
        "expires_at": datetime.fromisoformat(expires) if expires else None,
    }
