"""Kafka's jars: downloaded once by Maven coordinate into the user's cache, and verified by SHA-256."""

import fcntl
import hashlib
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor, as_completed
from pathlib import Path
from typing import NamedTuple

import platformdirs

from cli.errors import StackError

PINS = Path(__file__).with_name("kafka-jars.txt")
MAX_DOWNLOADS = 8
DOWNLOAD_TIMEOUT_SECONDS = 10


Progress = Callable[[int, int], None]


def no_progress(_done: int, _total: int) -> None:
    """Ignore the progress."""


class Jar(NamedTuple):
    group: str
    artifact: str
    version: str
    sha256: str

    @classmethod
    def at(cls, coordinate: str, sha256: str) -> "Jar":
        group, artifact, version = coordinate.split(":")
        return cls(group, artifact, version, sha256)

    def path(self, cache: Path) -> Path:
        folder = cache.joinpath(*self.group.split("."), self.artifact, self.version)
        return folder / f"{self.artifact}-{self.version}.jar"

    def is_in(self, cache: Path) -> bool:
        try:
            return hashlib.sha256(self.path(cache).read_bytes()).hexdigest() == self.sha256
        except FileNotFoundError:
            return False


def cache_folder() -> Path:
    return Path(platformdirs.user_cache_dir("feira")) / "jars"


def pinned() -> list[Jar]:
    lines = (line.split() for line in PINS.read_text().splitlines() if line)
    return [Jar.at(coordinate, sha256) for coordinate, sha256 in lines]


def ensure_downloaded(progress: Progress = no_progress) -> list[Path]:
    """Download missing or damaged jars, and return the paths of all. Raises ``StackError``."""
    cache, jars = cache_folder(), pinned()
    with ThreadPoolExecutor(MAX_DOWNLOADS) as pool:
        if not all(pool.map(lambda jar: jar.is_in(cache), jars)):
            _fetch(jars, cache, progress)
    return [jar.path(cache) for jar in jars]


def _fetch(jars: list[Jar], cache: Path, progress: Progress) -> None:
    try:
        cache.mkdir(parents=True, exist_ok=True)
        with (cache / "lock").open("w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            missing = [jar for jar in jars if not jar.is_in(cache)]
            with ThreadPoolExecutor(MAX_DOWNLOADS) as pool:
                running = [pool.submit(_fetch_one, jar, cache) for jar in missing]
                try:
                    for done, future in enumerate(as_completed(running), start=1):
                        future.result()
                        progress(done, len(missing))
                finally:
                    pool.shutdown(cancel_futures=True)
    except OSError as problem:
        raise StackError(
            f"Kafka's jars cannot be stored in {cache}: {problem.strerror or problem}."
        ) from None


def _fetch_one(jar: Jar, cache: Path) -> None:
    from jgo.maven import MavenContext  # imported on demand: needed for a machine's first start only
    from requests import RequestException

    jar.path(cache).unlink(missing_ok=True)
    context = MavenContext(repo_cache=cache, timeout=DOWNLOAD_TIMEOUT_SECONDS)
    try:
        context.project(jar.group, jar.artifact).at_version(jar.version).artifact().resolve()
    except (RequestException, RuntimeError) as problem:
        raise StackError(
            f"Kafka's jar {jar.artifact}-{jar.version} could not be downloaded from Maven Central "
            f"({type(problem).__name__}); the first start on a machine needs the network."
        ) from None
    if not jar.is_in(cache):
        jar.path(cache).unlink(missing_ok=True)
        raise StackError(f"Kafka's jar {jar.artifact}-{jar.version} has an unexpected SHA-256.")
