"""The base classes of a checkout's commands to other services, and of their replies."""

from uuid import UUID

from pydantic import ConfigDict, Field

from contracts.envelope import Command, Reply


class CheckoutCommand(Command):
    """A command of a checkout. In JSON, and when constructed, ``process_id`` is named ``checkout_id``."""

    model_config = ConfigDict(serialize_by_alias=True)

    process_id: UUID = Field(alias="checkout_id")


class CheckoutReply(Reply):
    """A reply to a checkout. In JSON, and when constructed, ``process_id`` is named ``checkout_id``."""

    model_config = ConfigDict(serialize_by_alias=True)

    process_id: UUID = Field(alias="checkout_id")
