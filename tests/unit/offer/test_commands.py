"""The command routes: every command has a handler."""

from datetime import timedelta
from typing import get_args

from contracts.offer import OfferCommand
from offer.app import command_routes
from tests.unit.offer.customers import FakeCustomers


def test_every_command_of_the_contract_has_a_handler() -> None:
    half_an_hour = timedelta(minutes=30)
    routes = command_routes(half_an_hour, FakeCustomers(), half_an_hour)
    assert set(routes) == set(get_args(OfferCommand))
