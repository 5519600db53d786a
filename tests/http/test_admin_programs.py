"""What admins do about programs, over HTTP."""

from typing import Any, Final

import pytest

from domain.ids import PurchaseId
from tests.http.people import ADA, GRACE, ROOT
from tests.http.service import CREATE, Http, Service, refused

PROGRAMS: Final = "/api/admin/programs"
WHY: Final = {"reason": "the hall is smaller"}
BAD_DEADLINE: Final = (422, "invalid_terms", "earlyBirdDeadline")
OPERA: Final = {
    "id": "opera",
    "title": "Opera",
    "programType": "Stage",
    "fullPrice": 10_000,
    "currency": "eur",
    "classRepLimit": 5,
    "classRepDiscount": 3_000,
    "earlyBirdDiscount": 2_000,
    "earlyBirdDeadline": "2026-03-29T03:00:00+02:00",
    "timeZone": "Europe/Paris",
    "reason": "the season begins",
}


async def change(http: Http, **body: Any) -> Any:
    return await http.ask("PATCH", f"{PROGRAMS}/choir", by=ROOT, json=WHY | body)


async def test_an_admin_puts_a_program_up_for_sale(http: Http) -> None:
    response = await http.post(PROGRAMS, by=ROOT, json=OPERA)

    assert response.status_code == 201, response.text
    program = response.json()["data"]
    assert program == {
        **{name: OPERA[name] for name in OPERA if name != "reason"},
        "earlyBirdDeadline": "2026-03-29T01:00:00Z",
        "isFree": False,
        "classRepCount": 0,
        "spotsLeft": 5,
        "active": True,
        "salesPaused": False,
        "revision": 1,
        "spots": {"limit": 5, "held": 0, "paid": 0, "free": 5, "over": 0},
    }
    assert (await http.get("/api/programs/opera")).status_code == 200
    again = await http.post(PROGRAMS, by=ROOT, json=OPERA)
    assert refused(again)[:2] == (409, "program_exists")


@pytest.mark.parametrize(
    ("body", "status", "code", "field"),
    [
        ({"classRepDiscount": 10_001}, 422, "invalid_terms", "classRepDiscount"),
        ({"currency": "xxx"}, 422, "invalid_terms", "currency"),
        ({"timeZone": "Mars/Olympus"}, 422, "invalid_terms", "timeZone"),
        ({"earlyBirdDeadline": None}, *BAD_DEADLINE),
        ({"earlyBirdDeadline": "0001-01-01T00:00:00+14:00"}, *BAD_DEADLINE),
        ({"earlyBirdDeadline": "9999-12-31T23:59:59-14:00"}, *BAD_DEADLINE),
        ({"title": "two\nlines"}, 422, "invalid_terms", "title"),
        ({"currency": "bhd", "fullPrice": 10_001}, 422, "invalid_terms", None),
        ({"earlyBirdDeadline": "2026-03-29T03:00:00"}, 400, "invalid_request", None),
        ({"currency": "EUR"}, 400, "invalid_request", "currency"),
        ({"fullPrice": -1}, 400, "invalid_request", "fullPrice"),
        ({"fullPrice": "10000"}, 400, "invalid_request", "fullPrice"),
        ({"id": "op/era"}, 400, "invalid_request", "id"),
        ({"id": "opera\n"}, 400, "invalid_request", "id"),
        ({"classRepLimit": 50_001}, 400, "invalid_request", "classRepLimit"),
        ({"revision": 7}, 400, "invalid_request", "revision"),
    ],
)
async def test_terms_that_make_no_sense_are_refused(
    http: Http, body: dict[str, Any], status: int, code: str, field: str | None
) -> None:
    response = await http.post(PROGRAMS, by=ROOT, json=OPERA | body)

    assert refused(response)[:2] == (status, code)
    if field is not None:
        assert response.json()["field"] == field


