"""Experiments: one runs on an offer, sessions see their variants, and variants are compared exactly."""

from uuid import UUID

import pytest

from contracts import experiment as facts
from contracts.campaign import CampaignChange
from contracts.experiment import Changes, PriceChange, Variant
from kernel.unit_of_work import UnitOfWork
from offer.catalogue.domain.errors import Invalid
from offer.experiments.domain.errors import ExperimentNotFound, ExperimentRunning, ExperimentStatusConflict
from offer.experiments.domain.experiment import Experiment
from offer.experiments.use_cases.experiments import (
    CreateExperiment,
    ExperimentRef,
    NewVariant,
    create_experiment,
    remove_experiment,
    start_experiment,
    stop_experiment,
)
from pricing.experiments import bucket_of, variant_for
from pricing.offer_price import current_price
from pricing.significance import Comparison, Count, compare
from tests.support.scenario import Scenario, given, stamp
from tests.unit.offer.examples import BOOK, CD, named, on_sale
from tests.unit.offer.offer_examples import CAMPAIGN, DISCOUNTED, MARCH_1, OFFER, offer_created

CHEAPER = Changes(price=PriceChange(base=9500))
VARIANTS = (NewVariant("control", 50, Changes()), NewVariant("b", 50, CHEAPER))
OFFERED = (*on_sale(CD), *on_sale(BOOK), offer_created())
SESSIONS = ("s-1", "s-2", "s-3", "s-4", "s-5")
E13 = UUID("018f6b1e-7c3a-7d2e-9a41-5b2f6c0d1e2f")


def weighted(**weights: int) -> list[Variant]:
    return [Variant(variant_id=named(name), name=name, weight=weight) for name, weight in weights.items()]


async def stop(command: tuple[ExperimentRef, UUID | None], work: UnitOfWork) -> Experiment:
    return await stop_experiment(*command, work)


def drafted() -> tuple[Scenario, ExperimentRef, Experiment]:
    scenario = given(*OFFERED).when(create_experiment, CreateExperiment(OFFER, "Price", VARIANTS))
    experiment: Experiment = scenario.result
    return scenario, ExperimentRef(OFFER, experiment.id), experiment


def test_an_experiment_is_started_and_stopped_once() -> None:
    scenario, ref, experiment = drafted()
    winner = experiment.details.variants[1].variant_id
    started = facts.Started(**stamp(experiment.id), offer_id=OFFER)
    scenario.when(start_experiment, ref).then(started)
    scenario.then_holds("running_experiment", str(OFFER), experiment.id)
    scenario.when(start_experiment, ref).then_nothing()
    stopped = facts.Stopped(**stamp(experiment.id), offer_id=OFFER, winner=winner)
    scenario.when(stop, (ref, winner)).then(stopped)
    scenario.then_holds("running_experiment", str(OFFER), None)
    scenario.when(stop, (ref, winner)).then_nothing()
    scenario.when(start_experiment, ref).then_refused(ExperimentStatusConflict, experiment_status="stopped")


def test_one_experiment_runs_on_an_offer() -> None:
    scenario, ref, first = drafted()
    scenario.when(start_experiment, ref)
    scenario.when(create_experiment, CreateExperiment(OFFER, "Other", VARIANTS))
    other = ExperimentRef(OFFER, scenario.result.id)
    scenario.when(start_experiment, other).then_refused(ExperimentRunning, experiment_id=str(first.id))


def test_only_a_draft_is_removed() -> None:
    scenario, ref, experiment = drafted()
    scenario.when(remove_experiment, ref).then(facts.Removed(**stamp(experiment.id), offer_id=OFFER))
    scenario.when(start_experiment, ref).then_refused(ExperimentNotFound)
    scenario, ref, _ = drafted()
    scenario.when(start_experiment, ref)
    scenario.when(remove_experiment, ref).then_refused(ExperimentRunning)


def test_a_variant_has_a_price_that_the_offer_could_have() -> None:
    free = NewVariant("b", 1, Changes(price=PriceChange(discount=9900)))
    broken = CreateExperiment(OFFER, "Price", (VARIANTS[0], free))
    given(*OFFERED).when(create_experiment, broken).then_refused(Invalid)


def test_the_winner_is_one_of_the_variants() -> None:
    scenario, ref, _ = drafted()
    scenario.when(start_experiment, ref).when(stop, (ref, named("other"))).then_refused(Invalid)


def test_sessions_see_their_variant_and_afterwards_all_see_the_winner() -> None:
    scenario, ref, experiment = drafted()
    variants = experiment.details.variants
    assert experiment.assignment.variant_for("s-1") is None
    running: Experiment = scenario.when(start_experiment, ref).result
    assert running.assignment.variant_for("s-1") == variant_for(experiment.id, "s-1", variants)
    assert running.assignment.variant_for(None) is None
    stopped: Experiment = scenario.when(stop, (ref, variants[1].variant_id)).result
    assert stopped.assignment.variant_for("s-1") == stopped.assignment.variant_for(None) == variants[1]


def test_e9_a_campaign_starts_from_the_price_of_the_variant() -> None:
    campaign = CampaignChange(type="percentage", value="20")
    price = current_price(DISCOUNTED, MARCH_1, [(CAMPAIGN, campaign)], CHEAPER)
    assert (price.amount, price.source, price.campaign_id) == (7600, "campaign", CAMPAIGN)


def test_e13_sessions_are_assigned_by_a_function_of_experiment_and_session() -> None:
    assert [bucket_of(E13, it, 100) for it in SESSIONS] == [96, 35, 50, 15, 65]
    assigned = [variant_for(E13, it, weighted(control=50, b=50)).name for it in SESSIONS]
    assert assigned == ["b", "control", "b", "control", "b"]


def test_e14_weights_are_shares() -> None:
    assigned = [variant_for(E13, it, weighted(control=80, b=15, c=5)).name for it in SESSIONS]
    assert assigned == ["c", "control", "control", "control", "control"]


@pytest.mark.parametrize(
    ("control", "variant", "comparisons", "found"),
    [
        (Count(1000, 100), Count(1000, 130), 1, Comparison(2.1027, 0.035488, significant=True)),
        (Count(1000, 100), Count(1000, 130), 2, Comparison(2.1027, 0.035488, significant=False)),
        (Count(1000, 50), Count(1000, 52), 1, Comparison(0.2033, 0.838915, significant=False)),
        (Count(30, 2), Count(30, 4), 1, None),
        (Count(0, 0), Count(30, 4), 1, None),
    ],
)
def test_e15_a_variant_is_compared_with_the_control(
    control: Count, variant: Count, comparisons: int, found: Comparison | None
) -> None:
    assert compare(control, variant, comparisons) == found
