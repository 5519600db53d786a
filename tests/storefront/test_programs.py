from tests.storefront.browsing import Browser, text_of
from tests.storefront.scripted_service import PROGRAM, ScriptedService, listed

ACCESS = "GET /api/purchases/check-access/choir"


async def test_the_front_page_shows_price_discounts_deadline_and_spots(
    browser: Browser, service: ScriptedService
) -> None:
    service.will("GET /api/programs", listed(PROGRAM))
    text = text_of(await browser.open("/"))
    assert "$85.00 instead of $100.00" in text
    assert "Early bird \N{MINUS SIGN}$15.00 until" in text
    assert "until January 1, 2999 at 12:00 AM (America/New York)" in text
    assert "Class rep \N{MINUS SIGN}$40.00 : 7 of 10 class-rep spots left" in text
    assert "no money moves" in text


async def test_a_title_cannot_become_a_tag(
    browser: Browser, service: ScriptedService
) -> None:
    nasty = {**PROGRAM, "title": '<script>alert("choir")</script>'}
    service.will("GET /api/programs", listed(nasty))
    service.will("GET /api/programs/choir", nasty)
    for path in ("/", "/programs/choir"):
        page = await browser.open(path)
        assert "<script>" not in page.text
        assert '<script>alert("choir")</script>' in text_of(page)


async def test_a_program_shows_both_prices_with_their_parts(
    browser: Browser, service: ScriptedService
) -> None:
    service.will("GET /api/programs/choir", PROGRAM)
    text = text_of(await browser.open("/programs/choir"))
    early = "Early-bird discount \N{MINUS SIGN}$15.00"
    assert f"Full price $100.00 {early} Total $85.00" in text
    assert f"Class-rep discount \N{MINUS SIGN}$40.00 {early} Total $45.00" in text


async def test_an_early_bird_that_is_over_costs_the_full_price(
    browser: Browser, service: ScriptedService
) -> None:
    over = {**PROGRAM, "earlyBirdDeadline": "2020-01-01T05:00:00Z"}
    service.will("GET /api/programs/choir", over)
    text = text_of(await browser.open("/programs/choir"))
    assert "The early-bird discount ended on January 1, 2020" in text
    assert "Full price $100.00 Total $100.00" in text


async def test_the_last_spot_gone_leaves_no_button(
    browser: Browser, service: ScriptedService
) -> None:
    service.will("GET /api/programs/choir", {**PROGRAM, "spotsLeft": 0})
    page = await browser.open("/programs/choir")
    assert 'id="buy-regular"' in page.text
    assert 'id="buy-class-rep"' not in page.text
    assert "All class-rep spots are taken." in page.text


async def test_no_limit_says_so(browser: Browser, service: ScriptedService) -> None:
    unlimited = {**PROGRAM, "classRepLimit": 0, "spotsLeft": None}
    service.will("GET /api/programs/choir", unlimited)
    page = await browser.open("/programs/choir")
    assert 'id="buy-class-rep"' in page.text
    assert "no limit on class-rep places" in text_of(page)


async def test_a_free_program_has_nothing_to_buy(
    browser: Browser, service: ScriptedService
) -> None:
    service.will("GET /api/programs/choir", {**PROGRAM, "isFree": True, "fullPrice": 0})
    page = await browser.open("/programs/choir")
    assert "This program is free" in page.text
    assert "buy-" not in page.text


async def test_who_has_a_place_is_not_asked_to_buy_another(
    ada: Browser, service: ScriptedService
) -> None:
    service.will("GET /api/programs/choir", PROGRAM)
    service.will(ACCESS, {"hasAccess": True, "reason": "purchased"})
    page = await ada.open("/programs/choir")
    assert "You have a place in this program." in page.text
    assert "buy-" not in page.text


async def test_paused_sales_are_marked_and_long_lists_have_pages(
    browser: Browser, service: ScriptedService
) -> None:
    many = {**listed({**PROGRAM, "salesPaused": True}), "total": 120}
    service.will("GET /api/programs", many)
    page = await browser.open("/?page=2")
    assert service.asked[-1].url.params["page"] == "2"
    assert "Sales are paused" in text_of(page)
    assert 'id="next" rel="next" href="/?page=3"' in page.text


async def test_an_empty_shop_says_so(
    browser: Browser, service: ScriptedService
) -> None:
    service.will("GET /api/programs", listed())
    assert "Nothing is for sale" in (await browser.open("/")).text
