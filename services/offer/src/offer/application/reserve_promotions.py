"""Hold one use of each promotion for a checkout, of all or of none."""

from contracts.offer import ReservePromotions
from kernel.work import Work
from offer.domain.asking import asked_by
from offer.domain.promotion import Promotion
from offer.domain.redemption import Redemption, redemption_id


async def reserve_promotions(command: ReservePromotions, work: Work) -> None:
    redemption = await work.open(Redemption, redemption_id(command.checkout_id))
    promotions = await work.open_many(Promotion, command.promotion_ids)
    redemption.make(asked_by(command), command.promotion_ids, command.customer_id, promotions, work.now)
