"""All schedules of a few journeys with one fault, and with two faults where money is moved."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from types import MappingProxyType
from typing import NamedTuple

from simulators.gateway import tokens
from tests.proofs.simulation.faults import KINDS
from tests.proofs.simulation.many import Piece, Tally, piece_of, spread
from tests.proofs.simulation.outcome import outcome, outcomes
from tests.proofs.simulation.workload import Change, Goods, Purchase, Workload

AT_ONCE = 20
LONG = 120.0
"""Seconds in which the planned faults may happen."""

Faults = Mapping[str, str]

ONE_LINE = ((0, 1),)
THREE_UNITS = ((0, 3),)
TWO_LINES = ((0, 2), (1, 1))
TWO_KINDS = (Goods(333, 3), Goods(1999, 50, "digital_product"))
PLENTY = (Goods(1999, 50),)


def _journey(
    *purchases: Purchase, goods: tuple[Goods, ...] = PLENTY, changes: tuple[Change, ...] = ()
) -> Workload:
    return Workload(seed=1, goods=goods, purchases=purchases, changes=changes, uses=1, healed_at=LONG)


def _by_offer(token: str) -> Workload:
    """An offer in a test of its price, at its campaign's price, with an order bump, a code and a referral."""
    purchase = Purchase(0.0, (), token, code=True, offer="start", bump=True, referred=True)
    return replace(_journey(purchase), has_offer=True, is_tested=True, budget=700, referrals=1)


def _reviewed(decision: str, token: str = tokens.OK, operator: str = "") -> Workload:
    return replace(_journey(Purchase(0.0, ONE_LINE, token, review=decision, operator=operator)), rules="all")


BUYS = Purchase(0.0, ONE_LINE)


JOURNEYS: Mapping[str, Workload] = MappingProxyType(
    {
        "happy": _journey(BUYS),
        "two lines and a code": _journey(
            Purchase(0.0, ((0, 2), (1, 1)), code=True), goods=(Goods(333, 3), Goods(1999, None))
        ),
        "declined": _journey(Purchase(0.0, ONE_LINE, tokens.DECLINED)),
        "action at the customer": _journey(Purchase(0.0, ONE_LINE, tokens.ACTION, confirm=0.2)),
        "action never taken": _journey(Purchase(0.0, ONE_LINE, tokens.ACTION, confirm=None)),
        "capture refused": _journey(Purchase(0.0, ONE_LINE, tokens.CAPTURE_FAILS)),
        "silent authorization": _journey(Purchase(0.0, ONE_LINE, tokens.TIMEOUT)),
        "flaky gateway": _journey(Purchase(0.0, ONE_LINE, tokens.FLAKY)),
        "one left for two": _journey(BUYS, Purchase(0.01, ONE_LINE, customer=1), goods=(Goods(1999, 1),)),
        "one use for two": _journey(
            Purchase(0.0, ONE_LINE, code=True), Purchase(0.01, ONE_LINE, code=True, customer=1)
        ),
        "cancelled": _journey(Purchase(0.0, ONE_LINE, cancel=0.07)),
        "cancelled while asking for money": _journey(Purchase(0.0, ONE_LINE, tokens.TIMEOUT, cancel=0.5)),
        "price changed": _journey(BUYS, changes=(Change(0.02, "price", 0, 500),)),
        "counted to nothing": _journey(BUYS, changes=(Change(0.1, "count", 0, 0),)),
        "refunded in part": _journey(Purchase(0.0, ONE_LINE, afterwards="refund part")),
        "refunded bit by bit": _journey(Purchase(0.0, THREE_UNITS, afterwards="refund bit by bit")),
        "a void refused": _journey(
            Purchase(0.0, ONE_LINE, tokens.VOID_REFUSED, cancel=0.5, operator="release")
        ),
        "declined in a review, and the void refused": _reviewed("decline", tokens.VOID_REFUSED),
        "approved in a review": _reviewed("approve"),
        "declined in a review": _reviewed("decline"),
        "said to be released, and not": replace(
            _reviewed("decline", tokens.VOID_REFUSED, operator="claim"), reconciled=17, compared=(8.0,)
        ),
        "pix": _journey(Purchase(0.0, ONE_LINE, method="pix", pays=40.0)),
        "pix paid and cancelled": _journey(
            Purchase(0.0, ONE_LINE, method="pix", pays=1_000.0, confirm=None, cancel=1_010.0)
        ),
        "pix declined at the bank": _journey(
            Purchase(0.0, ONE_LINE, method="pix", pays=5.0, at_bank="decline")
        ),
        "order cancelled": _journey(Purchase(0.0, ONE_LINE, afterwards="cancel order")),
        "one cart twice": _journey(Purchase(0.0, ONE_LINE, again=0.0)),
        "by an offer": _by_offer(tokens.OK),
        "an offer given back": _by_offer(tokens.CAPTURE_FAILS),
        "refunded by line": _journey(Purchase(0.0, TWO_LINES, afterwards="refund lines"), goods=TWO_KINDS),
        "cancelled in part": replace(
            _journey(Purchase(0.0, TWO_LINES, shop="cancel a unit"), goods=TWO_KINDS),
            manual=("physical_product",),
        ),
        "handed over outside": replace(
            _journey(Purchase(0.0, TWO_LINES, afterwards="cancel order", later=30.0), goods=TWO_KINDS),
            outcomes=("unheard", "fails", "unknown", "done"),
        ),
        "rewarded and erased": replace(
            _by_offer(tokens.OK),
            reward=50,
            purchases=(
                replace(
                    _by_offer(tokens.OK).purchases[0],
                    registered=True,
                    afterwards="refund lines",
                    erased=20.0,
                ),
            ),
        ),
    }
)
OF_MONEY = (
    "happy",
    "declined",
    "silent authorization",
    "flaky gateway",
    "action at the customer",
    "action never taken",
    "capture refused",
    "cancelled while asking for money",
    "counted to nothing",
    "refunded in part",
    "order cancelled",
    "one cart twice",
)
RECORDED = "commit checkout-saga "
MONEY_PLACES = (
    "call ",
    RECORDED,
    "fire authorize ",
    "fire confirm ",
    "fire capture ",
    "fire void ",
    "fire refund",
)


