"""The money ledger: the balances of its accounts, and what they must be once every checkout has ended."""

from collections.abc import Mapping

from rich.table import Table

from demo.figures import dollars
from demo.proof import Check
from demo.shopping.api import Api
from demo.shopping.shop import CURRENCY, GATEWAY

AT_GATEWAY = f"gateway.{GATEWAY}"
HOLDS = f"holds.{GATEWAY}"
CLEARING = "clearing"


async def balances(api: Api) -> dict[str, int]:
    """In cents, by account: debits less credits."""
    rows = await api.items("projections", "/v1/analytics/ledger", "analyst")
    return {it["account"]: it["balance"]["amount"] for it in rows if it["currency"] == CURRENCY}


def checks(revenue: int, found: Mapping[str, int]) -> tuple[Check, ...]:
    """``revenue``: what was paid and not given back, in cents."""
    return (
        Check("money at the gateway, by the ledger", revenue, found.get(AT_GATEWAY, 0)),
        Check("captured, and no order paid by it", 0, found.get(CLEARING, 0)),
        Check("authorized and still held, by the ledger", 0, found.get(HOLDS, 0)),
        Check("the sum of all accounts", 0, sum(found.values())),
    )


def balances_table(title: str, found: Mapping[str, int]) -> Table:
    """The accounts in the order of their names; those that are even are left out."""
    table = Table(title=title, title_justify="left", box=None, pad_edge=False)
    table.add_column("account")
    table.add_column("debit", justify="right")
    table.add_column("credit", justify="right")
    for account, balance in sorted(found.items()):
        if balance:
            sides = (dollars(balance), "") if balance > 0 else ("", dollars(-balance))
            table.add_row(account, *sides)
    return table
