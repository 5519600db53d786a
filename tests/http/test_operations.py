import asyncio
from datetime import timedelta

import pytest

from adapters.in_memory.locks import InMemoryKeyedLock
from application.ports.health import StorageUnfit
from application.ports.storage import StorageUnavailable
from entrypoints.http.app import service_version
from entrypoints.http.background import MailLoop
from entrypoints.http.leaving import Leaving
from entrypoints.http.operations import Readiness
from tests.http.people import ROOT
from tests.http.service import Http, Service, settings
from tests.http.test_background import Bell


async def test_health_says_that_it_lives(http: Http) -> None:
    response = await http.get("/api/system/health")

    assert response.status_code == 200
    health = response.json()
    assert health.pop("uptimeSeconds") >= 0
    assert health == {"status": "ok", "version": service_version()}


async def test_ready_says_what_it_stands_on(http: Http) -> None:
    response = await http.get("/api/system/ready")

    assert response.status_code == 200
    assert response.json() == {
        "ready": True,
        "leaving": False,
        "database": {
            "ok": True,
            "embedded": True,
            "problem": None,
            "note": "not for production",
        },
        "mail": {"ok": True},
        "jobs": {"ok": True},
    }


async def test_a_database_of_its_own_has_no_note() -> None:
    http = Http(Service(settings=settings(mongodb_uri="mongodb://db.example")).app)

    database = (await http.get("/api/system/ready")).json()["database"]

    assert (database["embedded"], database["note"]) == (False, None)


@pytest.mark.parametrize(
    ("trouble", "code"),
    [
        (StorageUnavailable(), "storage_unavailable"),
        (StorageUnfit("live_purchase", "is planted"), "storage_unfit"),
    ],
    ids=["away", "unfit"],
)
async def test_without_its_database_it_is_not_ready(
    http: Http, service: Service, trouble: Exception, code: str
) -> None:
    service.health.trouble = trouble

    response = await http.get("/api/system/ready")

    assert response.status_code == 503
    state = response.json()
    assert state["ready"] is False
    assert (state["database"]["ok"], state["database"]["problem"]) == (False, code)
    assert "planted" not in response.text


async def test_a_database_that_hangs_is_not_waited_for(service: Service) -> None:
    service.health.hangs = True
    readiness = Readiness(
        health=service.health,
        is_embedded=True,
        mail_loop=None,
        jobs=None,
        leaving=Leaving(),
        patience=timedelta(milliseconds=1),
    )

    state = await readiness()

    assert not state.ready
    assert state.database.problem == "storage_slow"


async def test_without_its_mail_loop_it_is_not_ready() -> None:
    async def deliver() -> int:
        return 0

    mail_loop = MailLoop(deliver, Bell())
    http = Http(Service(mail_loop=mail_loop, is_apart=True).app)

    before = await http.get("/api/system/ready")
    async with mail_loop:
        meanwhile = await http.get("/api/system/ready")
    after = await http.get("/api/system/ready")

    assert [answer.status_code for answer in (before, meanwhile, after)] == [
        503,
        200,
        503,
    ]
    assert after.json()["mail"] == {"ok": False}


async def test_the_app_runs_the_mail_loop_inside_its_lifespan() -> None:
    async def deliver() -> int:
        return 0

    mail_loop = MailLoop(deliver, Bell())
    service = Service(mail_loop=mail_loop, is_apart=True)

    async with service.app.lifespan():
        assert mail_loop.is_alive
    assert not mail_loop.is_alive


async def test_locks_show_who_holds_what() -> None:
    times = iter([0.0, 0.0, 1.5, 1.5, 2.0])
    locks = InMemoryKeyedLock(now=lambda: next(times, 2.0))
    service = Service(locks=locks)
    http = Http(service.app)

    async def wait_in_line() -> None:
        async with locks.hold("choir", operation="webhook"):
            pass

    async with locks.hold("choir", operation="checkout"):
        waiting = asyncio.create_task(wait_in_line())
        await asyncio.sleep(0)
        response = await http.get("/api/system/locks", by=ROOT)
    await waiting
    later = (await http.get("/api/system/locks", by=ROOT)).json()["data"]

    locked = response.json()["data"]
    [held] = locked.pop("held")
    assert held.pop("ageMs") > 0
    assert locked.pop("waits")[0] == {"upToMs": 1.0, "count": 1}
    assert [each["count"] for each in locked.pop("holds")] == [0] * 11
    assert held == {"key": "choir", "operation": "checkout", "queue": 1}
    assert locked == {
        "activeLocks": 1,
        "totalLocksAcquired": 1,
        "averageWaitTime": 0.0,
        "health": "healthy",
        "waiting": 1,
        "timeouts": 0,
        "contended": 1,
        "p95WaitMs": 0.0,
        "p95HoldMs": 0.0,
    }
    assert (later["activeLocks"], later["totalLocksAcquired"]) == (0, 2)
    assert later["p95HoldMs"] > 0


async def test_times_are_in_milliseconds() -> None:
    times = iter([0.0, 0.25])
    locks = InMemoryKeyedLock(now=lambda: next(times, 0.25))
    service = Service(locks=locks)
    async with locks.hold("choir", operation="checkout"):
        pass

    answer = await Http(service.app).get("/api/system/locks", by=ROOT)

    told = answer.json()["data"]
    assert told["p95HoldMs"] == 250.0
    assert {"upToMs": 250.0, "count": 1} in told["holds"]
    assert told["holds"][-1] == {"upToMs": None, "count": 0}


@pytest.mark.parametrize(("held", "health"), [(10, "healthy"), (11, "warning")])
async def test_more_than_ten_held_locks_are_a_warning(held: int, health: str) -> None:
    locks = InMemoryKeyedLock()
    http = Http(Service(locks=locks).app)

    async with asyncio.timeout(30):
        for number in range(held):
            await locks.hold(
                f"key {number}", wait=timedelta(seconds=1), operation="test"
            ).__aenter__()
        response = await http.get("/api/system/locks", by=ROOT)

    assert response.json()["data"]["activeLocks"] == held
    assert response.json()["data"]["health"] == health
