"""Rules for choosing the ports of a stack."""

import socket
from collections.abc import Iterator

import pytest

from cli.errors import StackError
from devstack import ports


@pytest.fixture
def taken() -> Iterator[int]:
    with socket.socket() as listener:
        listener.bind((ports.HOST, 0))
        listener.listen()
        yield listener.getsockname()[1]


def test_the_error_of_a_port_in_use_names_its_setting(taken: int) -> None:
    with pytest.raises(
        StackError, match=rf"Port {taken} for checkout-saga is taken.*FEIRA_PORT_CHECKOUT_SAGA"
    ):
        ports.allocate(
            ["cart", "checkout-saga"], {"FEIRA_PORTS": "auto", "FEIRA_PORT_CHECKOUT_SAGA": str(taken)}
        )


def test_each_port_has_a_setting_of_its_own() -> None:
    own = ports.free()
    chosen = ports.allocate(["cart", "kafka"], {"FEIRA_PORTS": "auto", "FEIRA_PORT_KAFKA": str(own)})
    assert chosen["kafka"] == own != chosen["cart"]


def test_free_ports_are_distinct_and_never_handed_to_outgoing_connections() -> None:
    chosen = ports.allocate([f"part-{number}" for number in range(50)], {"FEIRA_PORTS": "auto"}).values()
    assert len(set(chosen)) == 50
    if ports.EPHEMERAL_RANGE_FILE.exists():
        lowest, highest = map(int, ports.EPHEMERAL_RANGE_FILE.read_text().split())
        assert not [port for port in chosen if lowest <= port <= highest]


@pytest.mark.parametrize(
    "environment",
    [
        {"FEIRA_PORTS": "random"},
        {"FEIRA_PORTS": "auto", "FEIRA_PORT_CART": "http"},
        {"FEIRA_PORTS": "auto", "FEIRA_PORT_CART": "70000"},
        {"FEIRA_PORTS": "auto", "FEIRA_PORT_CART": "23456", "FEIRA_PORT_OFFER": "23456"},
    ],
)
def test_an_invalid_port_setting_is_refused(environment: dict[str, str]) -> None:
    with pytest.raises(StackError):
        ports.allocate(["cart", "offer"], environment)


def test_free_ports_are_taken_from_the_range_that_is_set(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv(ports.FREE_PORTS, "21000-21009")
    assert set(ports.allocate(["cart", "offer"], {"FEIRA_PORTS": "auto"}).values()) <= set(
        range(21_000, 21_010)
    )
    monkeypatch.setenv(ports.FREE_PORTS, "21009-21000")
    with pytest.raises(StackError, match="is a range such as"):
        ports.free()
    monkeypatch.setenv(ports.FREE_PORTS, "21000")
    with pytest.raises(StackError, match="FEIRA_FREE_PORTS is a port from 1 to 65535, not ''"):
        ports.free()
