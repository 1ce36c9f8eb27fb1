"""The services, databases, ports and Kafka topics of Feira: the only list of them.

The stack, the tools, the deployment page, benchmarks and tests read it. To add a service or a topic, add one
entry here: see ``docs/how-to/add-a-topic.md``. Plain data, no input or output.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from types import MappingProxyType

PARTITIONS = 6
"""Of each topic. A consumer group with more replicas than this has members without partitions."""


@dataclass(frozen=True, slots=True)
class Service:
    """One program with a database of its own: ``python -m module``, and ``migrate`` for its migrations."""

    name: str
    module: str
    settings: str
    """The class that declares its settings, as ``module:Class``."""
    database: str
    """Also the name of its database role."""
    port: int
    """Of the one-machine stack, with ``FEIRA_PORTS=fixed``."""
    needs: frozenset[str] = frozenset()
    """Settings that the stack gives to this service and not to every other."""
    replicable: bool = True
    recovery_settings: str = "kernel.recovery.job:RecoverySettings"
    """The class that declares the settings of its job ``recover-log``, as ``module:Class``."""

    @property
    def caller_role(self) -> str:
        """The database role in which it reads on behalf of callers."""
        return f"{self.database}_caller"


@dataclass(frozen=True, slots=True)
class Worker:
    """A program beside a service, with the service's database and without callers: ``python -m module``."""

    name: str
    service: Service
    module: str
    settings: str
    port: int
    """Of its probes and metrics in the one-machine stack, with ``FEIRA_PORTS=fixed``."""


@dataclass(frozen=True, slots=True)
class Topic:
    name: str
    sender: str
    """The one service whose relay writes to it."""
    groups: tuple[str, ...]
    """The consumer groups that read it."""
    retention: timedelta | None
    """None: records are kept for ever."""
    partitions: int = PARTITIONS


CART = Service(
    "cart",
    "cart",
    "cart.settings:CartSettings",
    "feira_cart",
    8001,
    needs=frozenset({"FEIRA_LINK_KEY"}),
)
OFFER = Service("offer", "offer", "offer.settings:OfferSettings", "feira_offer", 8002)
CHECKOUT = Service(
    "checkout-saga",
    "checkout_saga",
    "checkout_saga.settings:CheckoutSettings",
    "feira_checkout",
    8003,
    needs=frozenset({"FEIRA_GATEWAY_URL", "FEIRA_GATEWAY_SECRET", "FEIRA_LINK_KEY", "FEIRA_MASTER_KEY"}),
    recovery_settings="checkout_saga.recovery_settings:CheckoutRecoverySettings",
)
PROJECTIONS = Service(
    "projections",
    "projections",
    "projections.settings:ProjectionsSettings",
    "feira_projections",
    8004,
    needs=frozenset({"FEIRA_LINK_KEY"}),
)
GATEWAY = Service(
    "gateway",
    "simulators.gateway",
    "simulators.gateway.settings:GatewaySettings",
    "feira_gateway",
    8005,
    needs=frozenset({"FEIRA_GATEWAY_SECRET"}),
    replicable=False,
)
"""The simulated payment gateway, which only a stack without a real one runs."""

SERVICES = (CART, OFFER, CHECKOUT, PROJECTIONS)
STACK = (*SERVICES, GATEWAY)
SIMULATED_PROVIDERS = (("stripe", 8006), ("paypal", 8007))
"""Simulators of payment providers that a stack runs if it is asked to, with their ports."""
MODELS_WORKER = Worker(
    "projections-worker",
    PROJECTIONS,
    "projections.worker",
    "projections.worker_settings:WorkerSettings",
    8008,
)
WORKERS = (MODELS_WORKER,)
INFRASTRUCTURE_PORTS = (("kafka", 19092), ("postgres", 15432))

FOR_EVER = None
COMMANDS_KEPT = timedelta(days=7)
TOPICS = (
    Topic("cart.events", "cart", ("checkout-saga", "offer.shoppers", "projections"), FOR_EVER),
    Topic(
        "offer.events", "offer", ("cart.catalogue", "cart.counts", "checkout-saga", "projections"), FOR_EVER
    ),
    Topic("checkout.events", "checkout-saga", ("cart.customers", "offer.shoppers", "projections"), FOR_EVER),
    Topic("cart.commands", "checkout-saga", ("cart.commands",), COMMANDS_KEPT),
    Topic("offer.commands", "checkout-saga", ("offer",), COMMANDS_KEPT),
    Topic("checkout.commands", "checkout-saga", (), COMMANDS_KEPT),
)

GROUPS = {
    "cart.catalogue": "cart",
    "cart.commands": "cart",
    "cart.counts": "cart",
    "cart.customers": "cart",
    "offer": "offer",
    "offer.shoppers": "offer",
    "checkout-saga": "checkout-saga",
    "projections": "projections",
}
"""The service whose processes are the members of each consumer group."""

SELECTIVE_GROUPS: Mapping[str, frozenset[str]] = MappingProxyType(
    {
        "cart.counts": frozenset({"promotion", "stock"}),
        "cart.customers": frozenset({"customer", "order"}),
        "offer.shoppers": frozenset({"cart", "customer", "order"}),
        "projections.campaign_costs": frozenset({"campaign"}),
        "projections.carts": frozenset({"cart", "checkout"}),
        "projections.erased_customers": frozenset({"customer"}),
        "projections.experiment_variants": frozenset({"experiment"}),
        "projections.labels": frozenset({"campaign", "offer", "referral_program"}),
        "projections.ledger": frozenset({"order", "payment", "provider", "reconciliation"}),
        "projections.offer_activity": frozenset({"cart", "offer", "order"}),
        "projections.referrals": frozenset({"order", "referral", "referral_attribution", "reward"}),
    }
)
"""Groups, and read models, that leave out the streams of which they take no fact
(``kernel.messaging.own_streams``), with the families that they take. Groups of release 0.1.0 may not: its
replicas note the versions of all streams, and would find gaps behind one that does not."""

FAMILIES: Mapping[str, str] = MappingProxyType(
    {"promotion.reservation_refused": "redemption", "stock.reservation_refused": "reservation"}
)
"""The family of the streams in which facts are recorded whose types say another one."""

SERVICE_NAMES = tuple(it.name for it in SERVICES)
STACK_NAMES = tuple(it.name for it in STACK)
TOPIC_NAMES = tuple(it.name for it in TOPICS)
EVENT_TOPICS = tuple(it.name for it in TOPICS if it.name.endswith(".events"))
USED_TOPICS = tuple(it.name for it in TOPICS if it.groups)
"""Topics that a consumer group reads; nothing is sent to the others yet."""
PUBLISHERS = tuple(it for it in SERVICE_NAMES if it in {topic.sender for topic in TOPICS})
"""Services that record facts in a log and publish them, by name."""
READING_ORDER = (CHECKOUT.name, *(it for it in reversed(PUBLISHERS) if it != CHECKOUT.name))
"""The publishers, the checkout first: what its log refers to is then in the logs that are read later."""


def read_by(group: str) -> tuple[str, ...]:
    """The topics that a consumer group reads."""
    return tuple(it.name for it in TOPICS if group in it.groups)


def groups_of(service: str) -> tuple[str, ...]:
    """The consumer groups of a service."""
    return tuple(group for group, owner in GROUPS.items() if owner == service)


def sent_by(service: str) -> tuple[str, ...]:
    """The topics that the relay of a service writes to."""
    return tuple(it.name for it in TOPICS if it.sender == service and it.groups)
