"""`feira analysts`: logins with which analysts read the SQL views of their tenant."""

from typing import Annotated

import typer

from cli.commands.databases import superuser_url
from cli.output import print_json, print_line

Tenant = Annotated[str, typer.Argument(help="The tenant whose rows the login sees.")]
AsJson = Annotated[bool, typer.Option("--json", help="Print JSON.")]


def add_to(app: typer.Typer) -> None:
    group = typer.Typer(
        help="Logins for SQL. The URL of a superuser is in FEIRA_SUPERUSER_URL.", no_args_is_help=True
    )
    group.command()(create)
    group.command()(rotate)
    group.command(name="list")(list_logins)
    app.add_typer(group, name="analysts")


def create(tenant: Tenant, as_json: AsJson = False) -> None:
    """Create the login of a tenant, and print its password once."""
    _set_password(tenant, as_json, exists=False)


def rotate(tenant: Tenant, as_json: AsJson = False) -> None:
    """Give the login of a tenant a new password, and print it once. Open sessions go on."""
    _set_password(tenant, as_json, exists=True)


def list_logins(as_json: AsJson = False) -> None:
    """List the logins with their tenants and open connections."""
    import asyncio

    from cli import analyst_logins

    found = asyncio.run(analyst_logins.listed(superuser_url()))
    if as_json:
        print_json([it._asdict() | {"created_at": it.created_at.isoformat()} for it in found])
        return
    for it in found:
        print_line(
            f"{it.login}: tenant {it.tenant}, since {it.created_at:%Y-%m-%d}, {it.connections} connections"
        )


def _set_password(tenant: str, as_json: bool, *, exists: bool) -> None:
    """Raises ``StackError`` if the login exists and should not, or the other way about."""
    import asyncio
    import secrets

    from cli import analyst_logins
    from cli.errors import StackError
    from cli.role_passwords import PASSWORD_BYTES
    from cli.scram import verifier_of

    login, url = analyst_logins.login_of(tenant), superuser_url()
    there = {it.login for it in asyncio.run(analyst_logins.listed(url))}
    if exists and login not in there:
        raise StackError(f"There is no login {login}: feira analysts create {tenant}")
    if not exists and login in there:
        raise StackError(f"The login {login} exists. For a new password: feira analysts rotate {tenant}")
    password = secrets.token_urlsafe(PASSWORD_BYTES)
    asyncio.run(analyst_logins.ensure(url, tenant, verifier_of(password)))
    if as_json:
        print_json({"login": login, "database": analyst_logins.DATABASE, "password": password})
        return
    print_line(f"{login} of {analyst_logins.DATABASE}: {password}")
    print_line("The password is not stored and not shown again.")
