"""Each check finds the violations planted against it, and no work in progress."""

from pathlib import Path

import pytest

from tests.end_to_end.verify.conftest import broken, changed, copied
from tests.end_to_end.verify.in_flight import CASES, Case
from tests.end_to_end.verify.plants import LOG, SAGAS, STOCK, Plant
from tests.end_to_end.verify.plants_of_handing_over import HANDING_OVER
from tests.end_to_end.verify.plants_of_money import MONEY
from tests.end_to_end.verify.plants_of_sales import SALES
from verify.dataset.dataset import Dataset
from verify.report import IN_FLIGHT, counts
from verify.run import CHECKS

PLANTS = (*LOG, *MONEY, *SALES, *STOCK, *SAGAS, *HANDING_OVER)


def test_an_unchanged_dataset_has_no_violations(gathered: Dataset, tmp_path: Path) -> None:
    with copied(gathered, tmp_path / "copy") as found:
        assert broken(found) == {}
        assert found.number(
            "SELECT count(*) FROM snapshot JOIN log USING (message_id) WHERE type LIKE 'stock.%'"
        )


@pytest.mark.parametrize("planted", PLANTS, ids=lambda it: it.what)
def test_a_planted_violation_is_found_by_its_checks(
    gathered: Dataset, planted: Plant, tmp_path: Path
) -> None:
    with copied(gathered, tmp_path / "copy") as found:
        found.sql.execute("DELETE FROM snapshot")  # that of a planted fact's stream would be a violation, too
        assert changed(found.sql, planted.sql)
        assert broken(found).keys() == planted.caught_by


def test_every_check_has_a_plant() -> None:
    assert {it.name for it in CHECKS} == set().union(*(it.caught_by for it in PLANTS))


@pytest.mark.parametrize("case", CASES, ids=lambda it: it.what)
def test_work_in_flight_is_no_violation(gathered: Dataset, case: Case, tmp_path: Path) -> None:
    with copied(gathered, tmp_path / "copy") as found:
        assert changed(found.sql, case.sql)
        assert broken(found) == {}
        if case.counted:
            assert counts(found, IN_FLIGHT)[case.counted]
