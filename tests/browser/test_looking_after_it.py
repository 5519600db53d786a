"""What an operator does all day, in Debian's Chromium, over the whole service."""

from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Final
from urllib.parse import urlsplit

import pytest
from playwright.async_api import Browser, ViewportSize, expect

from entrypoints.demo.options import DemoOptions
from tests.browser.shopper import PATIENCE, Shopper
from tests.demo.running import free_ports
from tests.examples import CHOIR, a_program
from tests.servers.live_service import LiveService, live_service

pytestmark = pytest.mark.browser

LONG_AGO = timedelta(hours=3)
PHONE: Final[ViewportSize] = {"width": 390, "height": 844}
PAGES = (
    "/admin",
    "/admin/purchases",
    "/admin/programs",
    "/admin/programs/new",
    f"/admin/programs/{CHOIR}",
    f"/admin/programs/{CHOIR}/change",
    "/admin/findings",
    "/admin/orphans",
    "/admin/events",
    "/admin/mails",
    "/admin/locks",
    "/admin/audit",
)


@dataclass(frozen=True)
class House:
    """The service with its pages, and people in front of them."""

    service: LiveService
    browser: Browser

    async def enter(self, who: str, *, with_scripts: bool = True) -> Shopper:
        options = DemoOptions(
            port=urlsplit(self.service.url).port or 0,
            simulator_port=urlsplit(self.service.stripe.url).port or 0,
        )
        context = await self.browser.new_context(java_script_enabled=with_scripts)
        context.set_default_timeout(PATIENCE)
        return await Shopper(await context.new_page(), options).as_(who)


@pytest.fixture
async def house(
    mongo_uri: str, database_name: str, browser: Browser
) -> AsyncIterator[House]:
    """A service whose jobs rest, so that what is stuck stays so until it is mended."""
    (port,) = free_ports(1)
    async with live_service(
        mongo_uri, database_name, reconciles=False, port=port
    ) as service:
        yield House(service, browser)


async def test_a_program_is_sold_given_back_and_told(house: House) -> None:
    admin = await house.enter("admin")
    await admin.press("admin")
    await admin.press("area-programs")
    await admin.press("new-program")
    for field, text in {
        "id": "choir-2",
        "title": "A new choir",
        "class_rep_discount": "40.50",
        "class_rep_limit": "1",
        "full_price": "100",
    }.items():
        await admin.see(field).fill(text)
    await admin.reads("preview", "$59.50")  # without a click
    await admin.press("confirm")
    await admin.reads("notice", "The program is for sale.")

    ada = await house.enter("ada")
    await ada.choose("choir-2", "class-rep")
    await ada.is_at_payment()
    await ada.press("pay")
    await ada.reads("status", "Completed")
    await admin.open("/admin/programs/choir-2")
    await admin.reads("why-full", "Full: every spot is held or paid.")

    order = await ada.see("order-number").inner_text()
    await ada.open("/purchases")
    await ada.page.get_by_role("link", name="Give it back").click()
    await ada.press("confirm-refund")

    await admin.press("area-today")
    money = admin.see("plot-usd")
    for what in ("In: $59.50", "Out: $59.50"):  # at the next look it is there
        await expect(money).to_contain_text(what, timeout=PATIENCE)
    assert await money.locator("rect.in").count() == 1
    assert await money.locator("rect.out").count() == 1

    await admin.press("area-purchases")
    await admin.see("search").type("Ada")  # found as it is typed
    row = admin.page.locator("#results .row")
    await expect(row).to_contain_text(order, timeout=PATIENCE)
    await row.get_by_role("link", name=order).click()
    timeline = admin.see("timeline")
    for moment in ("Began", "Completed", "Refunding", "checkout.session.completed"):
        await expect(timeline).to_contain_text(moment, timeout=PATIENCE)


async def test_a_purchase_that_is_stuck_is_mended_from_the_page(house: House) -> None:
    service = house.service
    await service.offer(a_program())
    begun = (await service.check_out("grace", CHOIR, as_class_rep=True)).json()["data"]
    await service.stripe.webhooks(paused=True)
    await service.stripe.press(begun["sessionId"], "pay")
    await forgotten_since(service, begun["purchaseId"], LONG_AGO)
    await service.container.use_cases().differences().keep_findings()()

    admin = await house.enter("admin", with_scripts=False)
    await admin.open("/admin/findings")
    stuck = admin.page.locator(".finding", has_text="Stuck phase")
    await expect(stuck).to_contain_text("The purchase is carried on")
    await stuck.get_by_role("link", name="Repair").click()
    await admin.see("reason").fill("paid at Stripe, as the buyer says")
    await admin.press("confirm")
    await admin.reads("notice", "It is repaired")
    await expect(stuck).to_have_count(0)
    await admin.open(f"/admin/purchases/{begun['purchaseId']}")
    await expect(admin.page.locator("h1")).to_contain_text("Completed")
    await admin.open("/admin/audit")
    await expect(admin.see("content")).to_contain_text("as the buyer says")


async def test_every_page_fits_a_phone_and_runs_only_our_script(house: House) -> None:
    await house.service.offer(a_program())
    admin = await house.enter("admin")
    complaints: list[str] = []
    admin.page.on("console", lambda message: complaints.append(message.text))
    admin.page.on("pageerror", lambda error: complaints.append(str(error)))
    await admin.page.set_viewport_size(PHONE)
    for path in PAGES:
        await admin.open(path)
        width = await admin.page.evaluate("document.documentElement.scrollWidth")
        assert width == PHONE["width"], path
        assert await admin.page.locator("h1").count() == 1, path
        assert await admin.page.locator("nav [aria-current=page]").count() == 1, path
        assert await unlabelled(admin) == [], path
        assert await admin.page.evaluate("typeof htmx") == "object", path
    assert complaints == []


async def unlabelled(admin: Shopper) -> list[str]:
    """Return the fields and links of a page that no name leads to."""
    return list(
        await admin.page.evaluate("""() => [
            ...[...document.querySelectorAll('input:not([type=hidden]), select')]
                .filter(each => !each.labels.length),
            ...[...document.querySelectorAll('a, button')]
                .filter(each => !each.innerText.trim()),
        ].map(each => each.outerHTML)""")
    )


async def forgotten_since(
    service: LiveService, purchase_id: str, age: timedelta
) -> None:
    """Make a purchase look as if nobody had been at it for that long."""
    then = datetime.now(UTC) - age
    name = service.container.settings().mongodb_database
    changed = await service.container.mongo()[name]["purchases"].update_one(
        {"_id": purchase_id},
        {"$set": {"updated_at": then, "session.expires_at": then}},
    )
    assert changed.modified_count == 1
