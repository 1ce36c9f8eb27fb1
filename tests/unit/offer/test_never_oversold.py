"""Whatever is asked, in whatever order and however often: no more is sold than there is."""

from collections import Counter
from collections.abc import Sequence
from datetime import datetime, timedelta
from uuid import UUID

from hypothesis import example, given, settings
from hypothesis import strategies as some

from contracts import reservation as facts
from contracts import stock as stock_facts
from contracts.envelope import Fact, Reply
from contracts.offer import Wanted
from offer.domain.reply_to import ReplyTo
from offer.domain.reservation import Reservation, reservation_id
from offer.domain.stock import Stock, stock_id
from tests.support.scenario import NOW
from tests.unit.offer.examples import HOLD_FOR, named, units

PRODUCTS = tuple(named(f"product {it}") for it in range(3))
CHECKOUTS = tuple(named(f"checkout {it}") for it in range(3))
ON_HAND = 6

fought_over = some.sampled_from((PRODUCTS[0], *PRODUCTS))
wanted = some.lists(
    some.builds(units, fought_over, some.sampled_from((1, 3, ON_HAND))), min_size=1, max_size=3
)
carts = some.tuples(*(wanted for _ in CHECKOUTS))
act = some.sampled_from(("reserve", "reserve", "confirm", "confirm", "release", "timer"))
minutes = some.sampled_from((0, 0, 0, 1, 31, -31))
"""Until then; a clock may be set back, and a transaction bears the time of its beginning."""
events = some.lists(some.tuples(act, some.sampled_from(CHECKOUTS), minutes), min_size=10, max_size=30)


class Shop:
    """Two products that are counted and one that is not, and three checkouts that want them."""

    def __init__(self) -> None:
        self.now: datetime = NOW
        self.stocks = {it: Stock.empty(stock_id(it)) for it in PRODUCTS}
        self.reservations = {it: Reservation.empty(reservation_id(it)) for it in CHECKOUTS}
        self.log: list[Fact] = []
        for product_id in PRODUCTS[:2]:
            self.stocks[product_id].count(product_id, ON_HAND, allow_backorders=False)
        self._collect()

    def do(self, what: str, checkout_id: UUID, cart: Sequence[Wanted], minutes: int) -> list[Fact]:
        self.now += timedelta(minutes=minutes)
        reservation, by = self.reservations[checkout_id], ReplyTo(checkout_id=checkout_id, step=what)
        match what:
            case "reserve":
                reservation.make(by, cart, self.stocks, self.now, self.now + HOLD_FOR)
            case "confirm":
                reservation.confirm(by, cart, self.stocks, self.now)
            case "release":
                reservation.release(by, self.stocks)
            case "timer":
                reservation.expire(self.stocks, self.now)
        return self._collect()

    def _collect(self) -> list[Fact]:
        changed = [*self.stocks.values(), *self.reservations.values()]
        new = [it for one in changed for it in one.collect_events() if isinstance(it, Fact)]
        self.log += new
        return new

    def sales(self) -> list[stock_facts.Confirmed]:
        return [it for it in self.log if isinstance(it, stock_facts.Confirmed)]

    def sold(self, product_id: UUID) -> int:
        return sum(it.quantity for it in self.sales() if it.product_id == product_id)


ALL_OF_IT = [units(PRODUCTS[0], ON_HAND)]
CLOCK_IS_SET_BACK = [
    ("reserve", CHECKOUTS[0], 0),
    ("reserve", CHECKOUTS[1], 31),
    ("confirm", CHECKOUTS[0], -31),
    ("confirm", CHECKOUTS[1], 0),
]


@given(carts, events)
@settings(max_examples=300, deadline=None)
def test_no_more_is_promised_or_sold_than_there_is(
    wants: tuple[list[Wanted], ...], happening: list[tuple[str, UUID, int]]
) -> None:
    shop, cart_of = Shop(), dict(zip(CHECKOUTS, wants, strict=True))
    for what, checkout_id, minutes in happening:
        shop.do(what, checkout_id, cart_of[checkout_id], minutes)
        for product_id in PRODUCTS[:2]:
            stock = shop.stocks[product_id]
            assert stock.on_hand == ON_HAND - shop.sold(product_id)
            assert 0 <= stock.reserved(shop.now) <= stock.on_hand


@given(carts, events)
@example((ALL_OF_IT, ALL_OF_IT, ALL_OF_IT), CLOCK_IS_SET_BACK)
@settings(max_examples=300, deadline=None)
def test_every_command_is_answered_once_and_every_checkout_buys_all_of_its_cart_or_nothing(
    wants: tuple[list[Wanted], ...], happening: list[tuple[str, UUID, int]]
) -> None:
    shop, cart_of = Shop(), dict(zip(CHECKOUTS, wants, strict=True))
    outcomes: dict[tuple[UUID, str], str] = {}
    for what, checkout_id, minutes in happening:
        new = shop.do(what, checkout_id, cart_of[checkout_id], minutes)
        answers = [it for it in new if isinstance(it, Reply)]
        assert [(it.process_id, it.step) for it in answers] == (
            [(checkout_id, what)] if what != "timer" else []
        )
        for answer in answers:
            assert outcomes.setdefault((checkout_id, what), answer.TYPE) == answer.TYPE
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
def test_the_facts_alone_make_the_same_state_again(
    wants: tuple[list[Wanted], ...], happening: list[tuple[str, UUID, int]]
) -> None:
    shop, cart_of = Shop(), dict(zip(CHECKOUTS, wants, strict=True))
    for what, checkout_id, minutes in happening:
        shop.do(what, checkout_id, cart_of[checkout_id], minutes)
    for product_id, stock in shop.stocks.items():
        again = Stock.empty(stock_id(product_id))
        for fact in shop.log:
            if fact.originator_id == again.id:
                fact.mutate(again)
        assert (again.version, again.on_hand, again.holds) == (stock.version, stock.on_hand, stock.holds)
