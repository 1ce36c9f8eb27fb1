"""Any requests in any order, repeated any number of times: no more is sold than is in stock."""

from collections import Counter
from collections.abc import Sequence
from datetime import datetime, timedelta
from uuid import UUID

from hypothesis import example, given, settings
from hypothesis import strategies as st

from contracts import reservation as facts
from contracts import stock as stock_facts
from contracts.envelope import Fact, Reply
from contracts.offer import Wanted
from offer.inventory.domain.reply_to import ReplyTo
from offer.inventory.domain.reservation import Reservation, reservation_id
from offer.inventory.domain.stock import Stock, stock_id
from tests.support.scenario import NOW
from tests.unit.offer.examples import HOLD_FOR, named, units

PRODUCTS = tuple(named(f"product {it}") for it in range(3))
CHECKOUTS = tuple(named(f"checkout {it}") for it in range(3))
ON_HAND = 6

products = st.sampled_from((PRODUCTS[0], *PRODUCTS))
carts_of_one = st.lists(st.builds(units, products, st.sampled_from((1, 3, ON_HAND))), min_size=1, max_size=3)
carts = st.tuples(*(carts_of_one for _ in CHECKOUTS))
actions = st.sampled_from(("reserve", "reserve", "confirm", "confirm", "release", "timer", "extend"))
minutes = st.sampled_from((0, 0, 0, 1, 31, -31))
"""Until the action. Negative: clocks can be set back, and a transaction has the time of its start."""
events = st.lists(st.tuples(actions, st.sampled_from(CHECKOUTS), minutes), min_size=10, max_size=30)


class Shop:
    """Two products with a stock record and one without, and three checkouts."""

    def __init__(self) -> None:
        self.now: datetime = NOW
        self.stocks = {it: Stock.empty(stock_id(it)) for it in PRODUCTS}
        self.reservations = {it: Reservation.empty(reservation_id(it)) for it in CHECKOUTS}
        self.log: list[Fact] = []
        for product_id in PRODUCTS[:2]:
            self.stocks[product_id].count(product_id, ON_HAND, allow_backorders=False)
        self._collect()

    def do(self, action: str, checkout_id: UUID, cart: Sequence[Wanted], minutes: int) -> list[Fact]:
        self.now += timedelta(minutes=minutes)
        reservation, to = self.reservations[checkout_id], ReplyTo(checkout_id, action)
        match action:
            case "reserve":
                reservation.reserve(to, cart, {}, self.stocks, self.now, self.now + HOLD_FOR)
            case "confirm":
                reservation.confirm(to, cart, self.stocks, self.now)
            case "release":
                reservation.release(to, self.stocks)
            case "extend":
                reservation.extend(to, self.now + 2 * HOLD_FOR, self.stocks, self.now)
            case "timer":
                reservation.expire(self.stocks, self.now)
        return self._collect()

    def _collect(self) -> list[Fact]:
        changed = [*self.stocks.values(), *self.reservations.values()]
        new = [fact for aggregate in changed for fact in aggregate.collect_events() if isinstance(fact, Fact)]
        self.log += new
        return new

    def sales(self) -> list[stock_facts.Confirmed]:
        return [it for it in self.log if isinstance(it, stock_facts.Confirmed)]

    def sold(self, product_id: UUID) -> int:
        return sum(it.quantity for it in self.sales() if it.product_id == product_id)


ALL_UNITS = [units(PRODUCTS[0], ON_HAND)]
CLOCK_IS_SET_BACK = [
    ("reserve", CHECKOUTS[0], 0),
    ("reserve", CHECKOUTS[1], 31),
    ("confirm", CHECKOUTS[0], -31),
    ("confirm", CHECKOUTS[1], 0),
]


@given(carts, events)
@settings(max_examples=300, deadline=None)
def test_no_more_is_held_or_sold_than_is_in_stock(
    wants: tuple[list[Wanted], ...], actions: list[tuple[str, UUID, int]]
) -> None:
    shop, cart_of = Shop(), dict(zip(CHECKOUTS, wants, strict=True))
    for action, checkout_id, minutes in actions:
        shop.do(action, checkout_id, cart_of[checkout_id], minutes)
        for product_id in PRODUCTS[:2]:
            stock = shop.stocks[product_id]
            assert stock.on_hand == ON_HAND - shop.sold(product_id)
            assert 0 <= stock.reserved(shop.now) <= stock.on_hand


@given(carts, events)
@example((ALL_UNITS, ALL_UNITS, ALL_UNITS), CLOCK_IS_SET_BACK)
@settings(max_examples=300, deadline=None)
def test_every_command_gets_one_reply_and_every_checkout_buys_its_whole_cart_or_nothing(
    wants: tuple[list[Wanted], ...], actions: list[tuple[str, UUID, int]]
) -> None:
    shop, cart_of = Shop(), dict(zip(CHECKOUTS, wants, strict=True))
    outcomes: dict[tuple[UUID, str], str] = {}
    for action, checkout_id, minutes in actions:
        new = shop.do(action, checkout_id, cart_of[checkout_id], minutes)
        replies = [it for it in new if isinstance(it, Reply)]
        assert [(it.process_id, it.step) for it in replies] == (
            [(checkout_id, action)] if action != "timer" else []
        )
        for reply in replies:
            if action != "extend":  # each asks for another time
                assert outcomes.setdefault((checkout_id, action), reply.TYPE) == reply.TYPE
    for checkout_id, cart in cart_of.items():
        bought = Counter({it.product_id: it.quantity for it in shop.sales() if it.checkout_id == checkout_id})
        confirmed = outcomes.get((checkout_id, "confirm")) == facts.Confirmed.TYPE
        in_cart = Counter(dict.fromkeys(PRODUCTS[:2], 0))
        for it in cart:
            in_cart[it.product_id] += it.quantity
        del in_cart[PRODUCTS[2]]
        assert +bought == (+in_cart if confirmed else Counter())


@given(carts, events)
@settings(max_examples=100, deadline=None)
def test_replaying_the_facts_gives_the_same_state(
    wants: tuple[list[Wanted], ...], actions: list[tuple[str, UUID, int]]
) -> None:
    shop, cart_of = Shop(), dict(zip(CHECKOUTS, wants, strict=True))
    for action, checkout_id, minutes in actions:
        shop.do(action, checkout_id, cart_of[checkout_id], minutes)
    for product_id, stock in shop.stocks.items():
        replayed = Stock.empty(stock_id(product_id))
        for fact in shop.log:
            if fact.originator_id == replayed.id:
                fact.mutate(replayed)
        assert (replayed.version, replayed.on_hand, replayed.holds) == (
            stock.version,
            stock.on_hand,
            stock.holds,
        )
