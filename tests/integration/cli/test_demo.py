"""The demo from outside: it proves the revenue on a stack of its own, and leaves nothing behind."""

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from demo import dataset
from demo.academy.shoppers import ONLY_LOOKING, VISITORS
from devstack import stale_processes

FEIRA = str(Path(sys.executable).with_name("feira"))
LINES = 25
OFFERS_SOLD = VISITORS - ONLY_LOOKING + 1
"""By the visitors who buy, and by the one who follows the flow."""


def begun(home: Path, *options: str) -> "subprocess.Popen[str]":
    settings = {"FEIRA_HOME": str(home / "shop"), "FEIRA_PORTS": "auto", "FEIRA_GATEWAY_DOWN_SECONDS": "5"}
    environment = {**os.environ, **settings}
    return subprocess.Popen(
        [FEIRA, "demo", *options],
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def nothing_is_left(home: Path) -> bool:
    return not any(home.iterdir()) and not stale_processes.find_all(home / "shop-demo")


@pytest.mark.timeout(420)
def test_the_demo_proves_the_revenue_and_leaves_nothing_behind(tmp_path: Path) -> None:
    demo = begun(tmp_path, "--lines", str(LINES), "--json")
    output, complaints = demo.communicate(timeout=400)
    assert demo.returncode == 0, complaints
    result = json.loads(output)
    assert result["ok"] and result["settled"] and result["orders"] == LINES
    revenue = dataset.revenue(dataset.spread(LINES))
    assert [it["found"] for it in result["proof"][:3]] == [revenue] * 3
    customers = {it.customer_id for it in dataset.spread(LINES)}
    assert sum(it["size"] for it in result["cohorts"]) == len(customers)
    assert result["forecast"]["method"] or result["forecast"]["reason"]
    ends = {it["token"]: it for it in result["trials"]}
    assert ends["tok_capture_fails"]["ends"] == {"failed CAPTURE_FAILED": 6}
    assert "authorize_payment" in ends["tok_capture_fails"]["taken_back"]
    assert ends["tok_action"]["ends"] == {"completed": 4}
    academy = result["academy"]
    assert all(it["holds"] for it in academy["checks"])
    assert 0 < academy["campaign"]["used"] <= academy["campaign"]["budget"]
    assert sum(it["conversions"] for it in academy["variants"]) == OFFERS_SOLD
    assert nothing_is_left(tmp_path)


@pytest.mark.timeout(180)
def test_an_interrupted_demo_leaves_nothing_behind(tmp_path: Path) -> None:
    demo = begun(tmp_path)
    lock = tmp_path / "shop-demo" / "lock"
    deadline = time.monotonic() + 60
    while not lock.exists():
        assert time.monotonic() < deadline and demo.poll() is None
        time.sleep(0.05)
    demo.send_signal(signal.SIGINT)
    output, complaints = demo.communicate(timeout=90)
    assert (demo.returncode, complaints) == (130, "")
    assert output.endswith("Interrupted; nothing is left running.\n")
    assert nothing_is_left(tmp_path)
