"""`feira recover-log`: bring back from the topics what a restored database has lost."""

from typing import Annotated

import typer

from cli.output import print_json, print_line


def add_to(app: typer.Typer) -> None:
    app.command("recover-log")(recover_log)


def recover_log(
    service: Annotated[str, typer.Argument(help="cart, offer or checkout-saga.")],
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Say what is missing, and write nothing. Exit 1 if it is.")
    ] = False,
    from_beginning: Annotated[
        bool, typer.Option("--from-beginning", help="Read the topics from their beginning.")
    ] = False,
    accept_contradictions: Annotated[
        bool,
        typer.Option(
            "--accept-contradictions",
            help="Pass over records that contradict the log, or whose body cannot be read.",
        ),
    ] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
) -> None:
    """Bring back into a restored log what the service's own topics hold. Repeating it changes nothing."""
    import os

    from devstack.log_recovery import recover, sentences
    from devstack.restored_addresses import addresses_of

    chosen = {
        "--dry-run": dry_run,
        "--from-beginning": from_beginning,
        "--accept-contradictions": accept_contradictions,
    }
    at = addresses_of(os.environ)
    options = [name for name, is_set in chosen.items() if is_set]
    report = recover(service, at.databases.get(service, ""), at.kafka, options, environment=os.environ)
    if as_json:
        print_json(report)
    else:
        for sentence in sentences(report):
            print_line(sentence)
    if "error" in report or (dry_run and report["facts"] + report["commands"]):
        raise typer.Exit(1)
