import asyncio, uuid
from tests.integration.kernel.http.conftest import client_of
from tests.integration.kernel.http.shop import shop


async def test_all(app, pool, caller):
    a = caller("demo-admin")
    r = await a.post("/v1/products", json={"sku": "a", "name": "n"})
    print(r.status_code, r.headers, r.text)
    i = r.json()["product_id"]
    r = await a.post("/v1/products", json={"sku": "a", "name": "n"})
    print(r.status_code, r.headers, r.text)
    r = await a.get(f"/v1/products/{i}")
    print(r.status_code, r.text)
    r = await caller("rival-admin").get(f"/v1/products/{i}")
    print(r.status_code, r.text)
    r = await a.get("/v1/products/nope")
    print(r.status_code, r.text)
    r = await a.patch(f"/v1/products/{i}", json={"name": "x"}, headers={"If-Match": '"7"'})
    print(r.status_code, r.text)
    r = await a.patch(f"/v1/products/{i}", json={"name": "x"}, headers={"If-Match": '"1"'})
    print(r.status_code, r.headers["etag"], r.text)
    r = await a.post(
        "/v1/products", json={"sku": "b", "name": "n", "price": {"amount": True, "currency": "usd"}, "zz": 1}
    )
    print(r.status_code, r.text)
    r = await a.post(
        "/v1/products", content=b'{"sku":"b","sku":"c"}', headers={"content-type": "application/json"}
    )
    print(r.status_code, r.text)
    r = await a.post("/v1/products", content=b'{"sku":"b","sku":"c"}')
    print(r.status_code, r.text)
    r = await a.post("/v1/launches", json={"sku": "b", "name": "n"})
    print(r.status_code, r.text)
    r = await a.post("/v1/launches", json={"sku": "b", "name": "n"}, headers={"Idempotency-Key": "k"})
    print(r.status_code, r.text)
    r = await a.post("/v1/launches", json={"sku": "b", "name": "n"}, headers={"Idempotency-Key": "k"})
    print(r.status_code, r.headers, r.text)
    r = await a.post("/v1/launches", json={"sku": "b", "name": "m"}, headers={"Idempotency-Key": "k"})
    print(r.status_code, r.headers, r.text)
    r = await a.post(
        "/v1/products", json={"sku": "t", "name": "n"}, headers={"Feira-Occurred-At": "2020-01-01T00:00:00Z"}
    )
    print(r.status_code, r.text)
    s = caller("demo-service")
    r = await s.post(
        "/v1/products", json={"sku": "t", "name": "n"}, headers={"Feira-Occurred-At": "2020-01-01T00:00:00Z"}
    )
    print(r.status_code, r.text)
    r = await s.post(
        "/v1/products", json={"sku": "t1", "name": "n"}, headers={"Feira-Occurred-At": "2199-01-01T00:00:00Z"}
    )
    print(r.status_code, r.text)
    r = await client_of(app, None).get("/v1/products/x")
    print(r.status_code, r.headers, r.text)
    r = await caller("demo-analyst").get("/v1/products/x")
    print(r.status_code, r.text)
    for p in ("/livez", "/readyz", "/nix", "/openapi.json", "/asyncapi.json"):
        r = await s.get(p)
        print(p, r.status_code, r.text[:6000])
    r = await s.delete("/livez")
    print(r.status_code, r.text, r.headers)
    r = await s.get("/v1/products/x%00")
    print(r.status_code, r.text)
    r = await s.get("/v1/products/x?a=%ed%a0%80")
    print(r.status_code, r.text)
    other = shop(pool)
    apps = [app, other]
    rs = await asyncio.gather(
        *(
            client_of(apps[n % 2], "demo-admin").post(
                "/v1/products", json={"sku": "race", "name": "n"}, headers={"Idempotency-Key": "race"}
            )
            for n in range(64)
        )
    )
    from collections import Counter

    print(Counter((r.status_code, r.text[:60], r.headers.get("idempotent-replayed")) for r in rs))
    assert 0
