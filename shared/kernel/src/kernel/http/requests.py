"""Request bodies: parsed strictly, validated with exact types, and the types of their fields."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Coroutine, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Annotated, Any, ClassVar, TypeAlias, cast
from urllib.parse import urlsplit
from uuid import UUID

from fastapi import Request, Response
from fastapi.exceptions import RequestValidationError
from fastapi.routing import APIRoute
from pydantic import (
    AfterValidator,
    BaseModel,
    ConfigDict,
    Field,
    GetCoreSchemaHandler,
    PlainSerializer,
    PlainValidator,
    WithJsonSchema,
)
from pydantic_core import CoreSchema, PydanticCustomError, core_schema

from contracts.text import EDGES, is_visible, trimmed
from kernel.http.problems import NOT_SUPPORTED, card_number, invalid
from kernel.http.queries import query_names, query_problem
from kernel.ids import NIL_ID
from kernel.instants import EARLIEST, LATEST, RFC_3339, read, text_of
from kernel.parsing import Malformed, loads
from kernel.security.card_numbers import pointer_to_card_number

CANONICAL_ID = re.compile(r"[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}", re.IGNORECASE)
EMAIL_ADDRESS = re.compile(r"[^\s@\uff20][@\uff20][^\s@\uff20]+\.[^\s@\uff20.]{2}")


class _JsonObject(dict[str, Any]):
    """A JSON object with the bytes that it was parsed from."""

    __slots__ = ("raw",)
    raw: bytes


class StrictRequest(Request):
    async def json(self) -> Any:
        raw = await self.body()
        try:
            value = loads(raw)
        except Malformed as error:
            raise invalid(f"The JSON is not acceptable: {error.reason}.", "") from None
        if not isinstance(value, dict):
            return value
        parsed = _JsonObject(value)
        parsed.raw = raw
        return parsed


OnInvalid: TypeAlias = Callable[[Request, Sequence[Any]], Coroutine[Any, Any, None]]
"""Takes a request that is refused, and its faults as pydantic describes them."""


class StrictRoute(APIRoute):
    """``APIRouter(route_class=StrictRoute)`` makes a router's bodies and queries strict."""

    roles: frozenset[str] = frozenset()
    """The roles of keys that are admitted; set from the route's row in a table."""
    on_invalid: OnInvalid | None = None
    """From the row, too."""

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        handle = super().get_route_handler()
        names = query_names(self.dependant)

        async def handle_strictly(request: Request) -> Response:
            if request.scope["query_string"] and (problem := query_problem(request.query_params, names)):
                raise problem
            try:
                return await handle(StrictRequest(request.scope, request.receive))
            except RequestValidationError as error:
                if self.on_invalid:
                    await self.on_invalid(request, error.errors())
                raise

        return handle_strictly


class Body(BaseModel):
    """The base of all request bodies: exact types, no unknown fields."""

    model_config = ConfigDict(strict=True, extra="forbid", frozen=True, hide_input_in_errors=True)
    UNSEARCHED: ClassVar[Collection[str]] = frozenset()
    """Pointers to texts in which digits are no card numbers, such as those of a telephone."""

    @classmethod
    def __get_pydantic_core_schema__(
        cls, source: type[BaseModel], handler: GetCoreSchemaHandler
    ) -> CoreSchema:
        """Validates the bytes as JSON, where an array may become a tuple, and not as Python objects.

        The name moves from the plain schema to this one, so that descriptions refer to it.
        """
        named = handler.resolve_ref_schema(handler(source))
        plain = cast(CoreSchema, {key: value for key, value in named.items() if key != "ref"})

        def validate(value: Any, validate_plain: Callable[[Any], Any]) -> Any:
            if not isinstance(value, _JsonObject):
                return validate_plain(value)
            # here, and not where the bytes are parsed: a caller without a key is refused first
            if (pointer := pointer_to_card_number(value.raw, value, cls.UNSEARCHED)) is not None:
                raise card_number(pointer)
            return cls.model_validate_json(value.raw)

        from_python = core_schema.no_info_wrap_validator_function(validate, plain)
        return core_schema.json_or_python_schema(
            json_schema=plain, python_schema=from_python, ref=named.get("ref")
        )


def not_yet(default: Any = None) -> AfterValidator:
    """For a field that is planned and not built: only ``default``, which changes nothing, is accepted."""

    def check(value: Any) -> Any:
        if value != default:
            raise PydanticCustomError(NOT_SUPPORTED, "This field is planned but has no effect yet.")
        return value

    return AfterValidator(check)


def _id(value: Any) -> UUID:
    if isinstance(value, UUID):
        return value
    if isinstance(value, str) and CANONICAL_ID.fullmatch(value):
        return UUID(value)
    raise ValueError("The value must be a UUID in its canonical form.")


