"""The pricing policy: one of each tenant."""

from contracts import pricing_policy as facts
from contracts.sale import Policy
from offer.pricing_policy.domain import pricing_policy_id
from offer.pricing_policy.use_cases import set_pricing_policy
from tests.support.scenario import given, stamp

HALF_EVEN = Policy(rounding_mode="half_even", tax_rounding="total")


def policy(tenant: str = "demo", mode: str = "half_even", level: str = "total") -> facts.Set:
    return facts.Set(**stamp(pricing_policy_id(tenant)), rounding_mode=mode, tax_rounding=level)


def test_a_policy_is_set_once() -> None:
    given().when(set_pricing_policy, HALF_EVEN).then(policy()).when(
        set_pricing_policy, HALF_EVEN
    ).then_nothing()


def test_the_default_need_not_be_set_and_replaces_another() -> None:
    given().when(set_pricing_policy, Policy()).then_nothing()
    given(policy()).when(set_pricing_policy, Policy()).then(policy(mode="half_up", level="line"))


def test_every_tenant_has_a_policy_of_its_own() -> None:
    given(policy()).for_tenant("rival").when(set_pricing_policy, HALF_EVEN).then(policy("rival"))
