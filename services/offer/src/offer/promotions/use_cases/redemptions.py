"""What a checkout does with promotions, by commands: hold one use of each, and redeem or release it.

Each command gets a fact of the redemption as its reply.
"""

from __future__ import annotations

from collections.abc import Mapping

from contracts.envelope import Command
from contracts.offer import RedeemPromotions, ReleasePromotions, ReservePromotions
from kernel.command_routes import CommandRoute, PreloadKeys
from kernel.unit_of_work import UnitOfWork
from offer.inventory.domain.reply_to import reply_to
from offer.inventory.domain.reservation import Reservation, reservation_id
from offer.promotions.domain.promotion import Promotion
from offer.promotions.domain.redemption import Redemption, redemption_id


async def reserve_promotions(command: ReservePromotions, work: UnitOfWork) -> None:
    """Hold one use of each promotion for a checkout, of all or of none.

    No reply if the checkout's stock has been refused: it is about to compensate, and must not hold uses
    that others could have.
    """
    reservation = await work.open(Reservation, reservation_id(command.process_id))
    if reservation.refused:
        return
    redemption = await work.open(Redemption, redemption_id(command.process_id))
    promotions = await work.open_many(Promotion, command.promotion_ids)
    redemption.reserve(reply_to(command), command.promotion_ids, command.customer_id, promotions, work.now)


async def redeem_promotions(command: RedeemPromotions, work: UnitOfWork) -> None:
    """Redeem the uses of promotions that a checkout holds."""
    redemption = await work.open(Redemption, redemption_id(command.process_id))
    redemption.redeem(reply_to(command), await work.open_many(Promotion, redemption.held))


async def release_promotions(command: ReleasePromotions, work: UnitOfWork) -> None:
    """Release the uses of promotions that a checkout holds or has redeemed, if any."""
    redemption = await work.open(Redemption, redemption_id(command.process_id))
    redemption.release(reply_to(command), await work.open_many(Promotion, redemption.held))


def command_routes() -> Mapping[type[Command], CommandRoute]:
    return {
        ReservePromotions: CommandRoute(reserve_promotions, _with_promotions),
        RedeemPromotions: CommandRoute(redeem_promotions, _redemption),
        ReleasePromotions: CommandRoute(release_promotions, _redemption),
    }


def _redemption(command: Command) -> PreloadKeys:
    yield Redemption, redemption_id(command.process_id)


def _with_promotions(command: ReservePromotions) -> PreloadKeys:
    yield Reservation, reservation_id(command.process_id)
    yield from _redemption(command)
    for promotion_id in command.promotion_ids:
        yield Promotion, promotion_id
