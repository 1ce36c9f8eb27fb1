"""A Kubernetes API server with etcd on free ports of this machine, and kubectl as its client.

There is no kubelet and no controller: nothing runs. It validates against schemas and CEL rules, fills in
defaults, enforces Pod Security and admission policies, and stores what it accepts.
"""

import json
import secrets
import socket
import ssl
import subprocess
import time
import urllib.error
import urllib.request
from collections.abc import Iterable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

import yaml
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa

START_TIMEOUT_SECONDS = 120
STOP_TIMEOUT_SECONDS = 20
KUBECTL_TIMEOUT_SECONDS = 120
POLL_SECONDS = 0.2

Document = dict[str, Any]


class Refused(Exception):
    """kubectl's message about what the API server did not accept."""


class ApiServer:
    """``kubectl`` against the server, as its administrator."""

    def __init__(self, kubectl: str, url: str, token: str, home: Path) -> None:
        self._home = home
        config = home / "kubeconfig"
        config.write_text(
            json.dumps(
                {
                    "apiVersion": "v1",
                    "kind": "Config",
                    "clusters": [
                        {"name": "test", "cluster": {"server": url, "insecure-skip-tls-verify": True}}
                    ],
                    "users": [{"name": "admin", "user": {"token": token}}],
                    "contexts": [{"name": "test", "context": {"cluster": "test", "user": "admin"}}],
                    "current-context": "test",
                }
            )
        )
        config.chmod(0o600)
        self._command = [kubectl, f"--kubeconfig={config}", f"--cache-dir={home / 'cache'}"]

    def apply(self, documents: Iterable[Document], *, dry_run: bool = False) -> str:
        """Apply on the server, with strict validation. Raises ``Refused``."""
        options = ["--server-side", "--force-conflicts", "--validate=strict"]
        return self.run("apply", *options, *(["--dry-run=server"] if dry_run else []), given=documents)

    def diff(self, documents: Iterable[Document]) -> str:
        """What another apply would change; empty if nothing."""
        ended = self._run("diff", "--server-side", "--force-conflicts", given=documents)
        if ended.returncode not in {0, 1}:
            raise Refused(ended.stderr)
        return ended.stdout

    def run(self, *arguments: str, given: Iterable[Document] = ()) -> str:
        """Standard output of kubectl. Raises ``Refused``."""
        ended = self._run(*arguments, given=given)
        if ended.returncode:
            raise Refused(ended.stderr.strip())
        return ended.stdout

    def _run(self, *arguments: str, given: Iterable[Document]) -> subprocess.CompletedProcess[str]:
        text = yaml.safe_dump_all(list(given))
        files = ["-f", "-"] if text else []
        return subprocess.run(
            [*self._command, *arguments, *files],
            input=text,
            capture_output=True,
            text=True,
            timeout=KUBECTL_TIMEOUT_SECONDS,
            check=False,
        )


@contextmanager
def api_server(binary: Path, etcd: str, kubectl: str, home: Path) -> Iterator[ApiServer]:
    """Start etcd and the API server with their data in ``home``, and stop them at the end of the block."""
    client_port, peer_port, port = _free_ports(3)
    store, peer = f"http://127.0.0.1:{client_port}", f"http://127.0.0.1:{peer_port}"
    token = secrets.token_hex(16)
    (home / "tokens.csv").write_text(f'{token},admin,admin,"system:masters"\n')
    _write_key_pair(home)
    etcd_command = [
        *(etcd, "--data-dir", str(home / "etcd"), "--unsafe-no-fsync"),
        *("--listen-client-urls", store, "--advertise-client-urls", store),
        *("--listen-peer-urls", peer, "--initial-advertise-peer-urls", peer),
        *("--initial-cluster", f"default={peer}"),
    ]
    server_command = [
        *(str(binary), f"--etcd-servers={store}", f"--cert-dir={home / 'certificates'}"),
        *("--bind-address=127.0.0.1", f"--secure-port={port}", "--service-cluster-ip-range=10.0.0.0/24"),
        "--service-account-issuer=https://kubernetes.default.svc",
        f"--service-account-key-file={home / 'accounts.pub'}",
        f"--service-account-signing-key-file={home / 'accounts.key'}",
        *("--authorization-mode=RBAC", f"--token-auth-file={home / 'tokens.csv'}"),
        # tokens of service accounts are made by a controller, and none runs
        "--disable-admission-plugins=ServiceAccount",
        # Debian's etcd is older than this server's watch cache asks for
        "--watch-cache=false",
    ]
    with ExitStack() as stack:
        stack.enter_context(_running(etcd_command, home / "etcd.log"))
        process = stack.enter_context(_running(server_command, home / "server.log"))
        url = f"https://127.0.0.1:{port}"
        _wait_until_ready(url, process, home / "server.log")
        yield ApiServer(kubectl, url, token, home)


def _free_ports(count: int) -> list[int]:
    with ExitStack() as stack:
        sockets = [stack.enter_context(socket.socket()) for _ in range(count)]
        for it in sockets:
            it.bind(("127.0.0.1", 0))
        return [it.getsockname()[1] for it in sockets]


def _write_key_pair(home: Path) -> None:
    """The key pair with which the API server signs tokens of service accounts."""
    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    pem = serialization.Encoding.PEM
    private = key.private_bytes(pem, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    public = key.public_key().public_bytes(pem, serialization.PublicFormat.SubjectPublicKeyInfo)
    (home / "accounts.key").write_bytes(private)
    (home / "accounts.pub").write_bytes(public)


@contextmanager
def _running(command: list[str], log: Path) -> Iterator[subprocess.Popen[bytes]]:
    with log.open("wb") as out:
        process = subprocess.Popen(command, stdout=out, stderr=subprocess.STDOUT)
        try:
            yield process
        finally:
            process.terminate()
            try:
                process.wait(STOP_TIMEOUT_SECONDS)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()


def _wait_until_ready(url: str, process: subprocess.Popen[bytes], log: Path) -> None:
    unverified = ssl._create_unverified_context()  # noqa: S323  # the server has just made its certificate itself
    deadline = time.monotonic() + START_TIMEOUT_SECONDS
    while time.monotonic() < deadline:
        if process.poll() is not None:
            break
        try:
            with urllib.request.urlopen(f"{url}/readyz", context=unverified, timeout=2):  # noqa: S310  # see above
                return
        except (urllib.error.URLError, OSError):
            time.sleep(POLL_SECONDS)
    raise RuntimeError(f"the API server did not become ready:\n{log.read_text()[-3000:]}")
