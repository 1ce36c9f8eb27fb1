"""The Prometheus of ``make watch`` and of the proof: what it scrapes, and how much faster its rules are."""

from __future__ import annotations

import socket
import subprocess
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
import yaml

from cli.errors import StackError
from deploy.observability.dashboards.boards import key_panels
from deploy.observability.dashboards.panel import Kind, Panel, Query, Unit
from deploy.observability.live.faster import faster
from deploy.observability.live.panels import values
from deploy.observability.live.server import prometheus
from deploy.observability.live.targets import targets
from deploy.observability.rule_files import groups, rule_files
from devstack import ports
from tests.deploy.tools import tool
from tests.support.waiting import until

METRICS = b'feira_loop_stale{loop="relay"} 1\nfeira_sagas_open{saga="checkout",state="processing"} 3\n'


def one_rule(**fields: str) -> list[dict[str, object]]:
    return [{"name": "group", "rules": [{"alert": "A", "expr": "up", **fields}]}]


@pytest.mark.parametrize(
    ("expr", "expected"),
    [
        ("sum(rate(a[1h])) > 5", "sum(rate(a[180s])) > 5"),
        ("rate(a[1m])", "rate(a[5s])"),
        ("max by (service) (a_seconds) > 1200", "max by (service) (a_seconds) > 60"),
        ('a_seconds{x="1"} > bool 60 or b > 60', 'a_seconds{x="1"} > bool 8 or b > 60'),
        ("a_seconds > bool 5", "a_seconds > bool 5"),
        ("rate(a_seconds_count[5m]) > 100", "rate(a_seconds_count[15s]) > 100"),
        ("sum(rate(a_count[1h])) * 3600 > 100", "sum(rate(a_count[180s])) * 180 > 100"),
    ],
)
def test_windows_and_thresholds_in_seconds_are_divided(expr: str, expected: str) -> None:
    [group] = faster(one_rule(expr=expr, **{"for": "5m"}), 20)
    assert group["rules"] == [{"alert": "A", "expr": expected, "for": "15s"}]


def test_with_factor_one_rules_stay_as_they_are() -> None:
    for path in rule_files():
        assert faster(groups(path), 1) == groups(path)


def test_promtool_accepts_the_faster_rules(tmp_path: Path) -> None:
    for path in rule_files():
        (tmp_path / path.name).write_text(yaml.safe_dump({"groups": faster(groups(path), 20)}))
    command = [tool("promtool"), "check", "rules", *map(str, tmp_path.iterdir())]
    ended = subprocess.run(command, capture_output=True, text=True, check=False, timeout=60)
    assert ended.returncode == 0, ended.stdout + ended.stderr


def test_each_process_of_a_service_is_a_target_and_nothing_else() -> None:
    processes = [
        {"name": "checkout-saga", "url": "http://127.0.0.1:8003"},
        {"name": "checkout-saga-2", "url": "http://127.0.0.1:9003"},
        {"name": "gateway", "url": "http://127.0.0.1:8005"},
        {"name": "postgres", "url": "postgresql://127.0.0.1:5432"},
    ]
    labels = {"job": "feira", "service": "checkout-saga"}
    assert targets(processes) == [
        {"targets": ["127.0.0.1:8003"], "labels": {**labels, "pod": "checkout-saga"}},
        {"targets": ["127.0.0.1:9003"], "labels": {**labels, "pod": "checkout-saga-2"}},
    ]


class Exporter(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        self.send_response(200)
        self.send_header("Content-Type", "text/plain; version=0.0.4")
        self.end_headers()
        self.wfile.write(METRICS)

    def log_message(self, *_arguments: object) -> None:
        """Nothing."""


@pytest.fixture
def exporter() -> Iterator[str]:
    with ThreadingHTTPServer(("127.0.0.1", 0), Exporter) as server:
        serving = threading.Thread(target=server.serve_forever)
        serving.start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()
        serving.join()


async def test_it_scrapes_evaluates_the_rules_and_leaves_nothing_behind(
    exporter: str, tmp_path: Path
) -> None:
    tool("prometheus")
    scraped = targets([{"name": "cart", "url": exporter}])
    with prometheus(tmp_path, ports.free(), scraped, scrape_seconds=0.5) as running:
        client = running.client
        await until(
            lambda: any(it.name == "FeiraLoopStale" and it.state == "firing" for it in client.alerts())
        )
        assert client.targets() == {"cart": "up"}
        query = Query("feira_sagas_open", "{{saga}} {{state}}")
        panel = Panel("Open", "Open ones.", Unit.COUNT, (query,), kind=Kind.NUMBER)
        assert [it.shown for it in values(panel, client)] == ["3"]
        assert [it.series for it in values(panel, client)] == ["checkout processing"]
    assert not client.is_ready()


def test_it_says_why_it_does_not_start(tmp_path: Path) -> None:
    tool("prometheus")
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        port = taken.getsockname()[1]
        with pytest.raises(StackError, match="address already in use"), prometheus(tmp_path, port, []):
            pass


def test_the_terminal_shows_something_of_each_dashboard() -> None:
    assert 10 <= len(list(key_panels())) <= 20
