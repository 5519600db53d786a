from datetime import timedelta

from application.ports.metrics import Standing
from domain.findings import Finding, FindingKind
from tests.application.world import World

MINUTE = timedelta(minutes=1)
LEAKED = Finding.of(FindingKind.LEAKED_SPOT, "p-1")
UNPROVEN = Finding.of(FindingKind.UNPROVEN_PAYMENT, "cs_1")


async def test_differences_are_counted_by_how_bad_they_are_until_they_are_gone() -> (
    None
):
    world = World()
    await world.findings.note(UNPROVEN, at=world.clock.now())
    world.advance(MINUTE)
    await world.findings.note(LEAKED, at=world.clock.now())
    await world.findings.note(
        Finding.of(FindingKind.UNPROVEN_PAYMENT, "cs_2"), at=world.clock.now()
    )
    world.advance(MINUTE)

    await world.service.count_findings()()
    critical, leaked = UNPROVEN.severity.name.lower(), LEAKED.severity.name.lower()
    assert world.metrics.findings[critical] == Standing(count=2, oldest=2 * MINUTE)
    assert world.metrics.findings[leaked] == Standing(count=1, oldest=MINUTE)

    await world.findings.mark_gone(LEAKED.id, at=world.clock.now())
    await world.service.count_findings()()
    assert world.metrics.findings[leaked] == Standing()
