"""Who looks at the pages of a service: signed in with an API key, for a limited time."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import timedelta

from fastapi import Request, Response

from kernel.http.auth import KeyRing, Principal, bind_to_log, hash_of
from kernel.http.forms import read_form
from kernel.http.problems import Problem
from kernel.security.sessions import (
    Session,
    is_form_token,
    make_form_token,
    make_session_token,
    new_session,
    read_session_token,
)
from kernel.store.event_store import EventStore

SIGNED_IN_FOR = timedelta(hours=1)
TIME_TO_SIGN_IN = timedelta(minutes=15)


class SignInNeeded(Exception):  # no error: the visitor is led to the sign-in
    """There is no session, or it has ended."""


@dataclass(frozen=True, slots=True)
class Visitor:
    """Someone who has signed in."""

    principal: Principal
    form_token: str
    """For every form of the page."""

    def may(self, roles: Collection[str]) -> bool:
        return self.principal.role in roles


@dataclass(frozen=True, slots=True)
class Door:
    """Lets visitors in, by the sessions in their cookies."""

    store: EventStore
    keys: tuple[bytes, ...]
    """That sign sessions; the first one makes new ones."""
    is_production: bool
    cookie: str
    """Its name. Browsers send a cookie to all ports of a host, so services must not share a name."""
    path: str
    """The start of the paths of the pages, and where one enters: ``/operator``."""
    admitted: Collection[str]
    """The roles of keys that may sign in."""

    @property
    def sign_in_path(self) -> str:
        return f"{self.path.rstrip('/')}/sign-in"

    @property
    def sign_out_path(self) -> str:
        return f"{self.path.rstrip('/')}/sign-out"

    async def enter(self, request: Request, roles: Collection[str]) -> Visitor:
        """Raises ``SignInNeeded``, or a ``Problem`` if the role of the visitor's key does not suffice."""
        session = await self.session(request)
        ring: KeyRing = request.app.state.keys
        principal = await ring.find_by_hash(session.key_hash) if session and session.key_hash else None
        if session is None or principal is None:
            raise SignInNeeded
        bind_to_log(principal)
        if principal.role not in roles:
            raise Problem(403, "FORBIDDEN", "The role of the key does not permit this.")
        return Visitor(principal, make_form_token(self.keys[0], session))

    async def submit(self, request: Request, roles: Collection[str]) -> tuple[Visitor, Mapping[str, str]]:
        """Like ``enter``, for a form of the page; returns its fields as well."""
        visitor, fields = await self.enter(request, roles), await read_form(request)
        await self._check_form(request, fields)
        return visitor, fields

    async def session(self, request: Request) -> Session | None:
        return read_session_token(self.keys, request.cookies.get(self.cookie, ""), await self.store.now())

    async def open_sign_in(self) -> tuple[str, Session]:
        """A session to sign in with, and the token of its form."""
        session = new_session("", await self.store.now() + TIME_TO_SIGN_IN)
        return make_form_token(self.keys[0], session), session

    async def sign_in(self, request: Request) -> Session | None:
        """The session of the key in the form; None for a key that is not valid, or has another role."""
        fields = await read_form(request)
        await self._check_form(request, fields)
        key = fields.get("key", "").strip()
        ring: KeyRing = request.app.state.keys
        found = await ring.find(key) if key else None
        if found is None or found.role not in self.admitted:
            return None
        return new_session(hash_of(key), await self.store.now() + SIGNED_IN_FOR)

    async def _check_form(self, request: Request, fields: Mapping[str, str]) -> None:
        """Another site cannot know the token of the visitor's session."""
        session = await self.session(request)
        if session is None:
            raise SignInNeeded
        if not is_form_token(self.keys, fields.get("form_token", ""), session):
            raise Problem(403, "FORBIDDEN", "The form was not made for this session. Open the page again.")

    def keep(self, response: Response, session: Session) -> Response:
        response.set_cookie(
            self.cookie,
            make_session_token(self.keys[0], session),
            expires=session.expires_at,
            path=self.path,
            secure=self.is_production,
            httponly=True,
            samesite="strict",
        )
        return response

    def leave(self, response: Response) -> Response:
        response.delete_cookie(
            self.cookie, path=self.path, secure=self.is_production, httponly=True, samesite="strict"
        )
        return response
