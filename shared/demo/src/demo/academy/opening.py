"""Open the academy: a shop for courses, with an offer and all that makes people buy it."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, NamedTuple

from demo.shopping.api import Api
from demo.shopping.desk import Desk
from demo.shopping.shop import CURRENCY

SLUG = "data-path"
BASE, LOWER = 6_900, 6_500
"""The prices of the offer in the two variants of its experiment."""
BUDGET = 100_000
REFERRER_PERCENT = 5
"""Of what a referee pays for a first order."""
SEATS = 12
"""So many seats that a team has the lowest tier of the licence, and the promotion for large teams."""


class Products(NamedTuple):
    """Their ids."""

    python: str
    sql: str
    path: str
    team: str
    certificate: str
    library: str
    workbook: str
    coaching: str


class Promotions(NamedTuple):
    """Their ids."""

    welcome: str
    third_book: str
    large_team: str


@dataclass(frozen=True, slots=True)
class Academy:
    """``coaching`` is proposed beside the offer, and ``chat`` to those who decline it."""

    products: Products
    promotions: Promotions
    offer_id: str
    coaching: str
    chat: str
    experiment_id: str
    campaign_id: str
    program_id: str


WELCOME, THIRD_BOOK = "WELCOME5", "THIRDBOOK"
BOOKS = {"selector": {"categories": ["books"]}}
PROMOTIONS: Mapping[str, dict[str, Any]] = {
    "welcome": {"code": WELCOME, "kind": "percentage", "value": 5},
    "third_book": {
        "code": THIRD_BOOK,
        "kind": "buy_x_get_y",
        "value": 100,
        "rule": {"buy": {**BOOKS, "quantity": 2}, "get": {**BOOKS, "quantity": 1}},
    },
    "large_team": {
        "name": "Large teams",
        "kind": "volume",
        "rule": {"basis": "quantity", "tiers": [{"from": 10, "percent": 5}]},
        "conditions": {"categories": ["seats"]},
    },
}


async def open_academy(api: Api) -> Academy:
    desk = Desk(api)
    products = await _fill_shelves(desk)
    made = {name: await desk.make("promotions", name, terms) for name, terms in PROMOTIONS.items()}
    promotions = Promotions(**made)
    offer = {
        "slug": SLUG,
        "name": "From Python to SQL",
        "type": "bundle",
        "products": [{"product_id": products.path}],
        "price": {"base": {"amount": BASE, "currency": CURRENCY}},
        "automatic_promotions": [WELCOME],
    }
    offer_id = await desk.make("offers", "offer", offer)
    path = f"offers/{offer_id}"
    bump = {"product_id": products.workbook, "name": "Workbook", "auto_add": True, "discount": _percent(50)}
    await desk.make(f"{path}/order-bumps", "workbook", bump)
    help_wanted = {"product_id": products.coaching, "name": "Coaching", "discount": _percent(10)}
    await desk.make(f"{path}/order-bumps", "coaching-bump", help_wanted)
    coaching = await desk.make(f"{path}/upsells", "coaching", {**help_wanted, "type": "upsell"})
    by_chat = {**help_wanted, "type": "downsell", "name": "Coaching by chat", "discount": _percent(50)}
    chat = await desk.make(f"{path}/upsells", "chat", by_chat)
    second_chance = {"name": "Second chance", "type": "downsell", "trigger": "decline", "position": 1}
    step = {**second_chance, "after": coaching, "upsell_id": chat}
    await desk.make(f"{path}/funnel-steps", "step", step)
    await desk.act(path, "publish")
    variants = [
        {"name": "control", "weight": 50},
        {"name": "lower price", "weight": 50, "changes": {"price": {"base": LOWER}}},
    ]
    experiments = f"{path}/experiments"
    experiment_id = await desk.make(
        experiments, "experiment", {"name": "A lower price", "variants": variants}
    )
    await desk.act(f"{experiments}/{experiment_id}", "start")
    campaign = {
        "name": "Opening week",
        "budget": {"amount": BUDGET, "currency": CURRENCY},
        "change": _percent(10),
        "offer_ids": [offer_id],
    }
    campaign_id = await desk.make("campaigns", "campaign", campaign)
    await desk.act(f"campaigns/{campaign_id}", "activate")
    program_id = await desk.make("referral/programs", "program", {"name": "Bring a friend"})
    await desk.act(f"referral/programs/{program_id}", "activate")
    rule = {
        "program_id": program_id,
        "trigger": "first_order_paid",
        "referee_reward": _percent(10),
        "referrer_reward": _percent(REFERRER_PERCENT),
        "limits": {"per_referrer": 5},
    }
    await desk.make("referral/rules", "rule", rule)
    return Academy(products, promotions, offer_id, coaching, chat, experiment_id, campaign_id, program_id)


async def _fill_shelves(desk: Desk) -> Products:
    python = await desk.put_on_sale("PYTHON", "Python", 4_900, type="course", enrollment_limit=30)
    sql = await desk.put_on_sale("SQL", "SQL", 3_900, type="course")
    return Products(
        python=python,
        sql=sql,
        path=await desk.put_on_sale("PATH", "Python and SQL", 7_500, type="bundle", course_ids=[python, sql]),
        team=await desk.put_on_sale(
            *("TEAM", "A seat in the team's licence", 2_900),
            type="team_license",
            category="seats",
            min_users=2,
            max_users=50,
            pricing_model="tiered",
            tiers=[_tier(5, 2_500), _tier(10, 2_000)],
        ),
        certificate=await desk.put_on_sale(
            "CERT", "Certified analyst", 12_000, type="certification", prerequisites=[sql]
        ),
        library=await desk.put_on_sale("LIBRARY", "The library for a month", 1_500, type="subscription"),
        workbook=await desk.put_on_sale(
            "WORKBOOK", "Workbook", 1_200, type="digital_product", category="books"
        ),
        coaching=await desk.put_on_sale("COACHING", "An hour of coaching", 6_000, type="service"),
    )


def _percent(value: int) -> dict[str, Any]:
    return {"type": "percentage", "value": value}


def _tier(min_quantity: int, cents: int) -> dict[str, Any]:
    return {"min_quantity": min_quantity, "currency": CURRENCY, "amount": cents}
