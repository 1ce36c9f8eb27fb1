"""Build the Kubernetes API server from its Go modules: ``make deploy-server``.

The binary is kept outside the checkout under a hash of what it is built from, so that it is built once a
version (three minutes on two free cores, fifteen on busy ones).
"""

import hashlib
import os
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import platformdirs

PROGRAM = Path(__file__).with_name("program")
VERSION = "v1.34.3"
BUILD_TIMEOUT_SECONDS = 3600


def binary() -> Path:
    """Where the binary is, once it has been built."""
    digest = hashlib.sha256()
    for source in sorted(PROGRAM.iterdir()):
        digest.update(source.read_bytes())
    folder = Path(platformdirs.user_cache_dir("feira")) / "kube-apiserver"
    return folder / f"{VERSION}-{digest.hexdigest()[:16]}"


def build(target: Path) -> None:
    """Build in a copy, since Go may write to go.mod; the finished binary appears at once."""
    go = shutil.which("go")
    if not go:
        sys.exit("Go is needed to build the Kubernetes API server, and there is no command `go`.")
    target.parent.mkdir(parents=True, exist_ok=True)
    stamp = f"-s -w -X k8s.io/component-base/version.gitVersion={VERSION}"
    with tempfile.TemporaryDirectory(dir=target.parent, prefix="build-") as folder:
        work = Path(folder) / "program"
        shutil.copytree(PROGRAM, work)
        built = work / "kube-apiserver"
        ended = subprocess.run(
            [go, "build", "-trimpath", "-ldflags", stamp, "-o", str(built), "."],
            cwd=work,
            env={**os.environ, "CGO_ENABLED": "0", "GOFLAGS": "-mod=mod"},
            timeout=BUILD_TIMEOUT_SECONDS,
            check=False,
        )
        if ended.returncode:
            sys.exit("The Kubernetes API server could not be built.")
        built.replace(target)


if __name__ == "__main__":
    target = binary()
    if not target.exists():
        started = time.monotonic()
        sys.stderr.write(f"building the Kubernetes API server {VERSION}: minutes, once on this machine\n")
        build(target)
        sys.stderr.write(f"built in {time.monotonic() - started:.0f} s\n")