def _id_in_path(value: Any) -> UUID:
    try:
        return _id(value)
    except ValueError:
        return NIL_ID


def instant(value: Any) -> datetime:
    """A time with an offset, converted to UTC, within the limits for callers. Raises ``ValueError``."""
    moment = any_instant(value)
    if not EARLIEST <= moment <= LATEST:
        raise ValueError(f"The time must be between the years {EARLIEST.year} and {LATEST.year}.")
    return moment


def any_instant(value: Any) -> datetime:
    """Like ``instant``, without the limits. Raises ``ValueError``."""
    if isinstance(value, datetime) and value.tzinfo is not None:
        return read(text_of(value))
    return read(value if isinstance(value, str) else "")


def _rfc_3339(value: datetime) -> str:
    return value.astimezone(UTC).isoformat().replace("+00:00", "Z")


def https_url(value: str) -> str:
    """Raises ``ValueError``."""
    parts = urlsplit(value)
    if parts.scheme != "https" or not parts.hostname:
        raise ValueError("This is no https address.")
    return value


def no_address(value: Any) -> Any:
    """Raises ``ValueError`` for a text, or JSON with one, that looks like an e-mail address."""
    match value:
        case str() if EMAIL_ADDRESS.search(value):
            raise ValueError("The value must not contain an e-mail address.")
        case dict():
            for name, member in value.items():
                no_address(name)
                no_address(member)
        case list() | tuple():
            for member in value:
                no_address(member)
    return value


def _tidy(value: str) -> str:
    """The text without invisible characters at its ends. Raises ``ValueError`` if nothing visible is left."""
    if value and not is_visible(value):
        raise ValueError("The text must contain a visible character.")
    return trimmed(value)


_ID_SCHEMA = WithJsonSchema({"type": "string", "format": "uuid"})
_TIME_SCHEMA = WithJsonSchema({"type": "string", "format": "date-time"})
_EDGES = "".join(f"\\u{ord(it):04x}" for it in EDGES)
_TEXT = rf"^[{_EDGES}]*[^\u0000-\u001f\u007f-\u009f\u2028-\u202e\u2066-\u2069]*[{_EDGES}]*$"

Id = Annotated[UUID, PlainValidator(_id), PlainSerializer(str, when_used="json"), _ID_SCHEMA]
PathId = Annotated[UUID, PlainValidator(_id_in_path), _ID_SCHEMA]
"""A value that is not an id becomes ``NIL_ID``: the response is that for something that does not exist."""
Instant = Annotated[
    datetime, PlainValidator(instant), PlainSerializer(_rfc_3339, when_used="json"), _TIME_SCHEMA
]
InstantInHeader = Annotated[
    datetime,
    PlainValidator(any_instant),
    WithJsonSchema(
        {"type": "string", "pattern": f"^{RFC_3339.pattern}$", "examples": ["2026-03-01T12:00:00Z"]}
    ),
]
"""Without limits, and described as a text: generators of clients cannot put a ``date-time`` into a header,
and omit every operation with one."""


@dataclass(frozen=True, slots=True)
class Trimmed:
    """``Annotated[str, Trimmed(64)]``: a text without control characters, trimmed. The lengths are those
    of the text as it was sent, as the description of the interface gives them."""

    max_length: int
    min_length: int = 1

    def __get_pydantic_core_schema__(self, _source: Any, _handler: GetCoreSchemaHandler) -> CoreSchema:
        sent = core_schema.str_schema(min_length=self.min_length, max_length=self.max_length, pattern=_TEXT)
        return core_schema.no_info_after_validator_function(_tidy, sent)


Text = Annotated[str, Trimmed(10_000, min_length=0)]
"""May be empty."""
ShortText = Annotated[str, Trimmed(200)]
UntrimmedText = Annotated[str, Field(min_length=1, max_length=200)]
"""A name to look something up by, with any characters that were copied along with it."""
Country = Annotated[str, Field(pattern=r"^[A-Z]{2}$")]
Currency = Annotated[str, Field(pattern=r"^[A-Z]{3}$")]
OwnerId = Annotated[str, Trimmed(128), AfterValidator(no_address)]
"""Another system's id of a person or a session; never an e-mail address."""
Int64 = Annotated[
    int, Field(ge=-(2**63), le=2**63 - 1), WithJsonSchema({"type": "integer", "format": "int64"})
]
Amount = Annotated[int, Field(ge=0, le=10**12)]
"""Minor units, limited so that sums of many amounts stay far within 64 bits."""


class Money(Body):
    amount: Int64
    currency: Currency
