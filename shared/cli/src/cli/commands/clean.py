"""`feira clean`: remove all state of the stack on this machine."""

import typer

from cli.saying import say


def add_to(app: typer.Typer) -> None:
    app.command()(clean)


def clean() -> None:
    """Remove all state in FEIRA_HOME; refuses while a stack runs there."""
    from cli.stack import leftovers
    from cli.stack.home import Home
    from cli.stack.settings import home_of

    home = Home(home_of())
    if not home.path.exists():
        say(f"There is nothing in {home.path}.")
        return
    with home.held():
        leftovers.take_down(home.path)
        home.clean()
    say(f"Removed the state in {home.path}.")
