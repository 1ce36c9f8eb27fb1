"""The routes of certifications, and of their certificates, which ask for no key."""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from functools import partial
from typing import Annotated, TypeAlias

from fastapi import Path, Request, Response

from checkout_saga.fulfillment.certificates import find_by_code
from checkout_saga.fulfillment.domain.certification import CODE_BYTES, Certification, code_of
from checkout_saga.fulfillment.domain.errors import CertificateNotFound, CertificateRevoked
from checkout_saga.fulfillment.link_context import context_of
from checkout_saga.fulfillment.routes.listing import OfWhom, OrdersOf, list_of_orders
from checkout_saga.fulfillment.schemas.certifications import (
    CertificateView,
    CertificationView,
    show_certification,
)
from checkout_saga.fulfillment.use_cases import certifying
from checkout_saga.fulfillment.use_cases.certifying import ORDER_CERTIFICATION, find_certification
from contracts.roles import ADMINS, LISTERS
from kernel.http.dependencies import Read, Write
from kernel.http.handlers import execute, show
from kernel.http.paging import Page, Paged
from kernel.http.requests import PathId
from kernel.http.results import Result
from kernel.http.route_tables import OPEN, Route, RouteTable
from kernel.store.event_store import EventStore

Code: TypeAlias = Annotated[str, Path(max_length=40)]
MISSING = "There is no such certificate."


@dataclass(frozen=True, slots=True)
class _Handlers:
    store: EventStore
    orders_of: OrdersOf

    async def get_certification(self, certification_id: PathId, read: Read) -> Response:
        """A certification."""
        return await show(read, find_certification, certification_id, show_certification)

    async def list_certifications(self, read: Read, whose: OfWhom, paging: Paged) -> Response:
        """The certifications of an order or of a customer, oldest first."""
        return await list_of_orders(
            read, paging, whose, self.orders_of, ORDER_CERTIFICATION, Certification, show_certification
        )

    async def issue_certificate(self, certification_id: PathId, write: Write) -> Response:
        """The customer has passed. A repetition shows the same certificate."""
        code = code_of(secrets.token_bytes(CODE_BYTES))
        act = partial(certifying.issue, certification_id, code)
        return await execute(write, find_certification, certification_id, act, show_certification)

    async def get_certificate(self, code: Code, request: Request) -> Response:
        """Whether a certificate is valid, for anyone who has its code. Nothing about the person."""
        found = await find_by_code(self.store.pool, code.upper())
        if found is None:
            raise CertificateNotFound(MISSING)
        context = context_of(found.tenant, request)
        certification = await self.store.run(context, partial(find_certification, found.certification_id))
        if certification.code is None or certification.issued_at is None:
            raise CertificateNotFound(MISSING)
        view = CertificateView(
            code=certification.code,
            programme=certification.name,
            issued_at=certification.issued_at,
            valid=certification.is_valid,
        )
        return Result(view).serialize().response()


BY_ID = "/v1/certifications/{certification_id}"
TO_ISSUE = (CertificateNotFound, CertificateRevoked)


def table(store: EventStore, orders_of: OrdersOf) -> RouteTable:
    do = _Handlers(store, orders_of)
    return RouteTable(
        "certifications",
        (
            Route("GET", BY_ID, do.get_certification, LISTERS, CertificationView, (CertificateNotFound,)),
            Route("GET", "/v1/certifications", do.list_certifications, LISTERS, Page[CertificationView]),
            Route("POST", f"{BY_ID}/issue", do.issue_certificate, ADMINS, CertificationView, TO_ISSUE),
            Route(
                "GET",
                "/v1/certificates/{code}",
                do.get_certificate,
                OPEN,
                CertificateView,
                (CertificateNotFound,),
            ),
        ),
    )
