"""Run a service's ``recover-log`` against a database and a broker, and read its report."""

import json
import subprocess
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

from cli.errors import StackError
from cli.home import home_of, read_secrets
from cli.secret_files import with_secret_files
from contracts.topology import PUBLISHERS
from devstack.environment import declared_variables, inherited
from devstack.services import SERVICES

SOMETHING_IS_MISSING = 3
"""The exit code of a dry run that has found something."""


def recover(
    service: str,
    database_url: str,
    kafka: str,
    options: Sequence[str] = (),
    *,
    environment: Mapping[str, str],
    log: Path | None = None,
) -> dict[str, Any]:
    """The report, with ``error`` if the log cannot be recovered. ``log``: a file for its messages, which
    otherwise go to the error output. Raises ``StackError``."""
    if service not in PUBLISHERS:
        choice = ", ".join(PUBLISHERS)
        raise StackError(f"{service!r} has no log to recover; choose one of {choice}.")
    program = next(it for it in SERVICES if it.name == service)
    declared = declared_variables(program.recovery_settings)
    environment = with_secret_files(environment)
    own = {
        "FEIRA_DATABASE_URL": database_url,
        "FEIRA_KAFKA_BOOTSTRAP": kafka,
        "FEIRA_INSTANCE": f"{service}-recover-log",
    }
    secrets = _stored_secrets(declared & program.needs, environment)
    variables = secrets | inherited(declared, environment) | own
    with (log or Path("/dev/stderr")).open("ab") as messages:
        done = subprocess.run(  # noqa: S603  # our own module
            (*program.command, "recover-log", *options),
            check=False,
            stdout=subprocess.PIPE,
            stderr=messages,
            env=variables,
        )
    try:
        report: dict[str, Any] = json.loads(done.stdout)
    except ValueError:
        raise StackError(f"{service}'s log was not recovered: exit code {done.returncode}.") from None
    return report


def _stored_secrets(names: Iterable[str], environment: Mapping[str, str]) -> dict[str, str]:
    """Those that the stack of this machine has generated."""
    stored = read_secrets(home_of(environment))
    by_name = {f"FEIRA_{name.upper()}": value for name, value in stored.items()}
    return {name: by_name[name] for name in names if name in by_name}


def sentences(report: Mapping[str, Any]) -> list[str]:
    """The report for people."""
    service = report["service"]
    if error := report.get("error"):
        return [f"{service}: not recovered: {error}", *(f"  {it}" for it in report["examples"])]
    if report.get("relay_leads"):
        agrees = f"{service}: nothing to recover: its log agrees with its topics, and its relay publishes."
        return [agrees, *_of_erasures(report)]
    if not report["facts"] + report["commands"]:
        complete = f"{service}: nothing is missing ({report['records_read']} records compared)."
        return [complete, *_of_erasures(report)]
    verb = "would come back" if report["dry_run"] else "came back"
    lines = [
        f"{service}: {report['facts']} facts of {report['streams']} streams and "
        f"{report['commands']} commands {verb}, from {report['first']} to {report['last']}."
    ]
    if derived := report["derived"]:
        lines.append(
            f"  made again from them: {derived['keys']} unique keys, {derived['timers']} timers; "
            f"sent once more: {derived['commands']} commands."
        )
        lines.append(
            "  not in the topics, and therefore lost: responses under idempotency keys, dead letters, the "
            "actors of these messages, and keys of customers who were new."
        )
    passed_over = "  passed over, since the log has another message there or the body cannot be read:"
    lines += _of_erasures(report)
    return [*lines, *(f"{passed_over} {it}" for it in report["contradictions"])]


def _of_erasures(report: Mapping[str, Any]) -> list[str]:
    count = report.get("repeated", 0)
    return [f"  erased again: the keys of {count} customers, which the backup had."] if count else []
