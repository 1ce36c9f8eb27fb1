"""What carts and orders say of experiments and upsells: exposures, conversions and proposals, by batches."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import NamedTuple
from uuid import UUID

from contracts import cart, order
from contracts.envelope import Fact
from contracts.sale import Exposure as Seen
from contracts.sale import SaleLine
from kernel import ids
from kernel.context import Context
from kernel.domain import Aggregate
from kernel.messaging.inbound import InboundMessage
from kernel.store.pg_unit_of_work import PgUnitOfWork
from kernel.store.writing import Connection, columns
from offer.customers.projection import GROUP
from offer.experiments.domain.exposure import Exposure, ProposedUpsell

INSERT_UNPAID = """
    INSERT INTO unpaid_exposures SELECT * FROM unnest($1::text[], $2::uuid[], $3::uuid[])
    ON CONFLICT DO NOTHING
"""
TAKE_UNPAID = """
    DELETE FROM unpaid_exposures u USING unnest($1::text[], $2::uuid[]) AS ended (tenant, order_id)
    WHERE (u.tenant, u.order_id) = (ended.tenant, ended.order_id)
    RETURNING u.tenant, u.order_id, u.exposure_id
"""
KINDS: tuple[type[Fact], ...] = (
    cart.ItemAdded,
    cart.UpsellsOffered,
    order.Created,
    order.Paid,
    order.Cancelled,
)


class OrderKey(NamedTuple):
    tenant: str
    order_id: UUID


class ShoppersOfExperiments:
    """A batch costs one look-up for all its streams and orders, however many there are."""

    scope = f"{GROUP}.experiments"
    types = frozenset(kind.TYPE for kind in KINDS)

    async def handle(
        self, batch: Sequence[InboundMessage], work: PgUnitOfWork, connection: Connection
    ) -> None:
        facts = [(message, message.fact()) for message in batch]
        sold = await _exposures_of_orders(facts, connection)
        await work.preload_for(
            (message.context(), list(_streams(fact, sold.get(OrderKey(message.tenant, fact.originator_id)))))
            for message, fact in facts
        )
        for message, fact in facts:
            exposures = sold.get(OrderKey(message.tenant, fact.originator_id), ())
            await _record(fact, exposures, message.context(), work)


async def _record(fact: Fact, exposures: Iterable[UUID], context: Context, work: PgUnitOfWork) -> None:
    work.switch_context(context)
    match fact:
        case cart.ItemAdded(experiment=Seen() as seen, offer_id=UUID() as offer_id):
            await _show(seen, offer_id, work)
        case cart.UpsellsOffered(upsells=upsells):
            for it in upsells:
                stream = proposal_id(it.upsell_id, fact.originator_id)
                proposed = await work.open(ProposedUpsell, stream)
                proposed.trigger(it.offer_id, it.upsell_id, fact.originator_id)
        case order.Created(sale=sale):
            for line in sale.lines:
                if line.experiment is not None and line.offer_id is not None:
                    await _show(line.experiment, line.offer_id, work)
            if fact.payment_id is None:
                await _convert(exposures, fact.originator_id, work)
        case order.Paid():
            await _convert(exposures, fact.originator_id, work)


async def _show(seen: Seen, offer_id: UUID, work: PgUnitOfWork) -> None:
    """The exposure, if no storefront has asked for the offer with the session."""
    exposure = await work.open(Exposure, seen.exposure_id)
    exposure.show(offer_id, seen.experiment_id, seen.variant_id, None)


async def _convert(exposures: Iterable[UUID], order_id: UUID, work: PgUnitOfWork) -> None:
    for exposure in (await work.open_many(Exposure, exposures)).values():
        exposure.convert(order_id)


def proposal_id(upsell_id: UUID, cart_id: UUID) -> UUID:
    return ids.derive_id(upsell_id, str(cart_id))


def _streams(fact: Fact, exposures: Iterable[UUID] | None) -> Iterable[tuple[type[Aggregate], UUID]]:
    match fact:
        case cart.ItemAdded(experiment=Seen(exposure_id=exposure_id)):
            yield Exposure, exposure_id
        case cart.UpsellsOffered(upsells=upsells):
            yield from ((ProposedUpsell, proposal_id(it.upsell_id, fact.originator_id)) for it in upsells)
        case order.Created(sale=sale):
            yield from ((Exposure, it) for it in _seen_in(sale.lines))
        case _:
            yield from ((Exposure, it) for it in exposures or ())


def _seen_in(lines: Iterable[SaleLine]) -> list[UUID]:
    return sorted({it.experiment.exposure_id for it in lines if it.experiment is not None})


# failpoint: none needed (consumer-batch), 2 calls
async def _exposures_of_orders(
    facts: Iterable[tuple[InboundMessage, Fact]], connection: Connection
) -> dict[OrderKey, list[UUID]]:
    """Those of the orders of the batch that are paid by it; the others' are kept until they are."""
    unpaid: set[tuple[str, UUID, UUID]] = set()
    ended: set[OrderKey] = set()
    free: dict[OrderKey, list[UUID]] = {}
    for message, fact in facts:
        key = OrderKey(message.tenant, fact.originator_id)
        match fact:
            case order.Created(sale=sale, payment_id=None):
                free[key] = _seen_in(sale.lines)
            case order.Created(sale=sale):
                unpaid |= {(*key, it) for it in _seen_in(sale.lines)}
            case order.Paid() | order.Cancelled():
                ended.add(key)
    if unpaid:
        await connection.execute(INSERT_UNPAID, *columns(sorted(unpaid)))
    rows = await connection.fetch(TAKE_UNPAID, *columns(sorted(ended))) if ended else []
    for row in rows:
        free.setdefault(OrderKey(row["tenant"], row["order_id"]), []).append(row["exposure_id"])
    return {key: sorted(exposures) for key, exposures in free.items()}
