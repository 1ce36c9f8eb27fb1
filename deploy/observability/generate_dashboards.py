"""Write Grafana's JSON of all dashboards to ``dashboards/json/``: ``make dashboards``."""

from __future__ import annotations

from pathlib import Path

from deploy.observability.dashboards.boards import BOARDS
from deploy.observability.dashboards.render import to_json

JSON = Path(__file__).parent / "dashboards" / "json"


def files() -> dict[str, str]:
    """File name -> content."""
    return {f"{board.uid}.json": to_json(board) for board in BOARDS}


if __name__ == "__main__":
    for name, content in files().items():
        (JSON / name).write_text(content)
