from collections.abc import AsyncIterator
from dataclasses import replace
from typing import Any

import pytest

from adapters.smtp.mailer import MailServer, SmtpMailer
from application.ports.mail import Mailer, NoticeLetter
from domain.outbox import NoticeKind
from domain.refunds import ExtraReason
from tests.adapters.smtp.test_mailer import SENDER, part
from tests.servers.smtp import MailSink, mail_sink

RETURNED = NoticeKind.MONEY_RETURNED
ADAS = NoticeLetter(
    message_id="<refund-done.rf_1@spothold.example>",
    to_email="ada@example.com",
    to_name="Ada Lovelace",
    kind=NoticeKind.REFUND_DONE,
    order_number="SH-7Q4M2K",
    program_title="Choir",
    program_type="Workshop",
    amount=6500,
    currency="usd",
    reason=None,
    has_access=False,
    receipt_url="https://front.example/dashboard/purchase-receipt/0190a1b2",
)
LATE: dict[str, Any] = {
    "kind": RETURNED,
    "reason": ExtraReason.LATE,
    "receipt_url": None,
}


@pytest.fixture
async def sink() -> AsyncIterator[MailSink]:
    async with mail_sink() as sink:
        yield sink


@pytest.fixture
def mailer(sink: MailSink) -> Mailer:
    return SmtpMailer(server=MailServer.from_url(sink.url), sender=SENDER, timeout=5)


async def said(sink: MailSink, mailer: Mailer, **changes: Any) -> tuple[str, str]:
    """Send one notice; return its text and its HTML, each on one line."""
    await mailer.send_notice(replace(ADAS, **changes))
    message = sink.messages()[-1]
    text, html = part(message, "plain"), part(message, "html")
    return " ".join(text.split()), " ".join(html.split())


async def test_the_headers_say_who_what_and_that_a_machine_wrote(
    sink: MailSink, mailer: Mailer
) -> None:
    await mailer.send_notice(ADAS)
    (message,) = sink.messages()
    assert message["To"] == "Ada Lovelace <ada@example.com>"
    assert message["Subject"] == "Refund Completed: Choir - Order SH-7Q4M2K"
    assert message["Message-ID"] == ADAS.message_id
    assert message["Auto-Submitted"] == "auto-generated"
    assert sink.envelopes[0].rcpt_tos == ["ada@example.com"]


async def test_a_message_id_stays_on_one_line_however_long(
    sink: MailSink, mailer: Mailer
) -> None:
    """As long as the id of a session makes it."""
    long = f"<money-returned.cs_live_{'a' * 60}@spothold.example>"

    await mailer.send_notice(replace(ADAS, message_id=long))

    raw = sink.envelopes[0].original_content or b""
    assert f"\r\nMessage-ID: {long}\r\n".encode() in raw


async def test_both_parts_say_what_goes_back_and_of_what(
    sink: MailSink, mailer: Mailer
) -> None:
    for body in await said(sink, mailer):
        for fact in [
            "Hello Ada Lovelace,",
            "$65.00 has gone back to where it was paid from.",
            "Choir (Workshop)",
            "SH-7Q4M2K",
            "Your access to the program has ended.",
            "https://front.example/dashboard/purchase-receipt/0190a1b2",
        ]:
            assert fact in body


SAYS = {
    NoticeKind.REFUND_RECEIVED: ("Refund Received", "we are giving $65.00 back"),
    NoticeKind.REFUND_AGAIN: ("Refund Sent Again", "sending $65.00 once more"),
    NoticeKind.REFUND_DONE: ("Refund Completed", "You keep your access"),
    NoticeKind.REFUND_FAILED: ("Refund Failed", "You keep your access"),
    RETURNED: ("Payment Returned", "All of it has gone back"),
}


@pytest.mark.parametrize("kind", list(NoticeKind))
async def test_each_kind_says_what_it_means(
    sink: MailSink, mailer: Mailer, kind: NoticeKind
) -> None:
    subject, sentence = SAYS[kind]
    reason = ExtraReason.SECOND if kind is RETURNED else None

    bodies = await said(sink, mailer, kind=kind, reason=reason, has_access=True)

    assert sink.messages()[-1]["Subject"].startswith(f"{subject}: Choir")
    assert all(sentence in body for body in bodies)


@pytest.mark.parametrize(
    ("reason", "why"),
    [
        (ExtraReason.LATE, "after this purchase had been closed"),
        (ExtraReason.SECOND, "although this purchase was paid already"),
        (ExtraReason.FOREIGN_SESSION, "from a page that was not"),
        (ExtraReason.WRONG_AMOUNT, "that was not the price"),
    ],
)
async def test_money_that_is_returned_says_why(
    sink: MailSink, mailer: Mailer, reason: ExtraReason, why: str
) -> None:
    for body in await said(sink, mailer, **LATE | {"reason": reason}):
        assert f"a payment of $65.00 reached us {why}" in body


async def test_what_was_never_bought_has_no_receipt(
    sink: MailSink, mailer: Mailer
) -> None:
    for body in await said(sink, mailer, **LATE):
        assert "receipt" not in body
        assert "access" not in body


async def test_yen_have_no_decimals(sink: MailSink, mailer: Mailer) -> None:
    text, _ = await said(sink, mailer, currency="jpy")
    assert "Amount: ¥6,500" in text


async def test_names_are_escaped_in_html_and_plain_in_text(
    sink: MailSink, mailer: Mailer
) -> None:
    name = "<script>alert(1)</script>"
    text, html = await said(sink, mailer, to_name=name, program_title="Tom & Co")
    assert "<script>" not in html
    assert "Tom &amp; Co" in html
    assert name in text


@pytest.mark.parametrize(
    "field", ["to_name", "program_title", "order_number", "message_id"]
)
async def test_no_field_can_add_a_header_or_a_recipient(
    sink: MailSink, mailer: Mailer, field: str
) -> None:
    evil = f"{getattr(ADAS, field).rstrip('>')}\r\nBcc: eve@example.com\r\n\r\nx"
    await said(sink, mailer, **{field: evil})
    (message,) = sink.messages()
    assert message["Bcc"] is None
    assert sink.envelopes[0].rcpt_tos == ["ada@example.com"]
    assert len(message.get_all("Subject", [])) == 1
