"""Install the tools of the deployment checks from Debian packages: ``make deploy-tools``.

Each command is linked into ``.venv/bin``, so that tests and scripts find all tools in one folder.
"""

from __future__ import annotations

import fcntl
import os
import platform
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

LIST = Path(__file__).with_name("debian.txt")
LINKS = Path(sys.prefix) / "bin"
CACHE = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "feira" / "tools"
APT_TIMEOUT_SECONDS = 600


class Package(NamedTuple):
    name: str
    how: str
    """``unpack`` or ``install``."""
    commands: tuple[str, ...]
    tried_version: str


def packages(text: str) -> Iterator[Package]:
    for line in text.splitlines():
        if line and not line.startswith("#"):
            name, how, *commands, version = line.split()
            yield Package(name, how, tuple(commands), version)


def main() -> None:
    CACHE.mkdir(parents=True, exist_ok=True)
    # two checkouts may install at once: apt has one lock, and the cache is shared
    with (CACHE / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        _install_missing()


def _install_missing() -> None:
    missing = [it for it in packages(LIST.read_text()) if not all(map(_is_there, it.commands))]
    if not missing:
        return
    if not shutil.which("apt-get"):
        sys.exit(f"These tools come from Debian packages, and there is no apt-get: {_names(missing)}")
    _check_versions(missing)
    unpacked = [it for it in missing if it.how == "unpack"]
    installed = [it for it in missing if it.how == "install"]
    if unpacked:
        _unpack(unpacked)
    if installed:
        if os.geteuid() != 0:
            sys.exit(f"Only root can install {_names(installed)}: apt-get install {_names(installed)}")
        _apt("install", "-y", "--no-install-recommends", *(it.name for it in installed))
    for package in missing:
        for command in package.commands:
            _link(command)


def _is_there(command: str) -> bool:
    return (LINKS / command).exists()


def _names(of: list[Package]) -> str:
    return " ".join(it.name for it in of)


def _apt(*arguments: str, cwd: Path | None = None) -> None:
    """Run apt-get; what it prints is shown only if it fails."""
    environment = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    command = ["apt-get", "-qq", *arguments]
    ended = subprocess.run(  # noqa: S603  # a fixed command with the names of packages
        command,
        check=False,
        cwd=cwd,
        env=environment,
        timeout=APT_TIMEOUT_SECONDS,
        capture_output=True,
        text=True,
    )
    if ended.returncode:
        sys.exit(f"{' '.join(command)} failed:\n{ended.stdout}{ended.stderr}")


def _check_versions(of: list[Package]) -> None:
    """Say which versions differ from those last tried; fetch apt's lists if there are none."""
    if any(not _candidate(it.name) for it in of):
        if os.geteuid() != 0:
            sys.exit("apt has no lists of packages: apt-get update")
        _apt("update")
    for package in of:
        version = _candidate(package.name)
        if not version:
            sys.exit(f"This release of Debian has no package {package.name}.")
        if version != package.tried_version:
            print(f"{package.name} {version}: last tried with {package.tried_version}", file=sys.stderr)


def _candidate(package: str) -> str:
    """The version that apt would install; empty if apt knows none."""
    command = ["apt-cache", "show", "--no-all-versions", package]
    shown = subprocess.run(command, capture_output=True, text=True, check=False)  # noqa: S603  # as above
    lines = [it for it in shown.stdout.splitlines() if it.startswith("Version: ")]
    return lines[0].removeprefix("Version: ") if lines else ""


def _unpack(of: list[Package]) -> None:
    """Take the commands out of the packages into the cache. apt verifies the packages' signatures."""
    (CACHE / "share").mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory(dir=CACHE, prefix="new-") as folder:
        work = Path(folder)
        _apt("download", *(it.name for it in of), cwd=work)
        for archive in work.glob("*.deb"):
            subprocess.run(  # noqa: S603  # a file that apt has just verified
                ["dpkg-deb", "-x", str(archive), str(work / "root")],  # noqa: S607  # of the system, like apt-get
                check=True,
            )
        for command in (it for package in of for it in package.commands):
            found = [it for it in work.glob(f"root/usr/*bin/{command}") if it.is_file()]
            if not found:
                sys.exit(f"{command} is in none of its package's folders")
            found[0].replace(CACHE / command)
        for data in work.glob("root/usr/share/prometheus/*"):  # the pages of Prometheus
            shutil.rmtree(CACHE / "share" / data.name, ignore_errors=True)
            data.rename(CACHE / "share" / data.name)


def _link(command: str) -> None:
    target = CACHE / command if (CACHE / command).exists() else Path(shutil.which(command) or "")
    link = LINKS / f"{command}.new-{os.getpid()}"
    link.symlink_to(target)
    link.replace(LINKS / command)


if __name__ == "__main__":
    if platform.system() != "Linux":
        sys.exit("The tools of the deployment checks are Linux programs.")
    main()
