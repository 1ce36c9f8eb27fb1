"""The minimum of FastAPI for a durable write: one route, one INSERT. The peer of ``adding``.

``python -m benchmarks.bare_route PORT DATABASE_URL``
"""

from __future__ import annotations

import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from uuid import UUID

import asyncpg
import uvicorn
from fastapi import FastAPI, Request
from pydantic import BaseModel

TABLE = """
    CREATE TABLE items (
        item_id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
        cart_id uuid NOT NULL,
        product_id uuid NOT NULL,
        quantity integer NOT NULL
    )
"""
INSERT = "INSERT INTO items (cart_id, product_id, quantity) VALUES ($1, $2, $3) RETURNING item_id"


class NewItem(BaseModel):
    product_id: UUID
    quantity: int


class Item(BaseModel):
    item_id: int
    product_id: UUID
    quantity: int


def bare_app(database_url: str) -> FastAPI:
    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        async with asyncpg.create_pool(database_url, min_size=10, max_size=10) as pool:
            await pool.execute(TABLE)
            app.state.pool = pool
            yield

    app = FastAPI(lifespan=lifespan)

    @app.get("/readyz")
    async def readyz() -> None:
        """Requested once, at the start."""

    @app.post("/v1/carts/{cart_id}/items")
    async def post_item(cart_id: UUID, new: NewItem, request: Request) -> Item:
        item_id = await request.app.state.pool.fetchval(INSERT, cart_id, new.product_id, new.quantity)
        return Item(item_id=item_id, product_id=new.product_id, quantity=new.quantity)

    return app


if __name__ == "__main__":
    port, url = sys.argv[1:]
    uvicorn.run(
        bare_app(url), port=int(port), loop="uvloop", http="httptools", access_log=False, log_level="warning"
    )