async def test_admins_see_how_the_spots_of_each_program_stand(
    http: Http, service: Service
) -> None:
    service.sell("chess", limit=0, active=False)
    paid = await http.buy(ADA, rep=True)
    service.pay(paid["sessionId"])
    await http.get(f"/api/purchases/verify-session/{paid['sessionId']}", by=ADA)
    await http.buy(GRACE, rep=True)
    await change(http, classRepLimit=1, drain=True)

    page = (await http.get(f"{PROGRAMS}?pageSize=5", by=ROOT)).json()["data"]
    one = (await http.get(f"{PROGRAMS}/choir", by=ROOT)).json()["data"]

    assert (page["page"], page["pageSize"], page["total"]) == (1, 5, 2)
    chess, choir = page["items"]
    assert chess["active"] is False
    assert chess["spots"] == {
        "limit": None, "held": 0, "paid": 0, "free": None, "over": 0
    }  # fmt: skip
    assert choir["spots"] == {"limit": 1, "held": 1, "paid": 1, "free": 0, "over": 1}
    assert one == choir


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("", ["chess", "choir"]),
        ("state=active", ["choir"]),
        ("state=retired", ["chess"]),
        ("state=all&search=CHO", ["choir"]),
        ("search=nothing", []),
    ],
)
async def test_admins_search_programs(
    http: Http, service: Service, query: str, found: list[str]
) -> None:
    service.sell("chess", active=False)

    page = (await http.get(f"{PROGRAMS}?{query}", by=ROOT)).json()["data"]

    assert [program["id"] for program in page["items"]] == found


@pytest.mark.parametrize("query", ["state=sold", f"search={'x' * 101}", "pageSize=0"])
async def test_a_query_that_makes_no_sense_is_refused(http: Http, query: str) -> None:
    response = await http.get(f"{PROGRAMS}?{query}", by=ROOT)

    assert refused(response)[:2] == (400, "invalid_request")


async def test_a_change_names_its_fields_and_leaves_the_others(http: Http) -> None:
    response = await change(
        http,
        title="Opera",
        earlyBirdDiscount=500,
        earlyBirdDeadline="2026-04-01T00:00:00Z",
        revision=1,
    )
    dropped = await change(http, earlyBirdDeadline=None, earlyBirdDiscount=0)

    program = response.json()["data"]
    assert (program["title"], program["fullPrice"]) == ("Opera", 10_000)
    assert (program["revision"], program["earlyBirdDiscount"]) == (2, 500)
    assert dropped.json()["data"]["earlyBirdDeadline"] is None
    stale = await change(http, title="Ballet", revision=1)
    assert refused(stale)[:2] == (409, "program_changed")
    assert stale.json()["revision"] == 3


@pytest.mark.parametrize(
    "body",
    [{"currency": "eur"}, {"id": "x"}, {"active": False}, {"title": None}, {"x": 1}],
)
async def test_what_may_not_be_changed_is_refused(
    http: Http, body: dict[str, Any]
) -> None:
    assert refused(await change(http, **body))[:2] == (400, "invalid_request")


async def test_a_change_without_a_reason_is_refused(http: Http) -> None:
    response = await http.ask(
        "PATCH", f"{PROGRAMS}/choir", by=ROOT, json={"title": "Opera"}
    )

    assert refused(response)[:2] == (400, "invalid_request")
    assert response.json()["field"] == "reason"


async def test_a_limit_below_its_use_is_refused_with_the_figures(http: Http) -> None:
    for person in (ADA, GRACE):
        await http.buy(person, rep=True)

    response = await change(http, classRepLimit=1)

    assert refused(response)[:2] == (409, "limit_below_use")
    assert (response.json()["limit"], response.json()["taken"]) == (1, 2)


async def test_a_paused_program_is_shown_and_not_sold(http: Http) -> None:
    open_ = await http.buy(ADA)
    for _ in range(2):
        paused = await http.post(f"{PROGRAMS}/choir/pause-sales", by=ROOT, json=WHY)
        assert paused.json()["data"]["salesPaused"] is True

    shown = (await http.get("/api/programs/choir")).json()["data"]
    new = await http.post(CREATE, by=GRACE, json={"programId": "choir"})
    again = await http.buy(ADA)
    retried = await http.post(f"/api/purchases/retry/{open_['purchaseId']}", by=ADA)

    assert shown["salesPaused"] is True
    assert refused(new) == (
        409,
        "sales_paused",
        "Sales of this program are paused; please come back later.",
    )
    assert (again["sessionId"], again["existing"]) == (open_["sessionId"], True)
    assert retried.status_code == 200

    await http.post(f"{PROGRAMS}/choir/resume-sales", by=ROOT, json=WHY)
    await http.buy(GRACE)


async def test_a_retired_program_is_seen_by_admins_only(http: Http) -> None:
    retired = await http.post(f"{PROGRAMS}/choir/retire", by=ROOT, json=WHY)

    assert retired.json()["data"]["active"] is False
    assert (await http.get("/api/programs/choir")).status_code == 404
    assert (await http.get(f"{PROGRAMS}/choir", by=ROOT)).status_code == 200
    restored = await http.post(f"{PROGRAMS}/choir/restore", by=ROOT, json=WHY)
    assert restored.json()["data"]["active"] is True
    entries = await http.get("/api/admin/audit?subject=program/choir", by=ROOT)
    told = [
        (entry["what"], entry["by"], entry["why"], entry["before"], entry["after"])
        for entry in entries.json()["data"]["items"]
    ]
    who_and_why = ("admin root", WHY["reason"])
    assert told == [
        ("restore_program", *who_and_why, {"active": False}, {"active": True}),
        ("retire_program", *who_and_why, {"active": True}, {"active": False}),
    ]


