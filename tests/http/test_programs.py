from datetime import timedelta

import pytest

from application.ports.storage import StorageUnavailable
from entrypoints.simulation.outside.clock import NOON
from tests.http.people import ADA
from tests.http.service import Http, Service, refused


async def test_anybody_sees_a_program_and_its_spots(
    http: Http, service: Service
) -> None:
    service.sell("lark", early_discount=500, deadline=NOON + timedelta(days=1))
    await http.buy(ADA, "lark", rep=True)

    response = await http.get("/api/programs/lark")

    assert response.status_code == 200
    assert response.json() == {
        "success": True,
        "data": {
            "id": "lark",
            "title": "The lark",
            "programType": "Webinar",
            "fullPrice": 10000,
            "currency": "usd",
            "isFree": False,
            "classRepLimit": 2,
            "classRepCount": 1,
            "spotsLeft": 1,
            "classRepDiscount": 2000,
            "earlyBirdDiscount": 500,
            "earlyBirdDeadline": "2026-03-03T12:00:00Z",
            "timeZone": "Europe/Berlin",
            "active": True,
            "salesPaused": False,
        },
    }


async def test_without_a_limit_there_is_no_number_of_spots_left(
    http: Http, service: Service
) -> None:
    service.sell("open", limit=0)

    program = (await http.get("/api/programs/open")).json()["data"]

    assert program["spotsLeft"] is None
    assert program["earlyBirdDeadline"] is None


async def test_programs_come_in_pages(http: Http, service: Service) -> None:
    for name in ("alto", "bass", "old"):
        service.sell(name, active=name != "old")

    response = await http.get("/api/programs?page=2&pageSize=2")

    page = response.json()["data"]
    assert [program["id"] for program in page.pop("items")] == ["choir"]
    assert page == {"page": 2, "pageSize": 2, "total": 3}


async def test_a_page_has_twenty_unless_asked_otherwise(
    http: Http, service: Service
) -> None:
    for number in range(25):
        service.sell(f"course-{number}")

    page = (await http.get("/api/programs")).json()["data"]

    assert (len(page["items"]), page["page"], page["pageSize"]) == (20, 1, 20)


@pytest.mark.parametrize(
    ("query", "field"),
    [
        ("page=0", "page"),
        ("page=-1", "page"),
        ("page=x", "page"),
        ("page=1.5", "page"),
        ("page=", "page"),
        ("page=99999999999999999999", "page"),
        ("pageSize=0", "pageSize"),
        ("pageSize=101", "pageSize"),
        ("pageSize[$gt]=1&pageSize=x", "pageSize"),
    ],
)
@pytest.mark.parametrize(
    "path",
    [
        "/api/programs",
        "/api/purchases/my-purchases",
        "/api/purchases/my-pending-purchases",
    ],
)
async def test_a_page_that_cannot_be_is_refused(
    http: Http, path: str, query: str, field: str
) -> None:
    response = await http.get(f"{path}?{query}", by=ADA)

    assert refused(response)[:2] == (400, "invalid_request")
    assert response.json()["field"] == field


@pytest.mark.parametrize("program_id", ["poetry", "%00", "a" * 65, "$ne", "[$ne]", "é"])
async def test_an_unknown_program_is_not_found(http: Http, program_id: str) -> None:
    for path in (
        f"/api/programs/{program_id}",
        f"/api/purchases/check-access/{program_id}",
    ):
        response = await http.get(path, by=ADA)

        assert refused(response) == (404, "program_not_found", "Program not found.")


async def test_a_database_that_does_not_answer_is_to_be_asked_again(
    http: Http, service: Service
) -> None:
    async def fail(_moment: str) -> None:
        raise StorageUnavailable

    service.storage.gate = fail

    assert refused(await http.get("/api/programs")) == (
        503,
        "storage_unavailable",
        "The database does not answer; please try again.",
    )
