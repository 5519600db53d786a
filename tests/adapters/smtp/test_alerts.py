from collections.abc import AsyncIterator
from datetime import timedelta

import pytest

from adapters.smtp.alerts import PAUSE, MailedAlerts, alerts_of
from adapters.smtp.mailer import MailServer, SmtpMailer
from application.ports.alerts import Alert
from application.ports.mail import Mailer
from entrypoints.simulation.outside.alerts import RecordingAlerts
from entrypoints.simulation.outside.clock import ManualClock
from tests.servers.smtp import MailSink, mail_sink

ORPHAN = Alert(
    code="orphan_payment",
    message="A payment of ours arrived that no purchase knows.",
    next_step="Find the buyer in Stripe.",
    facts={"session_id": "cs_1", "amount": 100},
)
ADMIN = "admin@shop.example"


@pytest.fixture
async def sink() -> AsyncIterator[MailSink]:
    async with mail_sink() as sink:
        yield sink


def mailer_to(url: str) -> Mailer:
    return SmtpMailer(server=MailServer.from_url(url), sender="shop@shop.example")


async def test_an_alert_is_logged_and_mailed_with_its_next_step(sink: MailSink) -> None:
    log = RecordingAlerts()
    alerts = MailedAlerts(log, mailer_to(sink.url), ManualClock(), admin=ADMIN)
    await alerts.send(ORPHAN)
    await alerts.delivered()
    [message] = sink.messages
    assert log.sent == [ORPHAN]
    assert message["To"] == ADMIN
    assert message["Subject"] == "[Spothold] orphan_payment"
    said = message.get_content()
    assert "Next step: Find the buyer in Stripe." in said
    assert "session_id: cs_1" in said


async def test_one_mail_about_the_same_thing_and_the_rest_are_counted(
    sink: MailSink,
) -> None:
    log, clock = RecordingAlerts(), ManualClock()
    alerts = MailedAlerts(log, mailer_to(sink.url), clock, admin=ADMIN)
    for _ in range(4):
        await alerts.send(ORPHAN)
    await alerts.delivered()
    clock.advance(PAUSE - timedelta(seconds=1))
    await alerts.send(ORPHAN)
    await alerts.delivered()
    assert len(sink.messages) == 1
    clock.advance(timedelta(seconds=1))
    await alerts.send(ORPHAN)
    await alerts.delivered()
    assert "4 more of these since the last mail." in sink.messages[1].get_content()
    assert len(log.sent) == 6


async def test_a_mail_server_that_is_down_is_no_reason_to_fail() -> None:
    log = RecordingAlerts()
    alerts = MailedAlerts(
        log, mailer_to("smtp://127.0.0.1:1"), ManualClock(), admin=ADMIN
    )
    await alerts.send(ORPHAN)
    await alerts.delivered()
    assert log.codes == ["orphan_payment", "alert_not_mailed"]


async def test_without_an_admin_nothing_is_mailed() -> None:
    log = RecordingAlerts()
    mailer = mailer_to("smtp://127.0.0.1:1")
    assert alerts_of(log, mailer, ManualClock(), admin=None) is log
