"""The handlers of each service, taken from its own wiring: commands, consumers, timers and outbound calls."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from typing import cast

import cart.app
import cart.timers
import checkout_saga.app
import checkout_saga.timers
import offer.app
import offer.timers
from cart.carts.carts_by_customer import customers_with_carts
from cart.carts.use_cases.commands import Refusals
from cart.carts.use_cases.commands import command_routes as cart_commands
from cart.carts.use_cases.policy import Policy
from cart.carts.use_cases.syncing import OpenCarts
from cart.catalogue import counts_projection, customer_projection
from cart.catalogue import projection as catalogue_projection
from cart.catalogue.counts_projection import CountsProjection
from cart.catalogue.customer_projection import CustomerProjection
from cart.catalogue.projection import CatalogueProjection
from cart.flows.use_cases.endings import complete_flows
from cart.settings import CartSettings
from checkout_saga.consumed import handlers_of
from checkout_saga.customers.vault import Vault
from checkout_saga.notifications.mail_calls import MailCalls
from checkout_saga.notifications.use_cases.announcing import Announcer
from checkout_saga.notifications.writing import Links
from checkout_saga.payments.ports import PaymentProvider
from checkout_saga.payments.providers.registry import Providers
from checkout_saga.reconciliation.connecting import callers_of as comparing_callers_of
from checkout_saga.reconciliation.connecting import scheduled_accounts
from checkout_saga.reconciliation.noted_mismatches import NotedMismatches
from checkout_saga.reconciliation.scheduling import Schedule
from checkout_saga.settings import CheckoutSettings
from contracts.topology import read_by
from kernel.messaging.batch import Handler
from kernel.messaging.commands import CommandHandler
from kernel.scheduling.outbound_calls import Caller
from kernel.scheduling.timers import TimerHandler
from kernel.security.personal_data import PersonalData
from kernel.store.event_store import EventStore
from offer.app import command_routes as offer_commands
from offer.customers import projection as shoppers_projection
from offer.customers.repository import CustomerRepository
from offer.settings import OfferSettings
from tests.proofs.simulation.catalogue import Copy, Copying
from tests.proofs.simulation.scheduler import finished
from tests.proofs.simulation.wire import OpenVault

CART, OFFER, CHECKOUT = cart.app.SERVICE, offer.app.SERVICE, checkout_saga.app.SERVICE
SERVICES = (CART, OFFER, CHECKOUT)

POLICY: Policy = CartSettings.model_construct().policy
FLOW_POLICY = CartSettings.model_construct().flow_policy
HOLD_FOR = OfferSettings.model_construct().hold_for
SESSION_TIME = CheckoutSettings.model_construct().session_time
SIMULATED = "simulated"
NEVER = timedelta.max
NO_CARTS = cast("OpenCarts", None)
"""No actor starts a sync of prices."""
NO_REFUSALS = cast("Refusals", None)
"""No checkout has the address of its buyer."""
NOTHING_SEALED = Vault(cast("PersonalData", None))
"""Without a mail server no address is decrypted."""


@dataclass(frozen=True)
class Wired:
    """``groups``: the topics and handlers of each consumer group."""

    groups: Mapping[str, tuple[Sequence[str], Sequence[Handler]]]
    timers: Mapping[str, TimerHandler] = field(default_factory=dict)
    callers: Mapping[str, Caller] = field(default_factory=dict)


def wired(
    service: str, store: EventStore, copy: Copy, provider: PaymentProvider, every: timedelta | None
) -> Wired:
    """The handlers of one process of a service. ``every``: how often accounts are reconciled; None: only when
    a person asks for it."""
    if service == CART:
        commands = cart_commands(copy, POLICY, complete_flows, NO_REFUSALS)
        commanded = CommandHandler(cart.app.COMMANDS, commands)
        return Wired(
            {
                cart.app.COMMANDS: ([cart.app.COMMANDS], [commanded]),
                catalogue_projection.GROUP: (
                    read_by(catalogue_projection.GROUP),
                    [Copying(CatalogueProjection(), copy.note)],
                ),
                counts_projection.GROUP: (
                    read_by(counts_projection.GROUP),
                    [Copying(CountsProjection(), copy.note_use)],
                ),
                customer_projection.GROUP: (
                    read_by(customer_projection.GROUP),
                    [Copying(CustomerProjection(customers_with_carts), copy.note_customer)],
                ),
            },
            cart.timers.handlers(copy, NO_CARTS, POLICY, FLOW_POLICY),
        )
    if service == OFFER:
        asked = CommandHandler(OFFER, offer_commands(HOLD_FOR, CustomerRepository(store.pool), HOLD_FOR))
        group = shoppers_projection.GROUP
        return Wired(
            {OFFER: (read_by(OFFER), [asked]), group: (read_by(group), offer.app.shoppers())},
            offer.timers.TIMERS,
        )
    store.react(Announcer(has_mail=False).reactions())
    mailing = MailCalls(store, NOTHING_SEALED, mailer=None, links=Links("", b""))
    providers = NotedMismatches(Providers({SIMULATED: provider}), store)
    schedule = Schedule(every or NEVER, finished(scheduled_accounts(store.pool)))
    if every:
        store.add_commit_hooks(schedule.after_commit, schedule.before_commit)
    callers = {
        **checkout_saga.app.callers_of(store, providers, OpenVault()),
        **comparing_callers_of(store, providers),
    }
    return Wired(
        {CHECKOUT: (read_by(CHECKOUT), handlers_of(CHECKOUT, has_mail=False))},
        {**checkout_saga.timers.TIMERS, **schedule.timers()},
        {**callers, **mailing.callers()},
    )
