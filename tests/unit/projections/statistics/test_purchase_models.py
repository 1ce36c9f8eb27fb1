"""The models of purchases give the figures that the literature publishes for CDNOW."""

from __future__ import annotations

import numpy as np
import pytest
from pytest import approx

from projections.statistics import bg_nbd, gamma_gamma, mbg_nbd
from projections.statistics.bg_nbd import BgNbd
from projections.statistics.fitting import NotFitted
from projections.statistics.gamma_gamma import GammaGamma
from projections.statistics.lifetime_value import lifetime_value
from projections.statistics.mbg_nbd import MbgNbd
from projections.statistics.order_days import Distinct, Histories, distinct, histories
from projections.statistics.ranking import auc, deciles, ranked
from tests.unit.projections.statistics import cdnow

FIRST_TEN = (4, 21, 50, 71, 86, 111, 112, 113, 114, 131)
"""The first ten of the sample's file that has ordered them by their first order."""
NINETY_DAYS = 90 / 7


@pytest.fixture(scope="module")
def known() -> Histories:
    return cdnow.calibration(cdnow.sample())


@pytest.fixture(scope="module")
def bg(known: Histories) -> BgNbd:
    return bg_nbd.fit(distinct(known))[0]


@pytest.fixture(scope="module")
def spending(known: Histories) -> GammaGamma:
    return gamma_gamma.fit(known, unit=100)[0]


def test_bg_nbd_has_the_published_parameters(known: Histories) -> None:
    # Fader, Hardie and Lee 2005, and the further digits of the tests of the R package CLVTools
    model, log_likelihood = bg_nbd.fit(distinct(known))

    assert (len(known.x), int(known.is_repeater.sum())) == (2_357, 946)
    expected = (0.2425945, 4.4136019, 0.7929199, 2.4258881)
    assert tuple(model.parameters.values()) == approx(expected, abs=2e-5)
    assert log_likelihood == approx(-9_582.429, abs=0.001)


def test_bg_nbd_of_the_whole_set_gives_the_same_parameters_grouped_and_not() -> None:
    known = cdnow.calibration(cdnow.master())
    grouped = distinct(known)
    model, log_likelihood = bg_nbd.fit(grouped)

    assert (len(known.x), len(grouped.x)) == (23_570, 8_685)
    assert tuple(model.parameters.values()) == approx((0.2516, 4.7889, 0.7234, 2.1611), abs=1e-4)
    assert log_likelihood == approx(-95_368.444, abs=0.001)
    counts, count_of = np.unique(known.x, return_inverse=True)
    single = Distinct(known.x, known.t_x, known.age, np.ones(len(known.x)), counts, count_of)
    parameters = np.array(list(model.parameters.values()))
    assert bg_nbd.log_likelihood(parameters, single).sum() == approx(log_likelihood, abs=1e-6)
    holdout = cdnow.orders_after(cdnow.master(), known)
    expected = model.expected_orders(known.x, known.t_x, known.age, cdnow.HOLDOUT_WEEKS)
    assert (round(expected.sum()), holdout.sum()) == (16_874, 19_684)


def test_bg_nbd_expects_the_orders_of_the_papers_example(bg: BgNbd) -> None:
    # Hardie's sheet: the customer with x = 2, t_x = 30.43, T = 38.86 is expected to order 1.226 times in
    # 39 weeks
    assert bg.expected_orders(2, 30.43, 38.86, 39.0) == approx(1.226, abs=0.0005)


def test_bg_nbd_expects_1653_of_1882_orders_of_the_holdout(bg: BgNbd, known: Histories) -> None:
    actual = cdnow.orders_after(cdnow.sample(), known)
    expected = bg.expected_orders(known.x, known.t_x, known.age, cdnow.HOLDOUT_WEEKS)

    assert (round(expected.sum()), actual.sum()) == (1_653, 1_882)
    once, often = known.x == 0, known.x >= 6
    assert (expected[once].mean(), actual[once].mean()) == approx((0.225, 0.237), abs=0.0005)
    assert (expected[often].mean(), actual[often].mean()) == approx((5.33, 5.58), abs=0.005)


def test_gamma_gamma_has_the_published_parameters(known: Histories) -> None:
    # Fader and Hardie 2013: 6.25, 3.74, 15.44
    model, log_likelihood = gamma_gamma.fit(known, unit=100)

    assert (model.p, model.q, model.gamma / 100) == approx((6.250, 3.744, 15.444), abs=0.001)
    assert log_likelihood == approx(-4_055.9177, abs=0.0001)


