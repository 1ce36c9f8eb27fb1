"""The tables of the toy read models."""

from yoyo import step

from tests.integration.kernel.projections.toys import create_tables

__depends__ = {"0005-tenants-apart", "0101-read-models"}

step(create_tables)
