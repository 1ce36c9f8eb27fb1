"""Rules for the stack that the demo brings up for itself."""

import socket
from pathlib import Path

import pytest

from demo.own_stack import own_environment
from devstack import ports


def test_the_demo_uses_a_state_directory_beside_the_project_s(tmp_path: Path) -> None:
    own = own_environment({"FEIRA_HOME": str(tmp_path / "precious")})
    assert own["FEIRA_HOME"] == str(tmp_path / "precious-demo")


def test_the_demo_runs_its_own_servers_with_the_demo_keys() -> None:
    foreign = {"FEIRA_KAFKA": "broker:9092", "FEIRA_POSTGRES": "postgresql://somewhere"}
    own = own_environment({**foreign, "FEIRA_ENV": "production"})
    assert not {"FEIRA_KAFKA", "FEIRA_POSTGRES"} & own.keys()
    assert own["FEIRA_ENV"] == "local"
    assert own_environment({"FEIRA_KAFKA": "docker"})["FEIRA_KAFKA"] == "docker"


def test_the_demo_takes_free_ports_if_the_fixed_ones_are_in_use(monkeypatch: pytest.MonkeyPatch) -> None:
    with socket.socket() as listener:
        listener.bind((ports.HOST, 0))
        listener.listen()
        taken = listener.getsockname()[1]
        monkeypatch.setattr(ports, "FIXED", {"cart": taken})
        assert own_environment({})["FEIRA_PORTS"] == "auto"
        assert own_environment({"FEIRA_PORTS": "fixed"})["FEIRA_PORTS"] == "fixed"
    monkeypatch.setattr(ports, "FIXED", {"cart": ports.free()})
    assert own_environment({})["FEIRA_PORTS"] == "fixed"
