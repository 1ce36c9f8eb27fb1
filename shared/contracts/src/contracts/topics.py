"""The topic of each message, and the registry of all messages."""

from collections.abc import Iterator, Mapping
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
from contracts.envelope import Command, Fact
from contracts.registry import MessageRegistry, TopicMessages, commands_in, facts_in

FACTS_OF: Mapping[str, tuple[ModuleType, ...]] = MappingProxyType(
    {
        "cart": (cart,),
        "offer": (product, stock, reservation, promotion, redemption, price, tax_rate),
        "checkout": (checkout, payment, order, customer),
    }
)
COMMANDS_TO: Mapping[str, tuple[ModuleType, ...]] = MappingProxyType({"cart": (cart,), "offer": (offer,)})


def _topics() -> Iterator[TopicMessages]:
    for topic in topology.TOPICS:
        name, _, kind = topic.name.rpartition(".")
        messages = facts_in(*FACTS_OF[name]) if kind == "events" else commands_in(*COMMANDS_TO.get(name, ()))
        yield TopicMessages(topic.name, f"/feira/{topic.sender}", messages)


MESSAGES = MessageRegistry(_topics())
"""All messages of all services."""
FACTS: Mapping[str, type[Fact]] = MESSAGES.facts
COMMANDS: Mapping[str, type[Command]] = MESSAGES.commands
TOPIC_OF: Mapping[str, str] = MESSAGES.topic_of
