"""Hold one use of each promotion for a checkout, of all or of none."""

from contracts.offer import ReservePromotions
from kernel.unit_of_work import UnitOfWork
from offer.inventory.domain.reply_to import reply_to
from offer.inventory.domain.reservation import Reservation, reservation_id
from offer.promotions.domain.promotion import Promotion
from offer.promotions.domain.redemption import Redemption, redemption_id


async def reserve_promotions(command: ReservePromotions, work: UnitOfWork) -> None:
    """No reply if the checkout's stock has been refused: it is about to compensate, and must not hold uses
    that others could have."""
    reservation = await work.open(Reservation, reservation_id(command.process_id))
    if reservation.refused:
        return
    redemption = await work.open(Redemption, redemption_id(command.process_id))
    promotions = await work.open_many(Promotion, command.promotion_ids)
    redemption.reserve(reply_to(command), command.promotion_ids, command.customer_id, promotions, work.now)
