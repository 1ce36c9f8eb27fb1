"""The vocabulary of an interface: a description and an example for each name, one word with one meaning.

Fields and parameters without a description of their own get theirs from here, and so do the examples of all
operations. ``Component.field`` takes precedence over ``field``; ``Component`` alone describes the whole.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any, NamedTuple, TypeAlias

COMPOSED: Any = object()


class Word(NamedTuple):
    means: str
    example: Any = COMPOSED
    """By default it is composed of the examples of the parts."""


Words: TypeAlias = Mapping[str, Word]


def euros(cents: int) -> dict[str, object]:
    """An amount of money for examples."""
    return {"amount": cents, "currency": "EUR"}


def find_word(words: Words, owner: str, name: str) -> Word | None:
    return words.get(f"{owner}.{name}") or words.get(name)


COMMON: Words = MappingProxyType(
    {
        "Money": Word("An amount of money."),
        "amount": Word(
            "Minor units of the currency by ISO 4217: cents of USD, whole JPY, fils of KWD.", 1999
        ),
        "currency": Word("The currency by ISO 4217.", "EUR"),
        "version": Word("The number of facts of the aggregate; If-Match is compared with it.", 3),
        "items": Word("The entries of this page."),
        "next_cursor": Word("The cursor of the next page; null on the last page.", None),
        "limit": Word("The most entries that a page may have.", 50),
        "cursor": Word("The next_cursor of the previous page.", "WyIwMTlhIl0"),
        "Idempotency-Key": Word(
            "A repeated request with the same key and body gets the first response again.", "visit-4711"
        ),
        "If-Match": Word("The ETag of the version that the caller has seen.", '"3"'),
        "If-None-Match": Word("The ETags of what the caller has.", '"3-8d5a1f0c2b7e4a69"'),
        "Feira-Occurred-At": Word(
            "The time at which it happened; only for keys with the role service.", "2026-03-01T12:00:00Z"
        ),
        "Problem": Word("Problem details by RFC 9457; further members depend on the code."),
        "Problem.type": Word("The code as a URN.", "urn:feira:problem:invalid-request"),
        "Problem.title": Word("The code in words.", "Invalid request"),
        "Problem.status": Word("The status of the HTTP response.", 422),
        "Problem.detail": Word("What is wrong in this case, as a sentence.", "This was refused."),
        "Problem.code": Word("The code for programs; docs/errors.md lists all codes.", "INVALID_REQUEST"),
        "correlation_id": Word("Identifies this request in logs and facts.", "0d3b2b2e5c0a4b0e"),
        "errors": Word("The fields that are at fault, if any.", []),
        "FieldError": Word("A field that is at fault."),
        "pointer": Word("The field, as a JSON pointer.", "#/quantity"),
        "FieldError.detail": Word("What is wrong with it.", "Input should be a valid integer"),
        "in": Word("The location of the field unless it is the body: path, query or header.", "query"),
        "ParkedView": Word("A record that a consumer could not handle and has parked."),
        "ParkedWhole": Word("A parked record with its headers, its body and the acts of operators on it."),
        "parked_id": Word("The number of the parked record.", 17),
        "scope": Word("The consumer that has parked it.", "things.commands"),
        "topic": Word("The Kafka topic.", "things.commands"),
        "partition": Word("The partition of the topic.", 4),
        "offset": Word("The offset in the partition.", 4711),
        "ParkedView.key": Word("The key of the record.", "019a2b3c-0000-7000-8000-000000000001"),
        "ParkedWhole.key": Word("The key of the record.", "019a2b3c-0000-7000-8000-000000000001"),
        "ParkedView.type": Word("The type of the message.", "things.change"),
        "ParkedWhole.type": Word("The type of the message.", "things.change"),
        "tenant": Word("The tenant of the record; null if it names none.", "demo"),
        "stream_id": Word("The aggregate to which the fact belongs.", "019a2b3c-0000-7000-8000-000000000001"),
        "ParkedView.version": Word("The version of the aggregate after the fact.", 3),
        "ParkedWhole.version": Word("The version of the aggregate after the fact.", 3),
        "ParkedView.reason": Word("Why it was parked.", "handler_failed"),
        "ParkedWhole.reason": Word("Why it was parked.", "handler_failed"),
        "error": Word("The error of the handler, if it failed.", None),
        "attempts": Word("How many times the record was tried.", 5),
        "parked_at": Word("When the record was parked.", "2026-03-01T12:00:00Z"),
        "resolved_at": Word("When the record was handled or discarded; null while it is open.", None),
        "resolution": Word("How the record was resolved: handled or discarded; null while it is open.", None),
        "headers": Word("The headers of the record.", {"ce_type": "things.change"}),
        "body": Word("The value of the record, if it is JSON.", {"step": "change_thing"}),
        "body_base64": Word("The value of the record in base64, if it is not JSON.", None),
        "body_bytes": Word("The size of the value in bytes.", 120),
        "acts": Word("The acts of operators on the record, oldest first."),
        "ActView": Word("An act of an operator on a parked record."),
        "act": Word("The kind of act: retry or discard.", "retry"),
        "actor": Word("The role and the name of the key that was used.", "ops:demo-ops"),
        "reason": Word(
            "The reason for the act. It is stored for ever and must not name persons.",
            "asked for by phone",
        ),
        "ActView.outcome": Word("The outcome of the act.", "handled; 1 handled, 0 failed, 0 waiting"),
        "acted_at": Word("When the act took place.", "2026-03-01T12:05:00Z"),
        "ServiceStatus": Word("The state of a process of a service."),
        "service": Word("The service.", "things"),
        "ServiceStatus.version": Word("The release of the program.", "0.2.0"),
        "commit": Word(
            "The commit that the program was built from; unknown if it is not an image.", "5ae1be4"
        ),
        "ready": Word("Whether the process can serve: what /readyz says.", True),
        "missing": Word("What the process lacks to be ready, in words.", []),
        "figures": Word(
            "Metrics by name, each summed over its labels; null while the process does not know. The gauges "
            "of consumers are about the partitions that the process reads.",
            {"feira_parked_records": 0},
        ),
        "NewApiKey": Word("A new API key of the tenant."),
        "ApiKeyView": Word("An API key without the key itself."),
        "Expiry": Word("How long an API key goes on working."),
        "key_id": Word("The first twelve digits of the key's SHA-256.", "9f86d081884c"),
        "key_hash": Word("The SHA-256 of the key, in hexadecimal.", "9f86d081" * 8),
        "role": Word("The role of the key.", "service"),
        "NewApiKey.name": Word("The user of the key, recorded as actor of its requests.", "importer"),
        "ApiKeyView.name": Word("The user of the key, recorded as actor of its requests.", "importer"),
        "ApiKeyView.tenant": Word("The tenant of the key.", "demo"),
        "ApiKeyView.state": Word("active, ending (it expires later), expired or revoked.", "active"),
        "ApiKeyView.created_at": Word("When this service stored the key.", "2026-03-01T12:00:00Z"),
        "ApiKeyView.expires_at": Word("When the key ends; null if no end was set.", None),
        "keep_seconds": Word("How long the key goes on working, in seconds.", 86400),
        "Discarding": Word("The reason for discarding a parked record."),
        "DoneView": Word("The outcome of an act of an operator."),
        "record": Word("The parked record as it is now."),
        "failed": Word("How many records were tried and failed again.", 0),
        "handled": Word("How many records were resolved, this one included.", 1),
        "waiting": Word("How many other records of its key are still open.", 0),
        "next": Word("The first of those records; null if there is none.", None),
        "state": Word("Open or resolved records.", "open"),
        "ClockMove": Word(
            "How the clock is to be moved: exactly one of advance_seconds, to and reset.",
            {"advance_seconds": 259200},
        ),
        "advance_seconds": Word("By how many seconds; added to a move that is not finished.", 259200),
        "to": Word("To which time; the same time again changes nothing.", "2027-03-01T00:00:00Z"),
        "reset": Word("True: back to the machine's time, while nothing is recorded in the stack.", None),
        "wait": Word("Whether to respond only when nothing is due any more.", True),
        "ClockView": Word("The clock of the whole stack, of all its tenants."),
        "now": Word("The time that the clock shows.", "2027-03-01T00:00:00Z"),
        "shift_seconds": Word("How far it is ahead of the machine's clock.", 259200.0),
        "ClockView.state": Word("Whether the clock is still, being moved, or being reset.", "still"),
        "reaches": Word("The time to which it was last moved; null before.", "2027-03-01T00:00:00Z"),
        "next_due_at": Word("When the next timer is due; null if none is set.", "2027-03-01T00:30:00Z"),
        "under_way": Word("What is due, in progress or unread, in words.", []),
    }
)
