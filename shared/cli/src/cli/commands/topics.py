"""`feira topics`: the topics on Kafka, and who may use them."""

from typing import Annotated

import typer

from cli.output import print_json, print_line

AsJson = Annotated[bool, typer.Option("--json", help="Print JSON.")]


def add_to(app: typer.Typer) -> None:
    group = typer.Typer(help="Topics on Kafka, and who may use them.", no_args_is_help=True)
    group.command()(create)
    group.command()(check)
    group.command()(acls)
    app.add_typer(group, name="topics")


def create(
    replication: Annotated[
        int | None,
        typer.Option(min=1, max=9, help="Copies of each record. Default: 3, with fewer brokers one each."),
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Create the topics that are missing. Those that exist stay as they are."""
    from cli import topics
    from cli.kafka import configured

    kafka = configured()
    created = topics.run(topics.create_missing(kafka, replication), kafka)
    if as_json:
        print_json({"created": created})
    else:
        print_line(f"Created {', '.join(created)}." if created else "All topics exist.")


def check(
    replication: Annotated[int, typer.Option(min=1, max=9, help="Copies of each record.")] = 3,
    as_json: AsJson = False,
) -> None:
    """Compare the topics with what Feira needs. Exit 1 if one is missing or different."""
    from rich.table import Table

    from cli import topics
    from cli.console import new_console
    from cli.kafka import configured

    kafka = configured()
    found = topics.run(topics.differences(kafka, replication), kafka)
    if as_json:
        print_json({"differences": [it._asdict() for it in found]})
    elif found:
        table = Table("Topic", "Setting", "Wanted", "Found")
        for it in found:
            table.add_row(*it)
        new_console().print(table)
    else:
        print_line("All topics are as they should be.")
    raise typer.Exit(1 if found else 0)


def acls(
    create: Annotated[  # an option of the command
        bool, typer.Option("--create", help="Create them on the broker, as a user who may.")
    ] = False,
) -> None:
    """Print what each of Kafka's users has to be allowed, as commands of `kafka-acls`."""
    from cli import acls as rights
    from cli import topics
    from cli.kafka import configured

    kafka = configured()
    if create:
        count = topics.run(rights.create_all(kafka), kafka)
        print_line(f"The broker has {count} rights of Kafka's users.")
        return
    for line in rights.commands(kafka.bootstrap):
        print_line(line)
