import json
import re
from http import HTTPStatus

import pytest

from tests.backoffice.samples import ADMIN_PROGRAM, PRICES, SPOT, STRAY
from tests.storefront.browsing import Browser, text_of
from tests.storefront.scripted_service import JsonObject, ScriptedService, listed

API = "/api/admin/programs"
ONE = f"GET {API}/choir"
PREVIEW = f"POST {API}/price-preview"
CHANGE = f"PATCH {API}/choir"
# What the form of the sample program holds when nobody has typed anything.
AS_IT_IS = {
    "id": "choir",
    "title": "Choir practice",
    "program_type": "Webinar",
    "currency": "usd",
    "full_price": "100.00",
    "class_rep_discount": "40.00",
    "class_rep_limit": "10",
    "early_bird_discount": "15.00",
    "early_bird_deadline": "2999-01-01T00:00",
    "time_zone": "America/New_York",
    "revision": "3",
    "reason": "a larger room",
}


def asked(service: ScriptedService, method: str = "POST") -> JsonObject:
    found = [one for one in service.asked if one.method == method]
    return dict(json.loads(found[-1].content)) if found else {}


@pytest.fixture
def known(service: ScriptedService) -> ScriptedService:
    service.will(ONE, ADMIN_PROGRAM)
    service.will(f"{ONE}/spots", listed(SPOT, STRAY))
    service.will(PREVIEW, PRICES)
    return service


async def test_programs_are_listed_with_their_spots(
    admin: Browser, service: ScriptedService
) -> None:
    paused = {**ADMIN_PROGRAM, "id": "b", "salesPaused": True}
    retired = {**ADMIN_PROGRAM, "id": "c", "active": False}
    service.will(f"GET {API}", listed(ADMIN_PROGRAM, paused, retired))
    text = text_of(await admin.open("/admin/programs?search=ch%25oir&state=active"))
    params = service.asked[-1].url.params
    assert (params["search"], params["state"]) == ("ch%oir", "active")
    assert "Choir practice For sale 5 paid, 2 held, 3 free of 10 $100.00" in text
    assert "Choir practice Sales paused" in text
    assert "Choir practice Retired" in text


async def test_a_program_shows_prices_and_spots_one_by_one(
    admin: Browser, known: ScriptedService
) -> None:
    text = text_of(await admin.open("/admin/programs/choir"))
    assert "Regular place $100.00 Class-rep place $60.00" in text
    assert "Class-rep place, early bird That is too little." in text
    assert (
        "ORD-20260101-ABCDEFGH12345678 Held Ada Lovelace ada@example.org"
        " since Jan 1, 2026, 18:00 UTC until Jan 1, 2026, 18:35 UTC"
    ) in text
    assert "lost Stray Nobody is known to hold it" in text
    assert asked(known)["fullPrice"] == 10000


@pytest.mark.parametrize(
    ("spots", "said"),
    [
        ({"limit": 5, "held": 1, "paid": 4, "free": 0, "over": 0}, "Full: every spot"),
        ({"limit": 3, "held": 1, "paid": 4, "free": 0, "over": 2}, "Full, and 2 over"),
        ({"limit": None, "held": 0, "paid": 1, "free": None, "over": 0}, "no limit."),
        ({"limit": 5, "held": 0, "paid": 4, "free": 1, "over": 0}, "1 of 5 free."),
    ],
)
async def test_it_says_why_a_program_is_full(
    admin: Browser, known: ScriptedService, spots: JsonObject, said: str
) -> None:
    known.will(ONE, {**ADMIN_PROGRAM, "spots": spots})
    assert said in text_of(await admin.open("/admin/programs/choir"))


@pytest.mark.parametrize(
    ("changes", "offered"),
    [
        ({}, ["pause-sales", "retire"]),
        ({"salesPaused": True}, ["resume-sales", "retire"]),
        ({"active": False}, ["restore"]),
    ],
)
async def test_only_what_makes_sense_is_offered(
    admin: Browser, known: ScriptedService, changes: JsonObject, offered: list[str]
) -> None:
    known.will(ONE, {**ADMIN_PROGRAM, **changes})
    page = await admin.open("/admin/programs/choir")
    assert re.findall(r'id="act-([a-z-]+)"', page.text) == offered


@pytest.mark.parametrize("act", ["retire", "restore", "pause-sales", "resume-sales"])
async def test_an_act_is_said_first_and_then_done(
    admin: Browser, known: ScriptedService, act: str
) -> None:
    known.will(f"POST {API}/choir/{act}", ADMIN_PROGRAM)
    path = f"/admin/programs/choir/{act}"
    assert "What this does" in text_of(await admin.open(path))
    answer = await admin.submit(path, reason="the hall is closed")
    assert asked(known) == {"reason": "the hall is closed"}
    assert answer.headers["Location"] == f"/admin/programs/choir?done={act}"
    assert 'id="notice"' in (await admin.open(answer.headers["Location"])).text


async def test_there_are_no_other_acts(
    admin: Browser, service: ScriptedService
) -> None:
    answer = await admin.submit("/admin/programs/choir/sell", reason="why")
    assert answer.status_code == HTTPStatus.NOT_FOUND
    assert service.asked == []


async def test_a_new_program_is_asked_for_in_minor_units_and_utc_offsets(
    admin: Browser, known: ScriptedService
) -> None:
    known.will(f"POST {API}", ADMIN_PROGRAM, HTTPStatus.CREATED)
    fields = AS_IT_IS | {"early_bird_deadline": "2026-07-01T12:30", "title": " Choir "}
    answer = await admin.submit("/admin/programs/new", **fields)
    assert asked(known) == {
        "id": "choir",
        "title": "Choir",
        "programType": "Webinar",
        "currency": "usd",
        "fullPrice": 10000,
        "classRepDiscount": 4000,
        "classRepLimit": 10,
        "earlyBirdDiscount": 1500,
        "earlyBirdDeadline": "2026-07-01T12:30:00-04:00",
        "timeZone": "America/New_York",
        "reason": "a larger room",
    }
    assert answer.headers["Location"] == "/admin/programs/choir?done=created"


