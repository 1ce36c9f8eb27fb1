"""Records that are foreign, wrong or corrupted, for all topics; a seed selects them.

None of them is a valid next fact of a stream that exists: such a record would be accepted as a fact. So they
are about unknown streams, in the name of an unknown tenant.
"""

from __future__ import annotations

import json
import random
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace

from contracts.envelope import Command, Fact
from contracts.topics import COMMANDS, FACTS, TOPIC_OF
from contracts.topology import TOPIC_NAMES
from tests.proofs.inputs.bodies import RECORDED, body_of, some_id, spoilt
from tests.support.kafka_records import Sent

KINDS: Sequence[type[Fact] | type[Command]] = [*FACTS.values(), *COMMANDS.values()]
TOPICS = sorted(TOPIC_NAMES)
GARBLED = (
    b"",
    b"\xff",
    b"\0",
    b"x" * 2000,
    b"-1",
    b"0",
    b"2",
    b"99999999999",
    b"1e3",
    b"yesterday",
    b"0001-01-01T00:00:00Z",
    b"0001-01-01T00:00:00+14:00",
    b"9999-12-31T23:59:59.999999Z",
    b"2016-12-31T23:59:60Z",
    "٣".encode(),
)


def strange_records(count: int, known: Sequence[str], seed: int) -> Iterator[Sent]:
    """``known``: ids of finished things of the tenant demo."""
    chance = random.Random(seed)
    for _ in range(count):
        yield chance.choice(_ODDITIES)(_fine(chance), known, chance)


def _fine(chance: random.Random) -> Sent:
    """A well-formed record about an unknown stream."""
    kind = chance.choice(KINDS)
    key, body = str(some_id(chance)), body_of(kind, chance)
    headers = {
        "ce_specversion": "1.0",
        "ce_id": str(some_id(chance)),
        "ce_source": "/feira/stranger",
        "ce_type": kind.TYPE,
        "ce_subject": key,
        "ce_time": RECORDED,
        "ce_dataschema": f"urn:feira:{kind.TYPE}:{kind.SCHEMA_VERSION}",
        "content-type": "application/json",
        "ce_recordedtime": RECORDED,
        "ce_tenant": "stranger",
        "ce_correlationid": "correlation",
        "ce_causationid": "cause",
        "feira_generation": "1",
    }
    if kind.TYPE in FACTS:
        headers["ce_version"] = "1"
    changed = tuple((name, it.encode()) for name, it in headers.items())
    return Sent(TOPIC_OF[kind.TYPE], key.encode(), json.dumps(body).encode(), changed)


def _unchanged(sent: Sent, _known: Sequence[str], _chance: random.Random) -> Sent:
    return sent


def _spoilt(sent: Sent, _known: Sequence[str], chance: random.Random) -> Sent:
    return replace(sent, value=spoilt(json.loads(sent.value or b"{}"), chance))


def _tombstone(sent: Sent, _known: Sequence[str], chance: random.Random) -> Sent:
    return replace(sent, value=chance.choice((None, b"")))


def _header_gone(sent: Sent, _known: Sequence[str], chance: random.Random) -> Sent:
    return sent.without_header(chance.choice(sent.headers)[0])


def _header_garbled(sent: Sent, _known: Sequence[str], chance: random.Random) -> Sent:
    return sent.with_header(chance.choice(sent.headers)[0], chance.choice(GARBLED))


def _header_twice(sent: Sent, _known: Sequence[str], chance: random.Random) -> Sent:
    return sent.with_second_header(*chance.choice([(name, it or b"") for name, it in sent.headers]))


def _no_headers(sent: Sent, _known: Sequence[str], chance: random.Random) -> Sent:
    many = tuple((f"x-{n}", b"x") for n in range(chance.choice((0, 1, 1000))))
    return replace(sent, headers=many)


def _odd_key(sent: Sent, _known: Sequence[str], chance: random.Random) -> Sent:
    keys = (None, b"", b"\xff\0", chance.randbytes(10_000), str(some_id(chance)).encode())
    return replace(sent, key=chance.choice(keys))


def _unknown_type(sent: Sent, _known: Sequence[str], chance: random.Random) -> Sent:
    kind = chance.choice((b"cart.flown_away", b"offer.fly_away", b"\xf0\x9f\x92\xa9", b"x" * 1000))
    return sent.with_header("ce_type", kind)


def _future(sent: Sent, _known: Sequence[str], chance: random.Random) -> Sent:
    kind = dict(sent.headers)["ce_type"] or b""
    return sent.with_header("ce_dataschema", b"urn:feira:%s:%d" % (kind, chance.randint(2, 999_999_999)))


def _gap(sent: Sent, _known: Sequence[str], chance: random.Random) -> Sent:
    return sent.with_header("ce_version", str(chance.randint(2, 10**9)).encode())


def _elsewhere(sent: Sent, _known: Sequence[str], chance: random.Random) -> Sent:
    return replace(sent, topic=chance.choice(TOPICS))


def _about_others(sent: Sent, known: Sequence[str], chance: random.Random) -> Sent:
    """A record about a known stream in the name of another tenant; the stream has such a version already."""
    key = chance.choice(known)
    raw = (sent.value or b"").replace(sent.key or b"?", key.encode())
    body = json.loads(raw)
    body |= dict.fromkeys(body.keys() & {"cart_id", "checkout_id", "product_id", "order_id"}, key)
    changed = replace(sent, key=key.encode(), value=json.dumps(body).encode())
    return changed.with_header("ce_subject", key.encode()).with_header("ce_tenant", b"rival")


_ODDITIES: Sequence[Callable[[Sent, Sequence[str], random.Random], Sent]] = (
    *(_unchanged, _unchanged, _spoilt, _spoilt, _spoilt, _spoilt, _tombstone, _header_gone, _header_garbled),
    *(_header_garbled, _header_twice, _no_headers, _odd_key, _unknown_type, _future, _gap, _elsewhere),
    _about_others,
)
