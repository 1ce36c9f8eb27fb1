"""The table of commands: nothing that a checkout may ask is left out."""

from datetime import timedelta
from typing import get_args

from contracts.offer import OfferCommand
from offer.application.command_routes import command_routes


def test_every_command_to_the_offer_service_is_obeyed() -> None:
    assert set(command_routes(timedelta(minutes=30))) == set(get_args(OfferCommand))
