"""The plan of a storm depends only on its seed, and has every kind of fault."""

from __future__ import annotations

import random
from collections import Counter
from dataclasses import replace
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.proofs.chaos import plan
from tests.proofs.chaos.plan import LINKS, Kind, Targets

TARGETS = Targets(
    processes=("cart", "offer", "offer-2", "gateway"),
    consumers=("cart", "offer", "offer-2"),
    scalable=("cart",),
    proxies=("cart-kafka", "cart-postgres", "offer-kafka"),
    topics=("cart.events", "cart.commands"),
    disks=("disk",),
)
seeds = st.integers(0, 2**32)


@given(seeds)
def test_equal_seeds_give_equal_plans_and_others_do_not(seed: int) -> None:
    planned = plan.chaos(random.Random(seed), TARGETS, 300)
    assert plan.chaos(random.Random(seed), TARGETS, 300) == planned
    assert plan.chaos(random.Random(seed + 1), TARGETS, 300) != planned


@given(seeds, st.integers(1, 600))
def test_even_the_shortest_storm_has_each_kind_of_fault_and_empties_kafka_once(
    seed: int, seconds: int
) -> None:
    planned = plan.chaos(random.Random(seed), TARGETS, seconds)
    counted = Counter(it.kind for it in planned)
    assert set(counted) == set(Kind)
    assert counted[Kind.EMPTIED] == 1
    assert all(it.target in TARGETS.of(it.kind) for it in planned)


def test_a_storm_without_a_disk_of_its_own_has_no_full_disk() -> None:
    planned = plan.chaos(random.Random(1), replace(TARGETS, disks=()), 300)
    assert {it.kind for it in planned} == set(Kind) - {Kind.FULL}


@given(seeds, st.sets(st.sampled_from(sorted(plan.OFTEN, key=str)), min_size=1))
def test_a_storm_of_a_few_kinds_has_each_of_them_and_nothing_else(seed: int, only: set[Kind]) -> None:
    planned = plan.chaos(random.Random(seed), TARGETS, 30, plan.named(it.name.lower() for it in only))
    assert {it.kind for it in planned} == only


def test_an_unknown_kind_is_refused_with_the_list_of_kinds() -> None:
    with pytest.raises(ValueError, match=r"no fault 'rain'; there are .*clock"):
        plan.named(["clock", "rain"])


@given(seeds)
def test_a_kind_of_fault_hits_all_links_before_it_hits_one_again(seed: int) -> None:
    planned = plan.chaos(random.Random(seed), TARGETS, 3600)
    for kind in LINKS:
        hurt = [it.target for it in planned if it.kind is kind]
        assert set(hurt[: len(TARGETS.proxies)]) == set(TARGETS.proxies)


@given(seeds, st.integers(20, 600))
def test_faults_are_in_order_and_within_the_time(seed: int, seconds: int) -> None:
    times = [it.at for it in plan.chaos(random.Random(seed), TARGETS, seconds)]
    assert all(one <= other for one, other in pairwise(times))
    assert times[0] > 0
    assert times[-1] < seconds


@given(seeds, st.integers(1, 10))
def test_a_storm_of_kills_kills_each_process_the_given_number_of_times(seed: int, each: int) -> None:
    planned = plan.kills(random.Random(seed), TARGETS, each, 2.0)
    killed = Counter(it.target for it in planned if it.kind is Kind.PROCESS)
    assert killed == dict.fromkeys(TARGETS.processes, each)
    assert {it.kind for it in planned}.isdisjoint({*LINKS, Kind.FULL, Kind.CLOCK, Kind.POISON, Kind.AGAIN})