class Part(NamedTuple):
    journey: str
    faults: tuple[Faults, ...]


def with_one(journey: str) -> Iterator[Faults]:
    """The schedule without a fault, then each fault at each injection point that it reaches."""
    yield {}
    for place in outcome(JOURNEYS[journey], {}, places=True).places:
        yield from _faults_at(place)


def with_two(journey: str) -> Iterator[Faults]:
    """Pairs of faults at calls and at the recording of their outcomes. The second injection point may be
    reached only because of the first fault."""
    workload = JOURNEYS[journey]
    for first in _of_money(outcome(workload, {}, places=True).places):
        for one in _faults_at(first):
            places = outcome(workload, one, places=True).places
            before = set(places[: places.index(first) + 1])
            behind = [it for it in _of_money(places) if it not in before]
            yield from ({**one, **other} for place in behind for other in _faults_at(place))


def _faults_at(place: str) -> list[Faults]:
    return [{place: fault} for fault in KINDS[place.split(maxsplit=1)[0]]]


def _of_money(places: Sequence[str]) -> list[str]:
    """From the start of the first call to the recording of the last call's outcome."""
    begin = next(at for at, it in enumerate(places) if it.startswith("fire authorize "))
    last = max(at for at, it in enumerate(places) if it.startswith("call "))
    end = next((at for at, it in enumerate(places) if at > last and it.startswith(RECORDED)), last)
    return [it for it in places[begin : end + 1] if it.startswith(MONEY_PLACES)]


def one_fault() -> Tally:
    return _all("schedules with one fault", {it: list(with_one(it)) for it in JOURNEYS})


def two_faults() -> Tally:
    found = dict(zip(OF_MONEY, spread(_pairs_of, OF_MONEY), strict=True))
    return _all("schedules with two faults", found)


def _pairs_of(journey: str) -> list[Faults]:
    return list(with_two(journey))


def _all(what: str, schedules: Mapping[str, list[Faults]]) -> Tally:
    tally = Tally(what, sum(map(len, schedules.values())))
    parts = (
        Part(journey, tuple(faults[at : at + AT_ONCE]))
        for journey, faults in schedules.items()
        for at in range(0, len(faults), AT_ONCE)
    )
    for piece in spread(play_part, parts):
        tally.add(piece)
    return tally


def play_part(part: Part) -> Piece:
    workload = JOURNEYS[part.journey]
    return piece_of(outcomes([(replace(workload, number=at), it) for at, it in enumerate(part.faults)]))
