"""Which Kafka topic a message goes to, and where it is known by its type."""

from collections.abc import Mapping
from types import MappingProxyType, ModuleType

from contracts import (
    cart,
    checkout,
    customer,
    offer,
    order,
    payment,
    price,
    product,
    promotion,
    redemption,
    reservation,
    stock,
    tax_rate,
    topology,
)
from contracts.envelope import Command, Fact, Message

PARTITIONS = topology.PARTITIONS
"""For the kernel, which does not know the topology."""

FACTS_OF: Mapping[str, tuple[ModuleType, ...]] = MappingProxyType(
    {
        "cart": (cart,),
        "offer": (product, stock, reservation, promotion, redemption, price, tax_rate),
        "checkout": (checkout, payment, order, customer),
    }
)
COMMANDS_TO: Mapping[str, tuple[ModuleType, ...]] = MappingProxyType({"cart": (cart,), "offer": (offer,)})
SENDER_OF: Mapping[str, str] = MappingProxyType({it.name: f"/feira/{it.sender}" for it in topology.TOPICS})
"""The one service whose relay writes to a topic, as its records call it."""


def _messages(module: ModuleType, kind: type[Message]) -> list[type[Message]]:
    own = [it for it in vars(module).values() if isinstance(it, type) and it.__module__ == module.__name__]
    return [it for it in own if issubclass(it, kind) and "TYPE" in it.__dict__]


def _by_type(modules: Mapping[str, tuple[ModuleType, ...]], kind: type[Message]) -> dict[str, type[Message]]:
    return {it.TYPE: it for group in modules.values() for one in group for it in _messages(one, kind)}


def _topics() -> dict[str, str]:
    events = {
        it.TYPE: f"{name}.events"
        for name, group in FACTS_OF.items()
        for one in group
        for it in _messages(one, Fact)
    }
    commands = {
        it.TYPE: f"{name}.commands"
        for name, group in COMMANDS_TO.items()
        for one in group
        for it in _messages(one, Command)
    }
    return events | commands


FACTS: Mapping[str, type[Fact]] = MappingProxyType(_by_type(FACTS_OF, Fact))  # type: ignore[arg-type]  # filtered by kind
COMMANDS: Mapping[str, type[Command]] = MappingProxyType(_by_type(COMMANDS_TO, Command))  # type: ignore[arg-type]  # filtered by kind
TOPIC_OF: Mapping[str, str] = MappingProxyType(_topics())
"""Type to topic: ``cart.item_added`` to ``cart.events``."""
