"""Redeem the uses of promotions that a checkout holds."""

from contracts.offer import RedeemPromotions
from kernel.unit_of_work import UnitOfWork
from offer.inventory.domain.reply_to import reply_to
from offer.promotions.domain.promotion import Promotion
from offer.promotions.domain.redemption import Redemption, redemption_id


async def redeem_promotions(command: RedeemPromotions, work: UnitOfWork) -> None:
    redemption = await work.open(Redemption, redemption_id(command.process_id))
    redemption.redeem(reply_to(command), await work.open_many(Promotion, redemption.held))
