"""While the dashboard is open: play the rest of the data set's published sample.

By the same way as all purchases, one cart and one checkout each: there is no import of orders.
"""

from collections.abc import Mapping, Sequence

from rich.console import Console

from cli.errors import StackError
from demo import analysis, figures, purchase_replay
from demo.dataset import Purchase, orders_by_day
from demo.figures import poll_until
from demo.progress_bar import ProgressBar
from demo.run import TENANT
from demo.shopping.api import Api, Refusal, client
from demo.shopping.shop import Shop


async def play_rest(
    urls: Mapping[str, str],
    before: Sequence[Purchase],
    rest: Sequence[Purchase],
    parallel: int,
    console: Console,
) -> None:
    """Afterwards the read models have ``before`` and ``rest``, and the models have been run over both. What
    goes wrong is printed: the dashboard stays open."""
    if not rest:
        return
    console.print(
        f"\nThe other {len(rest):,} purchases of the sample follow: the dashboard fills while you look."
    )
    try:
        async with client() as http:
            lost = await _play(Api(http, urls, TENANT), before, rest, parallel, console)
    except (StackError, Refusal, TimeoutError) as failure:
        console.print(f"✗ The rest of the sample was not played: {failure}", style="red")
        return
    for problem in lost[:3]:
        console.print(f"✗ A purchase failed: {problem}", style="red")
    console.print(f"The dashboard has {len(before) + len(rest) - len(lost):,} purchases, and their forecast.")


async def _play(
    api: Api, before: Sequence[Purchase], rest: Sequence[Purchase], parallel: int, console: Console
) -> Sequence[str]:
    """The purchases that were not completed, each as a text."""
    shop, everything = Shop(api), (*before, *rest)
    values = len({it.cents for it in rest})
    with ProgressBar(console, "products", values).running() as meter:
        catalogue = await purchase_replay.extend_catalogue(shop, before, rest, parallel, meter.tick)
    with ProgressBar(console, "purchases", len(rest)).running() as meter:
        lost = await purchase_replay.replay_purchases(shop, rest, catalogue, parallel, meter.tick)
    first, last = min(it.day for it in everything), max(it.day for it in everything)
    expected = orders_by_day(everything).total() - len(lost)
    await poll_until(
        lambda: figures.conversion(api, first, last),
        lambda days: sum(it.completed for it in days.values()) == expected,
    )
    await analysis.read_forecast(api, "sample-models")
    return lost
