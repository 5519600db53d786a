from collections.abc import AsyncIterator

import pytest

from adapters.smtp.alerts import MailedAlerts, mailed_alerts
from adapters.smtp.mailer import MailServer, SmtpMailer
from application.ports.alerts import Alert, AlertNotTold, Bundle
from entrypoints.simulation.outside.mailer import FakeMailer
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


def way_to(url: str) -> MailedAlerts:
    mailer = SmtpMailer(server=MailServer.from_url(url), sender="shop@shop.example")
    way = mailed_alerts(mailer, admin=ADMIN)
    assert way is not None
    return way


async def test_an_alert_is_mailed_with_its_next_step(sink: MailSink) -> None:
    await way_to(sink.url).tell(Bundle(alerts=(ORPHAN,)))

    [message] = sink.messages()
    assert message["To"] == ADMIN
    assert message["Subject"] == "[Spothold] orphan_payment"
    said = message.get_content()
    assert "Next step: Find the buyer in Stripe." in said
    assert "session_id: cs_1" in said


async def test_those_that_were_held_back_stand_below_it(sink: MailSink) -> None:
    await way_to(sink.url).tell(Bundle(alerts=(ORPHAN, ORPHAN), more=3))

    [message] = sink.messages()
    assert message["Subject"] == "[Spothold] orphan_payment (5)"
    said = " ".join(message.get_content().split())
    assert "Also: A payment of ours arrived" in said
    assert "And 3 more of these, which are in the log." in said


async def test_a_mail_server_that_is_down_is_told_without_the_address() -> None:
    with pytest.raises(AlertNotTold) as refused:
        await way_to("smtp://127.0.0.1:1").tell(Bundle(alerts=(ORPHAN,)))

    assert ADMIN not in str(refused.value)


def test_without_an_admin_nothing_is_mailed() -> None:
    assert mailed_alerts(FakeMailer(), admin=None) is None
