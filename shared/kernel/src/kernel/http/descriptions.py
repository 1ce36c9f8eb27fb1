"""What the names in an interface mean, each with an example: one word, one meaning.

A description is made of these where a field or a parameter has none of its own, and so are the examples of
all operations. ``Component.field`` comes before ``field``; ``Component`` alone is the thing as a whole.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any, NamedTuple, TypeAlias

COMPOSED: Any = object()


class Word(NamedTuple):
    means: str
    example: Any = COMPOSED
    """Without one it is composed of the examples of its parts."""


Words: TypeAlias = Mapping[str, Word]


def euros(cents: int) -> dict[str, object]:
    """An amount for examples."""
    return {"amount": cents, "currency": "EUR"}


def found(words: Words, owner: str, name: str) -> Word | None:
    return words.get(f"{owner}.{name}") or words.get(name)


COMMON: Words = MappingProxyType(
    {
        "Money": Word("An amount of money."),
        "amount": Word(
            "Minor units of the currency by ISO 4217: cents of USD, whole JPY, fils of KWD.", 1999
        ),
        "currency": Word("The currency by ISO 4217.", "EUR"),
        "version": Word("How many facts have made it: what If-Match is compared with.", 3),
        "items": Word("What this page of the list holds."),
        "next_cursor": Word("What to ask for the next page with; null on the last one.", None),
        "limit": Word("How many of them a page may hold at most.", 50),
        "cursor": Word("Where to go on: the next_cursor of the page before.", "WyIwMTlhIl0"),
        "Idempotency-Key": Word("The same key with the same body gets the first answer again.", "visit-4711"),
        "If-Match": Word("The version that the caller has seen, as its ETag.", '"3"'),
        "Feira-Occurred-At": Word("When it happened; role service only.", "2026-03-01T12:00:00Z"),
        "Problem": Word("A refusal, by RFC 9457; further members depend on the code."),
        "Problem.type": Word("The code as a URN.", "urn:feira:problem:invalid-request"),
        "Problem.title": Word("The code in words.", "Invalid request"),
        "Problem.status": Word("The status of the HTTP answer.", 422),
        "Problem.detail": Word("What is wrong in this case, in a sentence.", "This was refused."),
        "Problem.code": Word("What programs go by: docs/errors.md lists them all.", "INVALID_REQUEST"),
        "correlation_id": Word("Finds this request in logs and facts.", "0d3b2b2e5c0a4b0e"),
        "errors": Word("Where single fields are at fault: which, and why.", []),
        "FieldError": Word("One field that is at fault."),
        "pointer": Word("The field, as a JSON pointer.", "#/quantity"),
        "FieldError.detail": Word("What is wrong with it.", "Input should be a valid integer"),
        "in": Word("Where the field stands, if not in the body: path, query or header.", "query"),
        "ParkedView": Word("A record that a consumer has put aside, because it could not be handled."),
        "ParkedWhole": Word("A parked record with its headers, its body and what operators did about it."),
        "parked_id": Word("The parked record.", 17),
        "scope": Word("The consumer that has parked it.", "things.commands"),
        "topic": Word("The Kafka topic.", "things.commands"),
        "partition": Word("The topic's partition.", 4),
        "offset": Word("Its place in the partition.", 4711),
        "ParkedView.key": Word("The record's key.", "019a2b3c-0000-7000-8000-000000000001"),
        "ParkedWhole.key": Word("The record's key.", "019a2b3c-0000-7000-8000-000000000001"),
        "ParkedView.type": Word("The message's type.", "things.change"),
        "ParkedWhole.type": Word("The message's type.", "things.change"),
        "tenant": Word("Whose it is; null where it does not say.", "demo"),
        "stream_id": Word("The aggregate that it is a fact of.", "019a2b3c-0000-7000-8000-000000000001"),
        "ParkedView.version": Word("The aggregate's version that the fact made.", 3),
        "ParkedWhole.version": Word("The aggregate's version that the fact made.", 3),
        "ParkedView.reason": Word("Why it was parked.", "handler_failed"),
        "ParkedWhole.reason": Word("Why it was parked.", "handler_failed"),
        "error": Word("What the handler said, if it failed.", None),
        "attempts": Word("How often it was tried.", 5),
        "parked_at": Word("When it was parked.", "2026-03-01T12:00:00Z"),
        "resolved_at": Word("When it was handled or given up; null while it waits.", None),
        "resolution": Word("How it was resolved: handled or discarded; null while it waits.", None),
        "headers": Word("The record's headers.", {"ce_type": "things.change"}),
        "body": Word("The record's value, if it is JSON.", {"step": "change_thing"}),
        "body_base64": Word("The record's value, if it is no JSON.", None),
        "body_bytes": Word("How large the value is.", 120),
        "acts": Word("What operators did about it, in their order."),
        "ActView": Word("What one operator did about a parked record."),
        "act": Word("What was done: retry or discard.", "retry"),
        "actor": Word("Who did it: role and name of the key.", "ops:demo-ops"),
        "reason": Word(
            "Why it is done; it is kept for ever, so nothing about persons.", "asked for by phone"
        ),
        "ActView.outcome": Word("What came of it.", "handled; 1 handled, 0 failed, 0 waiting"),
        "acted_at": Word("When it was done.", "2026-03-01T12:05:00Z"),
        "Discarding": Word("Why a parked record is given up."),
        "DoneView": Word("What came of an operator's act."),
        "record": Word("The parked record as it is now."),
        "failed": Word("How many records were tried and failed.", 0),
        "handled": Word("How many records are done with, this one included.", 1),
        "waiting": Word("How many others of its key wait still.", 0),
        "next": Word("The first of those, to go on with.", None),
        "state": Word("Which of them: open or resolved.", "open"),
    }
)
