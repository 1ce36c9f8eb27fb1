"""`feira clean`: remove all state of the stack on this machine."""

import typer

from cli.output import say


def add_to(app: typer.Typer) -> None:
    app.command()(clean)


def clean() -> None:
    """Remove all state in FEIRA_HOME; refuses while a stack runs there."""
    from cli.stack import stale_processes
    from cli.stack.settings import home_of
    from cli.stack.state_dir import Home

    home = Home(home_of())
    if not home.path.exists():
        say(f"There is nothing in {home.path}.")
        return
    with home.held():
        stale_processes.take_down(home.path)
        home.clean()
    say(f"Removed the state in {home.path}.")
