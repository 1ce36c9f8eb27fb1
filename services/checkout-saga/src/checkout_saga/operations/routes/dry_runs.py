"""The parameter of routes that can show what they would do."""

from typing import Annotated, TypeAlias

from fastapi import Query

DryRun: TypeAlias = Annotated[bool, Query()]
"""The handler then responds with a ``DryRunView``, and stores nothing."""