def test_gamma_gamma_of_the_whole_set_leaves_out_the_customer_who_never_paid() -> None:
    known = cdnow.calibration(cdnow.master())
    model, log_likelihood = gamma_gamma.fit(known, unit=100)

    assert int((known.is_repeater & (known.mean_value > 0)).sum()) == 9_450
    assert int((known.is_repeater & (known.mean_value == 0)).sum()) == 1
    assert (model.p, model.q, model.gamma / 100) == approx((6.275, 3.624, 14.984), abs=0.001)
    assert log_likelihood == approx(-40_763.4763, abs=0.0001)


def test_gamma_gamma_expects_the_published_values_of_orders(known: Histories, spending: GammaGamma) -> None:
    means = spending.mean(known.x, known.mean_value)[_positions(FIRST_TEN)] / 100

    expected = (24.65, 18.91, 35.17, 35.17, 35.17, 71.46, 18.91, 35.17, 27.28, 35.17)
    assert tuple(means) == approx(expected, abs=0.01)


def test_the_value_of_twelve_months_agrees_with_the_library_lifetimes(
    bg: BgNbd, spending: GammaGamma, known: Histories
) -> None:
    # lifetimes 0.11.3, which fits to fewer digits: sum 71,510
    value = lifetime_value(bg, spending, known, weeks_a_month=4.345) / 100

    expected = (36.27, 4.64, 8.34, 8.34, 8.34, 283.56, 6.88, 8.34, 43.36, 8.34)
    assert tuple(value[_positions(FIRST_TEN)]) == approx(expected, abs=0.005)
    assert value.sum() == approx(71_508, abs=0.5)


def test_a_value_without_discount_is_the_expected_orders_times_their_expected_value(
    bg: BgNbd, spending: GammaGamma, known: Histories
) -> None:
    value = lifetime_value(bg, spending, known, months=9, discount=0, weeks_a_month=39 / 9)

    orders = bg.expected_orders(known.x, known.t_x, known.age, 39.0)
    assert value == approx(orders * spending.mean(known.x, known.mean_value))
    actual = cdnow.sample().after(cdnow.CALIBRATED_TO, cdnow.LAST_DAY).value.sum()
    assert (round(value.sum() / 100), round(actual / 100)) == (59_932, 70_976)


def test_mbg_nbd_has_the_published_parameters(known: Histories) -> None:
    # the R package BTYDplus, and lifetimes
    model, log_likelihood = mbg_nbd.fit(distinct(known))

    assert tuple(model.parameters.values()) == approx((0.525, 6.183, 0.891, 1.614), abs=0.0005)
    assert log_likelihood == approx(-9_582.136, abs=0.001)


def test_only_mbg_nbd_lets_a_customer_leave_after_the_first_order(bg: BgNbd, known: Histories) -> None:
    mbg, _ = mbg_nbd.fit(distinct(known))
    once = known.x == 0

    assert bg.p_alive(known.x, known.t_x, known.age)[once].min() == 1
    assert mbg.p_alive(known.x, known.t_x, known.age)[once].mean() == approx(0.41, abs=0.005)


def test_probabilities_of_an_order_rank_customers_and_p_alive_does_not(bg: BgNbd, known: Histories) -> None:
    ordered = (cdnow.orders_after(cdnow.sample(), known, cdnow.CALIBRATED_TO + 90) > 0).astype(float)
    probability = bg.probability_of_order(known.x, known.t_x, known.age, NINETY_DAYS)
    alive = bg.p_alive(known.x, known.t_x, known.age)
    later = (cdnow.orders_after(cdnow.sample(), known) > 0).astype(float)

    found = ranked(probability, ordered)
    assert (ordered.mean(), probability.mean()) == approx((0.169, 0.153), abs=0.0005)
    assert (found.auc, found.brier) == approx((0.785, 0.1096), abs=0.0005)
    assert ordered.mean() * (1 - ordered.mean()) == approx(0.1403, abs=0.0001)
    assert deciles(probability, ordered)[-1] == approx((0.582, 0.626), abs=0.0005)
    # worse than a coin: all who ordered once are at 1
    assert auc(alive, later) == approx(0.316, abs=0.0005)


def test_expected_orders_rank_better_than_mbg_nbds_p_alive_and_as_recency_does(
    bg: BgNbd, known: Histories
) -> None:
    mbg, _ = mbg_nbd.fit(distinct(known))
    later = (cdnow.orders_after(cdnow.sample(), known) > 0).astype(float)

    expected = auc(bg.expected_orders(known.x, known.t_x, known.age, cdnow.HOLDOUT_WEEKS), later)
    assert expected == approx(0.7725, abs=0.0001)
    assert auc(mbg.p_alive(known.x, known.t_x, known.age), later) == approx(0.687, abs=0.0005)
    assert auc(known.t_x - known.age, later) == approx(0.771, abs=0.0005)


