"""The commands of the offer service: the handler of each, and the aggregates to preload."""

from collections.abc import Iterable, Mapping
from datetime import timedelta
from functools import partial
from uuid import UUID

from contracts import offer as contract
from contracts.envelope import Command
from kernel.command_routes import CommandRoute, PreloadKeys
from kernel.domain import Aggregate
from offer.catalogue.domain.product import Product
from offer.inventory.domain.reservation import Reservation, reservation_id
from offer.inventory.domain.stock import Stock, stock_id
from offer.inventory.use_cases.confirm_stock import confirm_stock
from offer.inventory.use_cases.release_stock import release_stock
from offer.inventory.use_cases.reserve_stock import reserve_stock
from offer.promotions.domain.promotion import Promotion
from offer.promotions.domain.redemption import Redemption, redemption_id
from offer.promotions.use_cases.redeem_promotions import redeem_promotions
from offer.promotions.use_cases.release_promotions import release_promotions
from offer.promotions.use_cases.reserve_promotions import reserve_promotions
from offer.quotes.domain import PriceCheck, price_check_id
from offer.quotes.use_cases.confirm_price import confirm_price
from offer.tax_rates.domain import TaxRates, tax_rates_id


def command_routes(hold_for: timedelta) -> Mapping[type[Command], CommandRoute]:
    """``hold_for``: time until a reservation of stock expires."""
    return {
        contract.ReserveStock: CommandRoute(partial(reserve_stock, hold_for=hold_for), _stocks),
        contract.ConfirmStock: CommandRoute(confirm_stock, _stocks),
        contract.ReleaseStock: CommandRoute(release_stock, _reservation),
        contract.ReservePromotions: CommandRoute(reserve_promotions, _promotions),
        contract.RedeemPromotions: CommandRoute(redeem_promotions, _redemption),
        contract.ReleasePromotions: CommandRoute(release_promotions, _redemption),
        contract.ConfirmPrice: CommandRoute(confirm_price, _price_check, _tax_rates),
    }


def _reservation(command: Command) -> PreloadKeys:
    yield Reservation, reservation_id(command.process_id)


def _stocks(command: contract.ReserveStock | contract.ConfirmStock) -> PreloadKeys:
    yield from _reservation(command)
    yield from _each(Stock, (stock_id(it.product_id) for it in command.wanted))


def _redemption(command: Command) -> PreloadKeys:
    yield Redemption, redemption_id(command.process_id)


def _promotions(command: contract.ReservePromotions) -> PreloadKeys:
    yield from _reservation(command)
    yield from _redemption(command)
    yield from _each(Promotion, command.promotion_ids)


def _price_check(command: contract.ConfirmPrice) -> PreloadKeys:
    yield PriceCheck, price_check_id(command.process_id)
    yield from _each(Product, (it.product_id for it in command.sale.lines))
    yield from _each(Promotion, (it.promotion_id for it in command.sale.discounts))


def _tax_rates(command: contract.ConfirmPrice, tenant: str) -> PreloadKeys:
    if command.sale.destination:
        yield TaxRates, tax_rates_id(tenant)


def _each(kind: type[Aggregate], ids: Iterable[UUID]) -> PreloadKeys:
    return ((kind, it) for it in ids)
