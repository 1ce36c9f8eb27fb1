"""Make final the uses of promotions that a checkout holds."""

from contracts.offer import RedeemPromotions
from kernel.work import Work
from offer.domain.asking import asked_by
from offer.domain.promotion import Promotion
from offer.domain.redemption import Redemption, redemption_id


async def redeem_promotions(command: RedeemPromotions, work: Work) -> None:
    redemption = await work.open(Redemption, redemption_id(command.checkout_id))
    redemption.redeem(asked_by(command), await work.open_many(Promotion, redemption.held))
