from tests.backoffice.samples import LOCKS
from tests.storefront.browsing import Browser, text_of
from tests.storefront.scripted_service import ScriptedService


async def test_who_holds_what_for_how_long(
    admin: Browser, service: ScriptedService
) -> None:
    service.will("GET /api/system/locks", LOCKS)
    page = await admin.open("/admin/locks")
    text = text_of(page)
    assert "Healthy" in text
    assert "Held now 1 Waiting 0 Acquired 40 Had to wait 3" in text
    assert "95th percentile, hold 1.8 s" in text
    assert "How long waits were Time Share Count up to 1 ms 30 longer 2" in text
    assert 'width="100.0%"' in page.text
    assert "purchase:create:ada:choir x 31 ms 2" in text
    assert 'id="area-locks" aria-current="page"' in page.text


async def test_many_locks_are_a_warning(
    admin: Browser, service: ScriptedService
) -> None:
    service.will("GET /api/system/locks", {**LOCKS, "health": "warning", "held": []})
    text = text_of(await admin.open("/admin/locks"))
    assert "Warning: many locks are held" in text
    assert "Nobody holds one at the moment." in text