@pytest.mark.parametrize(
    ("field", "typed", "said"),
    [
        ("full_price", "ten", "“ten” is no amount in USD."),
        ("class_rep_discount", "1.005", "“1.005” is no amount in USD."),
        ("class_rep_limit", "-1", "“-1” is no number of spots."),
        ("class_rep_limit", "²", "“²” is no number of spots."),
        ("time_zone", "Mars/Olympus", "“Mars/Olympus” is no time zone."),
        ("time_zone", "../etc", "“../etc” is no time zone."),
        ("early_bird_deadline", "soon", "“soon” is no date and time."),
        ("early_bird_deadline", "2026-03-08T02:30", "The clocks there skip that time"),
        ("currency", "zzz", "is no amount in ZZZ."),
    ],
)
async def test_what_cannot_be_read_is_said_at_the_form(
    admin: Browser, service: ScriptedService, field: str, typed: str, said: str
) -> None:
    answer = await admin.submit("/admin/programs/new", **(AS_IT_IS | {field: typed}))
    assert answer.status_code == HTTPStatus.BAD_REQUEST
    assert said in text_of(answer)
    assert f'value="{typed}"' in answer.text
    assert 'value="a larger room"' in answer.text
    assert service.asked == []


async def test_a_refusal_marks_its_field_and_keeps_the_others(
    admin: Browser, known: ScriptedService
) -> None:
    detail = "classRepDiscount: is not more than the price"
    problem = {"detail": detail, "code": "invalid_terms", "field": "classRepDiscount"}
    known.will_problem(f"POST {API}", HTTPStatus.UNPROCESSABLE_ENTITY, problem)
    answer = await admin.submit("/admin/programs/new", **AS_IT_IS)
    assert answer.status_code == HTTPStatus.UNPROCESSABLE_ENTITY
    assert detail in text_of(answer)
    wrong = re.findall(r'<input[^>]*name="(\w+)"[^>]*aria-invalid="true"', answer.text)
    assert wrong == ["class_rep_discount"]
    assert 'value="2999-01-01T00:00"' in answer.text


async def test_only_what_differs_is_changed_under_the_revision_that_was_seen(
    admin: Browser, known: ScriptedService
) -> None:
    known.will(CHANGE, ADMIN_PROGRAM)
    page = await admin.open("/admin/programs/choir/change")
    assert 'value="2999-01-01T00:00"' in page.text
    fields = AS_IT_IS | {"class_rep_limit": "12", "revision": "2"}
    answer = await admin.submit("/admin/programs/choir/change", **fields)
    assert asked(known, "PATCH") == {
        "classRepLimit": 12,
        "reason": "a larger room",
        "revision": 2,
    }
    assert answer.headers["Location"] == "/admin/programs/choir?done=changed"


async def test_a_new_time_zone_moves_the_deadline_with_its_clock(
    admin: Browser, known: ScriptedService
) -> None:
    known.will(CHANGE, ADMIN_PROGRAM)
    fields = AS_IT_IS | {"time_zone": "Europe/Paris"}
    await admin.submit("/admin/programs/choir/change", **fields)
    sent = asked(known, "PATCH")
    assert sent["timeZone"] == "Europe/Paris"
    assert sent["earlyBirdDeadline"] == "2999-01-01T00:00:00+01:00"


async def test_a_deadline_can_be_taken_away(
    admin: Browser, known: ScriptedService
) -> None:
    known.will(CHANGE, ADMIN_PROGRAM)
    fields = AS_IT_IS | {"early_bird_deadline": "", "early_bird_discount": "0.00"}
    await admin.submit("/admin/programs/choir/change", **fields)
    sent = asked(known, "PATCH")
    assert (sent["earlyBirdDeadline"], sent["earlyBirdDiscount"]) == (None, 0)


async def test_a_change_of_nothing_asks_for_nothing(
    admin: Browser, known: ScriptedService
) -> None:
    answer = await admin.submit("/admin/programs/choir/change", **AS_IT_IS)
    assert "Nothing differs from what is" in text_of(answer)
    assert asked(known, "PATCH") == {}


async def test_a_limit_below_its_use_keeps_the_form_and_can_drain(
    admin: Browser, known: ScriptedService
) -> None:
    detail = "7 spots are taken, and the limit would be 5."
    known.will_refuse(CHANGE, HTTPStatus.CONFLICT, detail, code="limit_below_use")
    fields = AS_IT_IS | {"class_rep_limit": "5"}
    answer = await admin.submit("/admin/programs/choir/change", **fields)
    assert detail in text_of(answer)
    assert 'value="5"' in answer.text
    await admin.submit("/admin/programs/choir/change", **fields, drain="yes")
    assert asked(known, "PATCH")["drain"] is True


@pytest.mark.parametrize("path", ["new", "choir/change"])
async def test_prices_are_shown_without_anything_being_done(
    admin: Browser, known: ScriptedService, path: str
) -> None:
    fields = AS_IT_IS | {"step": "preview", "full_price": "90", "reason": ""}
    answer = await admin.submit(f"/admin/programs/{path}", **fields)
    assert answer.status_code == HTTPStatus.OK
    assert "Regular place, early bird $85.00" in text_of(answer)
    assert 'value="90"' in answer.text
    assert asked(known)["fullPrice"] == 9000
    assert [one.url.path for one in known.asked if one.method != "GET"] == [
        f"{API}/price-preview"
    ]
