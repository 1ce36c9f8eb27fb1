"""The status of remote services: bounded in time, whatever does not answer."""

from __future__ import annotations

import asyncio
import json
import signal
import subprocess
import sys
import threading
import time
from typing import Any

import pytest
from rich.console import Console

from cli import remote_status
from cli.addresses import Addresses
from cli.contexts import Context
from cli.named_in_environment import url_variable
from cli.remote_status import read_remote_status
from cli.remote_status_view import remote_status_view
from contracts.topology import SERVICE_NAMES
from tests.support.stub_services import Answer, stub_services

READY = {
    "version": "0.2.0",
    "ready": True,
    "missing": [],
    "figures": {"feira_parked_records": 3, "feira_consumer_lag_messages": None},
}


def healthy(_method: str, service: str, path: str, _body: Any) -> Answer:
    if path == "/v1/status":
        return 200, READY | {"service": service}
    if path.startswith("/v1/projections"):
        lag = {"events": 0, "seconds": 0.0}
        return 200, {"items": [{"name": "conversion", "state": "live", "lag": lag}], "next_cursor": None}
    return 404, {"code": "VERIFICATION_NOT_FOUND"}


def status(url: str) -> dict[str, Any]:
    at = Addresses(Context("prod", url, {}, "a-key").base_urls(), {}, "", "", "a-key", context="prod")
    return asyncio.run(read_remote_status(at, None))


def shown(found: dict[str, Any]) -> str:
    console = Console(width=200, quiet=False, file=None, record=True)
    with console.capture() as captured:
        console.print(remote_status_view(found))
    return captured.get()


@pytest.fixture(autouse=True)
def patience(monkeypatch: pytest.MonkeyPatch) -> None:
    """On a busy machine the stubs may answer late."""
    monkeypatch.setattr(remote_status, "PROBE_SECONDS", 60.0)


def test_all_services_ready_is_ready_and_no_report_is_no_error() -> None:
    with stub_services(healthy) as url:
        found = status(url)

    assert (found["state"], found["errors"], found["verification"]) == ("ready", {}, None)
    text = shown(found)
    assert "prod: ready" in text and "last verification: none known" in text and "?" in text


def test_a_service_that_hangs_delays_the_others_by_the_limit_at_most(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(remote_status, "PROBE_SECONDS", 2.0)
    enough = threading.Event()

    def hanging(method: str, service: str, path: str, body: Any) -> Answer:
        if service == "offer":
            enough.wait(60)
        return healthy(method, service, path, body)

    with stub_services(hanging) as url:
        began = time.monotonic()
        found = status(url)
        took = time.monotonic() - began
        enough.set()

    assert took < 20, "the limit of two seconds, and not the time that the service hangs"
    assert found["state"] == "degraded" and found["services"]["offer"] is None
    assert found["services"]["cart"]["ready"]
    assert "no answer (TimeoutError)" in shown(found)


def test_a_service_that_is_not_ready_or_refuses_says_why() -> None:
    def troubled(method: str, service: str, path: str, body: Any) -> Answer:
        if service == "cart":
            return 200, READY | {"service": service, "ready": False, "missing": ["migrations"]}
        return (403, {}) if service == "offer" else healthy(method, service, path, body)

    with stub_services(troubled) as url:
        found = status(url)

    assert found["state"] == "degraded" and found["errors"] == {"offer": "it answers 403"}
    assert "not ready: migrations" in shown(found)


def test_no_answer_at_all_is_down() -> None:
    found = status("http://127.0.0.1:1")
    assert found["state"] == "down" and found["errors"].keys() == {
        *SERVICE_NAMES,
        "read_models",
        "verification",
    }


def test_watching_shows_it_again_and_again_until_it_is_interrupted(tmp_path: Any) -> None:
    # the default of SIGINT, which a shell may have switched off for all that it runs in the background
    program = """import signal
from cli import main, remote_status
signal.signal(signal.SIGINT, signal.default_int_handler)
remote_status.PROBE_SECONDS = 60
main.run()"""
    with stub_services(healthy) as url:
        environment = {url_variable(it): f"{url}/{it}" for it in SERVICE_NAMES}
        environment |= {"FEIRA_KEY": "a-key", "HOME": str(tmp_path)}
        words = [sys.executable, "-c", program, "status", "--watch", "0.5", "--json"]
        with subprocess.Popen(words, env=environment, stdout=subprocess.PIPE, text=True) as watching:
            assert watching.stdout
            lines = [watching.stdout.readline() for _ in range(2)]
            watching.send_signal(signal.SIGINT)
            watching.communicate(timeout=20)

    assert [json.loads(it)["state"] for it in lines] == ["ready", "ready"]
