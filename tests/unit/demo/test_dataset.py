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


def test_the_first_lines_come_first() -> None:
    first, *_, last = dataset.read(2_000)
    assert first == Purchase(1, "00001", date(1997, 1, 1), cds=1, cents=1177)
    assert last == Purchase(2_000, "00586", date(1997, 8, 24), cds=5, cents=6525)


def test_days_and_values_add_up_to_the_whole() -> None:
    purchases = dataset.read(2_000)
    assert dataset.revenue_by_day(purchases).total() == dataset.revenue(purchases) == 7_427_401
    assert dataset.orders_by_day(purchases).total() == 2_000
    assert sum(cents * times for cents, times in dataset.orders_by_value(purchases).items()) == 7_427_401


def test_the_copy_stays_small() -> None:
    assert dataset.FILE.stat().st_size < 400_000
