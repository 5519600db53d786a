"""A buyer hangs up while the checkout is being opened."""

import asyncio

from domain.purchase import Status
from tests.http.people import ADA
from tests.http.service import CREATE, Http, Service
from tests.http.sockets import listening
from tests.waiting import eventually

HEALTH = (
    b"GET /api/system/health HTTP/1.1\r\nHost: api.example\r\nConnection: close\r\n\r\n"
)


def a_click(body: bytes) -> bytes:
    lines = [
        f"POST {CREATE} HTTP/1.1",
        "Host: api.example",
        f"Authorization: Bearer {ADA.token}",
        "Content-Type: application/json",
        f"Content-Length: {len(body)}",
    ]
    return "\r\n".join([*lines, "", ""]).encode() + body


async def test_a_buyer_who_hangs_up_finds_the_checkout_open() -> None:
    service = Service()
    service.sell()
    stored, gone = asyncio.Event(), asyncio.Event()

    async def wait_until_gone(moment: str) -> None:
        if moment == "after purchases.add":
            stored.set()
            await gone.wait()

    async def is_open() -> bool:
        return any(row.status is Status.PENDING for row in service.store.rows.values())

    service.storage.gate = wait_until_gone
    async with listening(service.app) as wire:
        _, writer = await asyncio.open_connection("127.0.0.1", wire.port)
        writer.write(a_click(b'{"programId":"choir","isClassRep":true}'))
        await stored.wait()
        writer.transport.abort()
        await wire.send(HEALTH)  # answered later, so the server has seen her leave
        gone.set()
        await eventually(is_open)

    again = await Http(service.app).buy(ADA, rep=True)
    assert again["existing"] is True
    assert len(service.store.rows) == len(service.payments.sessions) == 1
