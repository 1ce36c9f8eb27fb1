"""A Prometheus beside the stack on this machine, with the rules of this folder."""

from __future__ import annotations

import json
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from cli.errors import StackError
from deploy.observability.live.client import PrometheusClient
from deploy.observability.live.faster import faster
from deploy.observability.rule_files import groups, rule_files
from devstack.program import bind_to_parent

BINARY = Path(sys.prefix) / "bin" / "prometheus"
PAGES = "share/web"
"""Debian keeps the pages of Prometheus apart from its program."""
READY_WITHIN_SECONDS = 30.0
LOOK_EVERY_SECONDS = 0.1
STOP_SECONDS = 10.0
KEPT = "2d"


@dataclass(frozen=True)
class RunningPrometheus:
    client: PrometheusClient
    targets_file: Path

    def scrape(self, targets: list[dict[str, Any]]) -> None:
        """Replace the targets; it notices within a second. An unchanged file is left alone: each change makes
        it look for its targets anew."""
        content = json.dumps(targets)
        if self.targets_file.exists() and self.targets_file.read_text() == content:
            return
        new = self.targets_file.with_suffix(".new")
        new.write_text(content)
        new.replace(self.targets_file)


@contextmanager
def prometheus(
    folder: Path,
    port: int,
    targets: list[dict[str, Any]],
    *,
    scrape_seconds: float = 5,
    factor: float = 1,
) -> Iterator[RunningPrometheus]:
    """Run it during the block, with its data in ``folder``. ``factor``: how many times faster the rules are.

    Raises ``StackError`` if it is not installed, or does not start.
    """
    if not BINARY.exists():
        raise StackError("Prometheus is not installed: make deploy-tools")
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    _write_rules(folder / "rules", factor)
    (folder / "prometheus.yaml").write_text(yaml.safe_dump(_configuration(folder, scrape_seconds)))
    client = PrometheusClient(f"http://127.0.0.1:{port}")
    running = RunningPrometheus(client, folder / "targets.json")
    running.scrape(targets)
    log = folder / "prometheus.log"
    command = bind_to_parent(_command(folder, port), signal.SIGTERM)
    with log.open("w") as output:
        # its own session: Ctrl-C at the terminal is for this process, which then stops it
        process = subprocess.Popen(command, stdout=output, stderr=output, start_new_session=True)  # noqa: S603  # our own program
    try:
        _wait(client, process, log)
        yield running
    finally:
        process.terminate()
        try:
            process.wait(STOP_SECONDS)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def _command(folder: Path, port: int) -> tuple[str, ...]:
    pages = BINARY.resolve().parent / PAGES
    return (
        str(BINARY),
        f"--config.file={folder / 'prometheus.yaml'}",
        f"--storage.tsdb.path={folder / 'data'}",
        f"--storage.tsdb.retention.time={KEPT}",
        f"--web.listen-address=127.0.0.1:{port}",
        "--log.level=warn",
        *((f"--web.local-assets={pages}",) if pages.is_dir() else ()),
    )


def _configuration(folder: Path, scrape_seconds: float) -> Mapping[str, Any]:
    interval = f"{round(scrape_seconds * 1000)}ms"
    return {
        "global": {
            "scrape_interval": interval,
            "scrape_timeout": interval,
            "evaluation_interval": interval,
        },
        "rule_files": [str(folder / "rules" / "*.yaml")],
        "scrape_configs": [
            {
                "job_name": "feira",
                "file_sd_configs": [{"files": [str(folder / "targets.json")], "refresh_interval": "1s"}],
            }
        ],
    }


def _write_rules(folder: Path, factor: float) -> None:
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir()
    for path in rule_files():
        content = {"groups": faster(groups(path), factor)}
        (folder / path.name).write_text(yaml.safe_dump(content, sort_keys=False))


def _wait(client: PrometheusClient, process: subprocess.Popen[bytes], log: Path) -> None:
    deadline = time.monotonic() + READY_WITHIN_SECONDS
    while not client.is_ready():
        if process.poll() is not None or time.monotonic() > deadline:
            lines = log.read_text().splitlines()
            raise StackError(f"Prometheus does not start: {lines[-1] if lines else 'no output'}")
        time.sleep(LOOK_EVERY_SECONDS)
