"""`feira clean`: remove all state of the stack on this machine."""

import typer

from cli.output import print_line


def add_to(app: typer.Typer) -> None:
    app.command()(clean)


def clean() -> None:
    """Remove all state in FEIRA_HOME; refuses while a stack runs there."""
    from cli.home import home_of
    from devstack import stale_processes
    from devstack.state_dir import StateDir

    home = StateDir(home_of())
    if not home.path.exists():
        print_line(f"There is nothing in {home.path}.")
        return
    with home.locked():
        stale_processes.terminate_all(home.path)
        home.clean()
    print_line(f"Removed the state in {home.path}.")
