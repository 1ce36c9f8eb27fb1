"""Rules for the demo's data: it is the CDNOW data set, nothing more and nothing less."""

import hashlib
from datetime import date

from demo import dataset
from demo.dataset import Purchase

ORIGINAL_SHA256 = "eff6889ed364c5199d6eacbbeb7a6d559971df4406ac876f322c373f00a072ef"
HEADING = " customer_id  date number_of_cds  dollar_value"


def as_in_the_original(it: Purchase) -> str:
    dollars, cents = divmod(it.cents, 100)
    return f" {it.customer_id} {it.day:%Y%m%d} {it.cds:2} {dollars:4}.{cents:02}"


def test_the_original_can_be_written_back_byte_for_byte() -> None:
    lines = [HEADING, *map(as_in_the_original, dataset.read())]
    original = "".join(f"{line}\r\n" for line in lines).encode("ascii")
    assert hashlib.sha256(original).hexdigest() == ORIGINAL_SHA256


def test_the_compact_copy_has_the_original_s_figures() -> None:
    purchases = dataset.read()
    assert len(purchases) == 69_659
    assert dataset.revenue(purchases) == 250_031_563
    assert sum(it.cds for it in purchases) == 167_881
    assert sum(1 for it in purchases if it.cents == 0) == 80
    assert len({it.customer_id for it in purchases}) == 23_570


def test_a_part_has_customers_of_the_whole_quarter_each_with_all_purchases() -> None:
    everything, part = dataset.read(), dataset.spread(2_000)
    first_days: dict[str, date] = {}
    for it in part:
        first_days.setdefault(it.customer_id, it.day)
    assert {it.month for it in first_days.values()} == {1, 2, 3}
    whole = first_days.keys() - {part[-1].customer_id}
    assert [it for it in everything if it.customer_id in whole] == sorted(
        (it for it in part if it.customer_id in whole), key=lambda it: it.line
    )


def test_the_published_sample_comes_first_and_then_all_others() -> None:
    everything = dataset.spread()
    assert len(everything) == len({it.line for it in everything}) == 69_659
    sample = everything[: dataset.SAMPLE_PURCHASES]
    customers = {it.customer_id for it in sample}
    assert len(customers) == 2_357
    assert customers.isdisjoint(it.customer_id for it in everything[dataset.SAMPLE_PURCHASES :])
    assert dataset.revenue(sample) == 24_409_194


def test_days_and_values_add_up_to_the_whole() -> None:
    purchases = dataset.spread(2_000)
    assert dataset.revenue_by_day(purchases).total() == dataset.revenue(purchases) == 6_815_067
    assert dataset.orders_by_day(purchases).total() == 2_000
    assert sum(cents * times for cents, times in dataset.orders_by_value(purchases).items()) == 6_815_067


def test_the_copy_stays_small() -> None:
    assert dataset.FILE.stat().st_size < 400_000
