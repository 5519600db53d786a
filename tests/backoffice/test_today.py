import re
from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from entrypoints.backoffice.answers.stats import MoneyOfDay, SpotsOfProgram
from entrypoints.backoffice.plot import HEIGHT, WIDTH, plots_of, spot_parts
from entrypoints.storefront.people import now
from tests.backoffice.samples import STATS
from tests.storefront.browsing import Browser, text_of
from tests.storefront.scripted_service import ScriptedService

CALL = "GET /api/admin/purchases/stats"
DAY = date(2026, 1, 31)
AMOUNTS = st.integers(0, 99_999_999)


def money(
    day: date, *, came: int = 0, went: int = 0, currency: str = "usd"
) -> MoneyOfDay:
    return MoneyOfDay(day=day, currency=currency, came=came, went=went)


async def test_the_worst_finding_and_its_next_step_come_first(
    admin: Browser, service: ScriptedService
) -> None:
    service.will(CALL, STATS)
    page = await admin.open("/admin")
    assert "Today Ledger difference Next step: Compare that day's" in text_of(page)
    assert 'class="banner bad" id="verdict"' in page.text


@pytest.mark.parametrize(
    ("worst", "link"),
    [
        ("stuck_phase", "/admin/findings"),
        ("money_without_outcome", "/admin/purchases?money=open"),
        ("dead_mail", "/admin/mails"),
        ("late_mail", "/admin/mails?state=waiting"),
        ("crowded_locks", "/admin/locks"),
        ("webhooks_late", "/admin/events"),
        ("webhooks_silent", "/admin/events"),
    ],
)
async def test_the_worst_leads_to_where_it_is_looked_after(
    admin: Browser, service: ScriptedService, worst: str, link: str
) -> None:
    verdict = {"ok": False, "worst": worst, "nextStep": "Look."}
    service.will(CALL, {**STATS, "verdict": verdict})
    page = await admin.open("/admin")
    assert f'id="look-at" href="{link}"' in page.text


async def test_all_is_well_says_so(admin: Browser, service: ScriptedService) -> None:
    fine = {"ok": True, "worst": None, "nextStep": None}
    service.will(CALL, {**STATS, "verdict": fine, "findings": {}})
    text = text_of(await admin.open("/admin"))
    assert "All is well." in text
    assert "Findings 0 none open" in text


async def test_each_number_leads_to_its_list(
    admin: Browser, service: ScriptedService
) -> None:
    service.will(CALL, STATS)
    page = await admin.open("/admin")
    for number in (
        "Findings 3 1 critical, 2 warning",
        "Money without an outcome 1 oldest 1.5 min",
        "Webhook lag 1.5 s last Jan 2, 2026, 12:00 UTC",
        "Mail waiting 1 oldest 2 h",
        "Mail given up 2",
        "Lock wait, 95th percentile 12 ms 1 held, 0 waiting, healthy",
        "Pending 3 Completed 12 Refund on its way 0 Refunded 1",
        "5 paid, 2 held , 3 free of 10",
    ):
        assert number.replace(" ,", ",") in text_of(page).replace(" ,", ",")
    content = page.text[page.text.index("<main") : page.text.index("</main>")]
    for link in (
        "/admin/findings",
        "/admin/purchases?money=open",
        "/admin/events",
        "/admin/mails?state=waiting",
        "/admin/mails?state=dead",
        "/admin/locks",
        "/admin/purchases?status=completed",
        "/admin/programs/choir",
    ):
        assert f'href="{link}"' in content


async def test_money_is_drawn_for_each_currency_and_told_in_a_table(
    admin: Browser, service: ScriptedService
) -> None:
    today = now().date()
    yesterday = today - timedelta(days=1)
    rows = [
        {"day": str(yesterday), "currency": "usd", "in": 29900, "out": 4500},
        {"day": str(today), "currency": "jpy", "in": 500, "out": 0},
    ]
    service.will(CALL, {**STATS, "moneyByDay": rows})
    page = await admin.open("/admin")
    assert len(re.findall(r'<rect class="in"', page.text)) == 2
    assert len(re.findall(r'<rect class="out"', page.text)) == 1
    text = text_of(page)
    assert "In: $299.00 Out: $45.00" in text
    assert "In: ¥500 Out: ¥0" in text
    assert re.search(r"Day \(UTC\) In Out \w+ \d+ \$299.00 \$45.00", text)
    assert (
        f'href="/admin/purchases?since={yesterday}&amp;until={yesterday}"' in page.text
    )


async def test_days_without_money_leave_nothing_to_draw(
    admin: Browser, service: ScriptedService
) -> None:
    service.will(CALL, {**STATS, "moneyByDay": []})
    assert "No money has moved in these days." in text_of(await admin.open("/admin"))


@given(amounts=st.lists(st.tuples(AMOUNTS, AMOUNTS), min_size=1, max_size=40))
def test_no_bar_leaves_the_picture_and_none_is_lost(
    amounts: list[tuple[int, int]],
) -> None:
    rows = [
        money(DAY - timedelta(days=back), came=came, went=went)
        for back, (came, went) in enumerate(amounts)
    ]
    (plot,) = plots_of(rows, until=DAY, days=len(rows))
    assert plot.came == sum(came for came, _ in amounts)
    assert plot.went == sum(went for _, went in amounts)
    drawn = sum((came > 0) + (went > 0) for came, went in amounts)
    assert len(plot.bars) == drawn
    for bar in plot.bars:
        assert 0 <= bar.x <= bar.x + bar.width <= WIDTH
        assert bar.height > 0
        # What is next to nothing is drawn thick enough to be seen.
        assert -2 <= bar.y <= bar.y + bar.height <= HEIGHT + 2


def test_bars_are_as_high_as_their_amounts() -> None:
    rows = [money(DAY, came=1000), money(DAY - timedelta(days=1), came=500, went=250)]
    (plot,) = plots_of(rows, until=DAY, days=2)
    assert [(bar.kind, bar.height) for bar in plot.bars] == [
        ("in", 80.0),
        ("out", 40.0),
        ("in", 160.0),
    ]
    assert plot.zero == 160.0


def test_what_is_older_than_the_picture_is_left_out() -> None:
    rows = [money(DAY, came=5), money(DAY - timedelta(days=30), came=7)]
    (plot,) = plots_of(rows, until=DAY, days=30)
    assert plot.came == 5


@pytest.mark.parametrize(
    ("held", "paid", "limit", "over", "parts"),
    [
        (2, 5, 10, 0, {"paid": 50, "held": 20, "free": 30}),
        (1, 6, 5, 2, {"paid": 71.43, "over": 28.57}),
        (3, 4, 5, 2, {"paid": 57.14, "held": 14.29, "over": 28.57}),
        (0, 0, 4, 0, {"free": 100}),
        (1, 1, None, 0, {}),
        (0, 0, None, 0, {}),
    ],
)
def test_a_bar_of_spots_is_whole(
    held: int, paid: int, limit: int | None, over: int, parts: dict[str, float]
) -> None:
    free = None if limit is None else max(0, limit - held - paid)
    spots = SpotsOfProgram(
        program_id="choir",
        title="Choir",
        held=held,
        paid=paid,
        limit=limit,
        free=free,
        over=over,
    )
    assert {part.kind: part.share for part in spot_parts(spots)} == parts
