"""The routes of flows."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial

from fastapi import Response

from cart.carts.domain.errors import CartHasCustomer, OfferNotFound
from cart.carts.routes import OF_NEW_ITEM
from cart.carts.sessions import run_in_session
from cart.carts.use_cases.policy import Policy
from cart.catalogue.domain.excerpt import Catalogue
from cart.flows.domain.errors import FlowEnded, FlowNotFound, FlowStepOutOfOrder, NotAPackage
from cart.flows.schemas.requests import NewFlow, NewFlowStep
from cart.flows.schemas.views import FlowAnswerView, FlowView, show_answer, show_flow
from cart.flows.use_cases.access import StartFlow, open_flow, start_flow
from cart.flows.use_cases.flow_steps import TakeStep, take_step
from cart.flows.use_cases.policy import FlowPolicy
from contracts.roles import READERS, SHOPPERS
from kernel.http.dependencies import Read, Write
from kernel.http.handlers import create, show
from kernel.http.requests import PathId
from kernel.http.results import Result
from kernel.http.route_tables import Route, RouteTable
from kernel.store.event_store import EventStore
from kernel.unit_of_work import UnitOfWork


@dataclass(frozen=True, slots=True)
class _Handlers:
    store: EventStore
    catalogue: Catalogue
    policy: Policy
    flow_policy: FlowPolicy

    async def create_flow(self, body: NewFlow, write: Write) -> Response:
        """Start a shopper's way through the funnel of an offer."""
        command = StartFlow(
            body.slug, body.offer_id, body.session_id, body.customer_id, body.flow_type, body.metadata
        )
        start = partial(start_flow, command, catalogue=self.catalogue, policy=self.flow_policy)
        return await create(write, start, show_flow)

    async def get_flow(self, flow_id: PathId, read: Read) -> Response:
        """Read how far the shopper is."""
        return await show(read, open_flow, flow_id, show_flow)

    async def take_flow_step(self, flow_id: PathId, body: NewFlowStep, write: Write) -> Response:
        """Take the current step. The step that was taken last is answered again for the same data."""
        command = TakeStep(flow_id, body.choice(), body.data)

        async def act(work: UnitOfWork) -> Result:
            write.check(await open_flow(flow_id, work))
            answer = await take_step(command, work, self.catalogue, self.policy, self.flow_policy)
            return Result(show_answer(answer, work.now), answer.version)

        return await run_in_session(write, act, self.store, self.catalogue, self.policy)


ALL = "/v1/flows"
BY_ID = f"{ALL}/{{flow_id}}"
OF_STEP = (FlowNotFound, FlowEnded, FlowStepOutOfOrder, NotAPackage, CartHasCustomer, *OF_NEW_ITEM)


def table(store: EventStore, catalogue: Catalogue, policy: Policy, flow_policy: FlowPolicy) -> RouteTable:
    do = _Handlers(store, catalogue, policy, flow_policy)
    return RouteTable(
        "flows",
        (
            Route("POST", ALL, do.create_flow, SHOPPERS, FlowView, (OfferNotFound,), status=201),
            Route("GET", BY_ID, do.get_flow, READERS, FlowView, (FlowNotFound,)),
            Route("POST", f"{BY_ID}/steps", do.take_flow_step, SHOPPERS, FlowAnswerView, OF_STEP),
        ),
    )
