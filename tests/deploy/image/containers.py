"""Containers of the image under runc, with no more rights than the pods of the manifests give."""

from __future__ import annotations

import json
import os
import subprocess
import tarfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from uuid import uuid4

from deploy.image.buildah import Layout
from tests.deploy.environments import SECRETS
from tests.deploy.image import seccomp
from tests.deploy.tools import tool

ENDED_WITHIN = 60.0
QUIET = ["nosuid", "noexec", "nodev"]
MOUNTS = [
    {"destination": "/proc", "type": "proc", "source": "proc", "options": QUIET},
    {"destination": "/dev", "type": "tmpfs", "source": "tmpfs", "options": ["nosuid", "mode=755"]},
    {"destination": "/tmp", "type": "tmpfs", "source": "tmpfs", "options": [*QUIET, "size=16m"]},  # noqa: S108
]


def unpack(layout: Layout, target: Path) -> Path:
    """The image's files, from its layers."""
    for layer in layout.layers:
        with tarfile.open(layer) as archive:
            archive.extractall(target, filter="fully_trusted")  # noqa: S202  # built here a moment ago
    return target


@dataclass(frozen=True)
class Container:
    name: str
    state: Path
    process: subprocess.Popen[bytes]
    log: Path

    @property
    def main_process(self) -> int:
        """The id, on this machine, of the process that is number 1 in the container."""
        return int(json.loads(self._runc("state", self.name))["pid"])

    @property
    def resident_bytes(self) -> int:
        fields = Path(f"/proc/{self.main_process}/statm").read_text().split()
        return int(fields[1]) * os.sysconf("SC_PAGE_SIZE")

    def signal(self, name: str) -> None:
        self._runc("kill", self.name, name)

    def wait(self, limit: float = ENDED_WITHIN) -> int:
        """The exit code. Raises ``subprocess.TimeoutExpired``."""
        return self.process.wait(limit)

    def remove(self) -> None:
        subprocess.run(
            [tool("runc"), f"--root={self.state}", "delete", "--force", self.name],
            check=False,
            capture_output=True,
        )
        self.process.wait(ENDED_WITHIN)

    def _runc(self, *arguments: str) -> str:
        command = [tool("runc"), f"--root={self.state}", *arguments]
        return subprocess.run(command, check=True, capture_output=True, text=True).stdout


@dataclass(frozen=True)
class Engine:
    """Starts containers with the image's own configuration: user, environment, command."""

    root: Path
    config: Mapping[str, Any]
    folder: Path

    def start(
        self,
        command: list[str] | None = None,
        env: Mapping[str, str] | None = None,
        secrets: Path | None = None,
    ) -> Container:
        """``secrets``: the folder that is at ``/run/secrets/feira``, as in a pod."""
        name = f"feira-{uuid4().hex}"
        bundle = self.folder / name
        bundle.mkdir(parents=True)
        (bundle / "config.json").write_text(
            json.dumps(self._specification(command, env or {}, _mounted(secrets)))
        )
        log, state = bundle / "log", self.folder / "runc"
        with log.open("wb") as output:
            process = subprocess.Popen(
                [tool("runc"), f"--root={state}", "run", f"--bundle={bundle}", name],
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
            )
        return Container(name, state, process, log)

    def run(
        self, *command: str, env: Mapping[str, str] | None = None, secrets: Path | None = None
    ) -> tuple[int, str]:
        """Run a command to its end; its exit code and what it printed."""
        container = self.start(list(command), env, secrets)
        try:
            return container.wait(), container.log.read_text()
        finally:
            container.remove()

    def _specification(
        self, command: list[str] | None, env: Mapping[str, str], mounted: list[dict[str, Any]]
    ) -> dict[str, Any]:
        user, group = map(int, self.config["User"].split(":"))
        return {
            "ociVersion": "1.0.2",
            "process": {
                "user": {"uid": user, "gid": group},
                "args": [*self.config.get("Entrypoint", []), *(command or self.config["Cmd"])],
                "env": [*self.config["Env"], *(f"{name}={value}" for name, value in env.items())],
                "cwd": self.config["WorkingDir"],
                "capabilities": {},
                "noNewPrivileges": True,
            },
            "root": {"path": str(self.root), "readonly": True},
            "mounts": [*MOUNTS, *mounted],
            # no network namespace: the servers of the tests listen on this machine's loopback interface
            "linux": {
                "namespaces": [{"type": it} for it in ("pid", "mount", "ipc", "uts")],
                "maskedPaths": ["/proc/kcore", "/proc/keys", "/proc/timer_list"],
                "readonlyPaths": ["/proc/sys", "/proc/irq", "/proc/bus"],
                "seccomp": seccomp.default(),
            },
        }


def _mounted(secrets: Path | None) -> list[dict[str, Any]]:
    """Below an empty ``/run``: the place to mount at must not be made in the image's files."""
    if secrets is None:
        return []
    empty = {"destination": "/run", "type": "tmpfs", "source": "tmpfs", "options": [*QUIET, "mode=755"]}
    return [
        empty,
        {"destination": SECRETS, "type": "bind", "source": str(secrets), "options": ["bind", "ro"]},
    ]
