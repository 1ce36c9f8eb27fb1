"""`feira databases`: create and check the services' databases and roles."""

from pathlib import Path
from typing import Annotated

import typer

from cli.output import print_json, print_line
from contracts.topology import SERVICE_NAMES, STACK, STACK_NAMES

SUPERUSER_URL = "FEIRA_SUPERUSER_URL"
AsJson = Annotated[bool, typer.Option("--json", help="Print JSON.")]
Services = Annotated[
    list[str] | None,
    typer.Option(
        "--service", help=f"One of {', '.join(STACK_NAMES)}; may be repeated. Default: all but the last."
    ),
]


def add_to(app: typer.Typer) -> None:
    group = typer.Typer(help="The services' databases and roles.", no_args_is_help=True)
    group.command()(create)
    group.command()(check)
    app.add_typer(group, name="databases")


def create(
    passwords: Annotated[
        Path | None,
        typer.Option(help="Folder with a file for each role; missing ones are made, with new passwords."),
    ] = None,
    service: Services = None,
    as_sql: Annotated[
        bool, typer.Option("--sql", help="Print the SQL for a server without them, without passwords.")
    ] = False,
    as_json: AsJson = False,
) -> None:
    """Create what is missing, and set the passwords. The URL of a superuser is in FEIRA_SUPERUSER_URL, or in
    the file feira_superuser_url of FEIRA_SECRETS_DIR. It may be repeated."""
    import asyncio

    from cli import service_databases
    from cli.errors import StackError
    from cli.role_passwords import password_in

    names = _databases(service)
    if as_sql:
        statements = [it for name in names for it in service_databases.role_statements(name, {})]
        statements += [it for name in names for it in service_databases.database_statements(name)]
        for statement in statements:
            print_line(f"{statement};")
        print_line("-- Then set the passwords of the roles with LOGIN, by \\password in psql.")
        return
    if passwords is None:
        raise StackError("Name a folder for the passwords of the roles: --passwords FOLDER.")
    url = superuser_url()
    described = [
        service_databases.describe(it, url, lambda role: password_in(passwords, role)) for it in names
    ]
    made = asyncio.run(service_databases.create(described, url))
    if as_json:
        print_json({"databases": names, "created": made, "passwords": str(passwords)})
        return
    for name in names:
        print_line(f"{name}: {'created' if name in made else 'was there'}")
    print_line(f"The passwords of the roles are in {passwords}.")


def check(service: Services = None, as_json: AsJson = False) -> None:
    """Check that roles and databases have the rights that they need and no others. Exit 0 if so, else 1."""
    import asyncio

    from cli import service_databases

    found = asyncio.run(service_databases.check(_databases(service), superuser_url()))
    if as_json:
        print_json({"faults": found})
    else:
        for name, faults in found.items():
            print_line(f"{name}: {' '.join(faults) or 'as it should be'}")
    if any(found.values()):
        raise typer.Exit(1)


def _databases(services: list[str] | None) -> list[str]:
    """Raises ``StackError`` for a service that there is not."""
    from cli.errors import StackError

    wanted = services or list(SERVICE_NAMES)
    if unknown := [it for it in wanted if it not in STACK_NAMES]:
        raise StackError(f"There is no service {unknown[0]!r}; there are {', '.join(STACK_NAMES)}.")
    return [it.database for it in STACK if it.name in wanted]


def superuser_url() -> str:
    """Raises ``StackError`` if it is not set."""
    import os

    from cli.errors import StackError
    from cli.secret_files import with_secret_files

    if url := with_secret_files(os.environ).get(SUPERUSER_URL):
        return url
    raise StackError(f"Set {SUPERUSER_URL} to the URL of a role that may create roles and databases.")
