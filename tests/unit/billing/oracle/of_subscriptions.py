"""Compare periods, stubs, trials, dunning and changes of a random subscription with the oracle."""

from __future__ import annotations

from datetime import date, datetime, timedelta

from billing.changes import Terms, change_of_plan
from billing.dunning import Dunning, calendar_of
from billing.periods import Cycle, Interval, Schedule
from billing.proration import Segment
from billing.starts import start_of, stub_price, trial_end
from billing.units import Unit
from pricing.rounding import Mode
from tests.unit.billing.oracle.cases import Case, Data
from tests.unit.billing.oracle.clocks import (
    Rhythm,
    boundary,
    count,
    days_later,
    earliest,
    floor_to,
    next_month,
    period_of,
    shown,
)
from tests.unit.billing.oracle.exact import part


def compare_subscription(case: Case) -> None:
    terms = case.subscription
    zone, unit, mode = case.zone, terms["unit"], case.mode
    trial = trial_end(terms["start"], terms["trial_days"], Unit(unit), zone)
    assert trial == days_later(floor_to(terms["start"], unit, zone), terms["trial_days"], zone)
    cycle = Cycle(Interval(terms["interval"]), terms["count"])
    start = start_of(trial, Unit(unit), zone, cycle, terms["anchor_day"])
    begin, rhythm = _expected_start(case, trial)
    assert start.schedule.boundary(0) == boundary(rhythm, 0)
    if begin < boundary(rhythm, 0):
        assert start.stub is not None
        whole = count(boundary(rhythm, -1), boundary(rhythm, 0), unit, zone)
        units = count(begin, boundary(rhythm, 0), unit, zone)
        price = stub_price(terms["price"], start.stub, start.schedule, Unit(unit), Mode(mode))
        assert price == part(terms["price"], units, whole, mode) <= terms["price"]
    else:
        assert start.stub is None
    for index in terms["boundaries"]:
        period = start.schedule.period(index + 1)
        assert (period.start, period.end) == (boundary(rhythm, index), boundary(rhythm, index + 1))
        assert start.schedule.period_at(period.start) == period
        assert start.schedule.period_at(period.end - timedelta(microseconds=1)) == period
    _compare_dunning(case, start.schedule.boundary(1), start.schedule.boundary(2))
    _compare_changes(case, start.schedule, rhythm)


def _expected_start(case: Case, at: datetime) -> tuple[datetime, Rhythm]:
    """The start, cut to its unit, and the rhythm of the whole periods."""
    terms, zone = case.subscription, case.zone
    begin = floor_to(at, terms["unit"], zone)
    local, day = shown(begin, zone), terms["anchor_day"]
    if day is None:
        return begin, Rhythm(local, local.day, terms["interval"], terms["count"], zone)
    first = local.date().replace(day=1)
    for month in (first, next_month(first)):
        anchor = datetime.combine(
            min(month.replace(day=1) + timedelta(days=day - 1), _last(month)), datetime.min.time()
        )
        if earliest(anchor, zone) >= begin:
            break
    return begin, Rhythm(anchor, day, terms["interval"], terms["count"], zone)


def _last(first_of_month: date) -> date:
    return next_month(first_of_month) - timedelta(days=1)


def _compare_dunning(case: Case, due: datetime, next_boundary: datetime) -> None:
    plan: Data = case.subscription["dunning"]
    dunning = Dunning(tuple(plan["retry_days"]), plan["suspended"], plan["ended"])
    found = calendar_of(dunning, due, next_boundary, case.zone)
    end = min(days_later(due, plan["ended"], case.zone), next_boundary)
    retries = [days_later(due, it, case.zone) for it in plan["retry_days"]]
    suspension = days_later(due, plan["suspended"], case.zone)
    assert found.ends_at == end
    assert list(found.retries) == [it for it in retries if it < end]
    assert found.suspends_at == (suspension if suspension < next_boundary else None)


def _compare_changes(case: Case, schedule: Schedule, rhythm: Rhythm) -> None:
    """One change after the other in one period, each of what the one before has charged."""
    terms, zone, mode = case.subscription, case.zone, case.mode
    number = terms["boundaries"][0] + 1
    period = schedule.period(number)
    segment = Segment("plan", period.start, period.end, terms["price"], Unit(terms["unit"]), zone)
    at = period.start
    for change in terms["changes"]:
        at += (period.end - at) * change["after"].numerator // change["after"].denominator
        segment = segment.less(int(segment.paid * change["credited"]))
        found = change_of_plan(
            [segment], Terms(change["price"], schedule.cycle, Unit(change["unit"])), schedule, at, Mode(mode)
        )
        index, begin, end = period_of(rhythm, at)
        assert (found.period.number, found.period.start, found.period.end) == (index + 1, begin, end)
        (credit,) = found.credits
        cut = max(floor_to(at, segment.unit, zone), segment.start)
        whole = count(segment.start, segment.end, segment.unit, zone)
        expected = part(segment.paid, count(cut, segment.end, segment.unit, zone), whole, mode)
        assert credit.share.amount == expected
        assert credit.rest.paid == segment.paid - expected >= 0
        assert found.credit + found.withdrawn == expected
        assert not (found.credit if segment.is_pending else found.withdrawn)
        cut = max(floor_to(at, change["unit"], zone), begin)
        whole = count(begin, end, change["unit"], zone)
        charged = part(change["price"], count(cut, end, change["unit"], zone), whole, mode)
        assert found.charge is not None
        assert found.charge.amount == charged <= change["price"]
        segment = Segment("plan", cut, end, charged, Unit(change["unit"]), zone, change["is_pending"])