def test_simulated_customers_order_as_often_as_the_probability_says() -> None:
    # 60,000 customers with the parameters of CDNOW: predicted .061 .131 .222 .309 .373 for x = 0 ... 4
    model, random, count = BgNbd(0.2426, 4.4136, 0.7929, 2.4259), np.random.default_rng(7), 60_000
    end, weeks = 39.0, NINETY_DAYS
    rate, leaves = random.gamma(model.r, 1 / model.alpha, count), random.beta(model.a, model.b, count)
    x, t_x, now, later = np.zeros(count, int), np.zeros(count), np.zeros(count), np.zeros(count, bool)
    active = np.arange(count)
    while len(active):
        now[active] += random.exponential(1 / rate[active])
        ordered = active[now[active] <= end]
        x[ordered] += 1
        t_x[ordered] = now[ordered]
        later[active[(now[active] > end) & (now[active] <= end + weeks)]] = True
        active = ordered[random.random(len(ordered)) >= leaves[ordered]]

    probability = model.probability_of_order(x, t_x, np.full(count, end), weeks)

    predicted = [probability[x == it].mean() for it in range(5)]
    simulated = [later[x == it].mean() for it in range(5)]
    assert predicted == approx([0.061, 0.131, 0.222, 0.309, 0.373], abs=0.0005)
    assert simulated == approx([0.060, 0.129, 0.227, 0.308, 0.371], abs=0.0005)


@pytest.mark.parametrize("x", [0, 1, 300, 5_000, 100_000])
def test_a_customer_with_very_many_orders_overflows_nothing(bg: BgNbd, x: int) -> None:
    mbg = MbgNbd(0.525, 6.183, 0.891, 1.614)
    with np.errstate(all="raise", under="ignore"):
        for model in (bg, mbg):
            alive = model.p_alive([x, x], [38.0, 38.9], [39.0, 39.0])
            orders = model.expected_orders([x, x], [38.0, 38.9], [39.0, 39.0], 39.0)
            assert ((alive >= 0) & (alive <= 1)).all()
            assert (np.isfinite(orders) & (orders >= 0)).all()
        probability = bg.probability_of_order([x], [38.9], [39.0], NINETY_DAYS)
    assert 0 <= probability[0] <= 1


def test_the_value_of_one_who_ordered_on_the_last_day_is_not_negative(
    bg: BgNbd, spending: GammaGamma
) -> None:
    # t_x = T, as after an order of today: a library gave negative values here
    today = Histories(
        np.array([0, 1]),
        np.array([3, 0]),
        np.array([39.0, 0.0]),
        np.array([39.0, 0.0]),
        np.array([1200.0, 0]),
    )

    assert (lifetime_value(bg, spending, today) > 0).all()


def test_expected_orders_pass_smoothly_through_a_equal_to_one() -> None:
    around = [BgNbd(0.25, 4.4, a, 2.4).expected_orders(2, 30, 39, 39.0) for a in (0.9999, 1.0, 1.0001)]

    assert around[1] == approx((around[0] + around[2]) / 2, rel=1e-4)


def test_customers_who_ordered_once_are_part_of_the_fit(known: Histories) -> None:
    # a library's users left them out, and got other parameters
    kept = known.is_repeater
    repeaters = Histories(
        known.customer[kept], known.x[kept], known.t_x[kept], known.age[kept], known.mean_value[kept]
    )

    assert bg_nbd.fit(distinct(known))[0].r == approx(0.243, abs=0.001)
    assert bg_nbd.fit(distinct(repeaters))[0].r == approx(2.884, abs=0.001)


def test_no_maximum_is_said_instead_of_shown_as_parameters() -> None:
    once = Histories(
        np.arange(50), np.zeros(50, int), np.zeros(50), np.linspace(1, 39, 50).round(), np.zeros(50)
    )

    with pytest.raises(NotFitted):
        bg_nbd.fit(distinct(once))
    with pytest.raises(NotFitted):
        gamma_gamma.fit(once)


def test_a_fit_repeated_gives_the_same_numbers(known: Histories) -> None:
    assert bg_nbd.fit(distinct(known)) == bg_nbd.fit(distinct(known))


def test_several_orders_of_one_day_are_one_and_later_days_are_not_seen() -> None:
    known = cdnow.calibration(cdnow.sample())
    everything = histories(cdnow.sample(), cdnow.LAST_DAY)

    assert known.x.sum() == cdnow.sample().until(cdnow.CALIBRATED_TO).day.size - len(known.x)
    assert everything.x.sum() - known.x.sum() == 1_882


def _positions(ids: tuple[int, ...]) -> list[int]:
    in_order = cdnow.sample_ids()
    return [in_order.index(it) for it in ids]
