"""The topic of each message, and the registry of all messages."""

from collections.abc import Iterator, Mapping
from types import MappingProxyType, ModuleType

from contracts import (
    campaign,
    cart,
    cart_sync,
    category,
    certification,
    checkout,
    collection,
    customer,
    download,
    enrollment,
    experiment,
    flow,
    fraud_rules,
    fulfillment,
    funnel,
    import_,
    invoice,
    license_,
    notification,
    notification_channels,
    offer,
    order,
    payment,
    payment_account,
    plan,
    price,
    price_change,
    pricing_policy,
    product,
    promotion,
    provider,
    reconciliation,
    redemption,
    referral,
    referral_attribution,
    referral_override,
    referral_program,
    referral_rule,
    reservation,
    restock,
    return_,
    reward,
    settings,
    shipment,
    shipping_rate,
    stock,
    subscription,
    tax_rate,
    topology,
    upsell,
)
from contracts.envelope import Command, Fact
from contracts.registry import MessageRegistry, TopicMessages, commands_in, facts_in

FACTS_OF: Mapping[str, tuple[ModuleType, ...]] = MappingProxyType(
    {
        "cart": (cart, cart_sync, flow),
        "offer": (
            product,
            plan,
            category,
            collection,
            import_,
            price_change,
            stock,
            reservation,
            restock,
            offer,
            upsell,
            funnel,
            experiment,
            campaign,
            promotion,
            redemption,
            price,
            pricing_policy,
            tax_rate,
            shipping_rate,
            referral_program,
            referral_rule,
            referral_attribution,
            referral_override,
            referral,
            reward,
        ),
        "checkout": (
            checkout,
            payment,
            order,
            fulfillment,
            enrollment,
            shipment,
            return_,
            license_,
            certification,
            download,
            subscription,
            invoice,
            customer,
            settings,
            fraud_rules,
            payment_account,
            notification,
            notification_channels,
            provider,
            reconciliation,
        ),
    }
)
COMMANDS_TO: Mapping[str, tuple[ModuleType, ...]] = MappingProxyType({"cart": (cart,), "offer": (offer,)})


def _topics() -> Iterator[TopicMessages]:
    for topic in topology.TOPICS:
        name, _, kind = topic.name.rpartition(".")
        messages = facts_in(*FACTS_OF[name]) if kind == "events" else commands_in(*COMMANDS_TO.get(name, ()))
        yield TopicMessages(topic.name, f"/feira/{topic.sender}", messages)


MESSAGES = MessageRegistry(_topics(), families=topology.FAMILIES)
"""All messages of all services."""
FACTS: Mapping[str, type[Fact]] = MESSAGES.facts
COMMANDS: Mapping[str, type[Command]] = MESSAGES.commands
TOPIC_OF: Mapping[str, str] = MESSAGES.topic_of