async def test_why_a_program_is_full_is_told_spot_by_spot(
    http: Http, service: Service
) -> None:
    begun = await http.buy(ADA, rep=True)

    spots = (await http.get(f"{PROGRAMS}/choir/spots", by=ROOT)).json()["data"]

    purchase = service.purchase(begun["purchaseId"])
    assert spots["total"] == 1
    assert spots["items"] == [
        {
            "purchaseId": begun["purchaseId"],
            "orderNumber": begun["orderNumber"],
            "buyer": {"name": ADA.name, "email": ADA.email},
            "status": "pending",
            "kind": "held",
            "since": purchase.created_at.strftime("%Y-%m-%dT%H:%M:%SZ"),
            "until": begun["expiresAt"],
        }
    ]


async def test_a_spot_of_nobody_is_a_stray(http: Http, service: Service) -> None:
    choir = service.sell()
    service.programs.holders[choir.id] = frozenset({PurchaseId("lost")})

    spots = (await http.get(f"{PROGRAMS}/choir/spots", by=ROOT)).json()["data"]

    (spot,) = spots["items"]
    assert (spot.pop("purchaseId"), spot.pop("kind")) == ("lost", "stray")
    assert set(spot.values()) == {None}


async def test_prices_are_shown_before_they_are_stored(http: Http) -> None:
    terms = {
        name: OPERA[name] for name in OPERA if name not in {"id", "title", "reason"}
    }
    terms.pop("programType")
    path = f"{PROGRAMS}/price-preview"

    response = await http.post(path, by=ROOT, json=terms)
    later = {**terms, "at": "2026-03-29T01:00:00Z", "fullPrice": 5_040}
    after = await http.post(path, by=ROOT, json=later)

    data = response.json()["data"]
    edge = data.pop("edge")
    totals = {name: offer["quote"]["total"] for name, offer in data.items()}
    assert totals == {
        "plain": 10_000, "classRep": 7_000, "earlyBird": 8_000, "both": 5_000
    }  # fmt: skip
    assert edge == {
        "deadline": "2026-03-29T01:00:00Z",
        "localDeadline": "2026-03-29T03:00:00+02:00",  # as summer time begins
        "lastEarly": "2026-03-29T00:59:59.999000Z",
        "at": "2026-03-02T12:00:00Z",
        "isEarlyAt": True,
    }
    assert after.json()["data"]["edge"]["isEarlyAt"] is False
    both = after.json()["data"]["both"]
    assert both["quote"] is None
    assert both["refusal"]["code"] == "below_minimum_charge"


async def test_without_early_birds_there_is_no_edge(http: Http) -> None:
    response = await http.post(
        f"{PROGRAMS}/price-preview", by=ROOT, json={"fullPrice": 0, "currency": "usd"}
    )

    data = response.json()["data"]
    assert data["edge"] is None
    assert data["plain"]["refusal"]["code"] == "program_is_free"
    bad = await http.post(
        f"{PROGRAMS}/price-preview",
        by=ROOT,
        json={"fullPrice": 100, "currency": "usd", "timeZone": "Mars/Olympus"},
    )
    assert refused(bad)[:2] == (422, "invalid_terms")


@pytest.mark.parametrize("path", ["", "/spots"])
async def test_an_unknown_program_is_not_found(http: Http, path: str) -> None:
    for id_ in ("none", "not%20an%20id"):
        response = await http.get(f"{PROGRAMS}/{id_}{path}", by=ROOT)
        assert refused(response)[:2] == (404, "program_not_found")


@pytest.mark.parametrize("act", ["retire", "restore", "pause-sales", "resume-sales"])
async def test_nobody_acts_on_what_is_not_there_or_without_a_reason(
    http: Http, act: str
) -> None:
    unknown = await http.post(f"{PROGRAMS}/none/{act}", by=ROOT, json=WHY)
    silent = await http.post(f"{PROGRAMS}/choir/{act}", by=ROOT, json={})

    assert refused(unknown)[:2] == (404, "program_not_found")
    assert refused(silent)[:2] == (400, "invalid_request")
