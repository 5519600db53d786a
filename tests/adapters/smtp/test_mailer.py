from collections.abc import AsyncIterator
from email.message import EmailMessage

import pytest

from adapters.smtp.mailer import MailServer, SmtpMailer
from application.ports.mail import AlertLetter, Mailer, MailNotSent
from tests.adapters.smtp.letters import letter
from tests.servers.smtp import MailSink, mail_sink

SENDER = "Spothold <no-reply@spothold.example>"


@pytest.fixture
async def sink() -> AsyncIterator[MailSink]:
    async with mail_sink() as sink:
        yield sink


@pytest.fixture
def mailer(sink: MailSink) -> Mailer:
    return mailer_for(sink.url)


def mailer_for(url: str, *, timeout: float = 5) -> Mailer:
    return SmtpMailer(server=MailServer.from_url(url), sender=SENDER, timeout=timeout)


def part(message: EmailMessage, kind: str) -> str:
    body = message.get_body((kind,))
    assert body is not None
    content = body.get_content()
    assert isinstance(content, str)
    return content


def text_of(sink: MailSink) -> str:
    return part(sink.messages()[0], "plain")


async def test_the_headers_say_who_what_and_that_a_machine_wrote(
    sink: MailSink, mailer: Mailer
) -> None:
    await mailer.send_confirmation(letter())
    (message,) = sink.messages()
    assert message["From"] == SENDER
    assert message["To"] == "Ada Lovelace <ada@example.com>"
    assert message["Subject"] == "Enrollment Confirmed: Choir - Order SH-7Q4M2K"
    assert message["Message-ID"] == letter().message_id
    assert message["Auto-Submitted"] == "auto-generated"
    assert message["Date"]
    assert sink.envelopes[0].rcpt_tos == ["ada@example.com"]
    assert sink.envelopes[0].mail_from == "no-reply@spothold.example"


@pytest.mark.parametrize("kind", ["plain", "html"])
async def test_both_parts_say_what_was_bought_and_paid(
    sink: MailSink, mailer: Mailer, kind: str
) -> None:
    await mailer.send_confirmation(letter())
    body = part(sink.messages()[0], kind)
    for fact in [
        "Ada Lovelace",
        "Choir (Workshop)",
        "Class representative",
        "SH-7Q4M2K",
        "July 1, 2026 at 12:00 PM (America/New_York)",
        "$100.00",
        "-$20.00",
        "-$15.00",
        "$65.00",
        "https://front.example/dashboard/purchase-receipt/0190a1b2",
    ]:
        assert fact in body


async def test_a_discount_that_was_not_given_is_not_mentioned(
    sink: MailSink, mailer: Mailer
) -> None:
    plain = {"is_class_rep": False, "is_early_bird": False, "total": 10000}
    none = {"class_rep_discount": 0, "early_bird_discount": 0}
    await mailer.send_confirmation(letter(**plain, **none))
    assert "discount" not in text_of(sink)
    assert "epresentative" not in text_of(sink)


async def test_yen_have_no_decimals(sink: MailSink, mailer: Mailer) -> None:
    await mailer.send_confirmation(letter(currency="jpy", total=6500))
    assert "Total paid: ¥6,500" in text_of(sink).splitlines()


async def test_names_are_escaped_in_html_and_plain_in_text(
    sink: MailSink, mailer: Mailer
) -> None:
    name, title = "<script>alert(1)</script>", 'Tom & "Jerry"'
    await mailer.send_confirmation(letter(to_name=name, program_title=title))
    html = part(sink.messages()[0], "html")
    assert "<script>" not in html
    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in html
    assert "Tom &amp; &#34;Jerry&#34;" in html
    assert name in text_of(sink)
    assert title in text_of(sink)


@pytest.mark.parametrize("breaks", ["\r\n", "\n", "\r", "\x85", "\u2028", "\x00"])
@pytest.mark.parametrize(
    "field", ["to_name", "program_title", "order_number", "message_id"]
)
async def test_no_field_can_add_a_header_or_a_recipient(
    sink: MailSink, mailer: Mailer, field: str, breaks: str
) -> None:
    value = getattr(letter(), field).rstrip(">")
    evil = f"{value}{breaks}Bcc: eve@example.com{breaks}{breaks}Pay here"
    await mailer.send_confirmation(letter(**{field: evil}))
    (message,) = sink.messages()
    assert message["Bcc"] is None
    assert sink.envelopes[0].rcpt_tos == ["ada@example.com"]
    assert len(message.get_all("Subject", [])) == 1
    assert breaks not in "".join(map(str, message.values()))
    assert "Total paid" in text_of(sink)


@pytest.mark.parametrize(
    "address", ["ada@example.com\r\nBcc: eve@example.com", "nobody", "", "a@b, c@d"]
)
async def test_what_is_not_one_address_is_not_sent(
    sink: MailSink, mailer: Mailer, address: str
) -> None:
    with pytest.raises(MailNotSent, match="not a mail address"):
        await mailer.send_confirmation(letter(to_email=address))
    assert sink.envelopes == []


async def test_names_and_titles_may_be_in_any_script(
    sink: MailSink, mailer: Mailer
) -> None:
    name, title = "Çağla Łukasiewicz 李", "Chœur en été 🎶 " + "ж" * 90
    await mailer.send_confirmation(letter(to_name=name, program_title=title))
    (message,) = sink.messages()
    assert message["To"].addresses[0].display_name == name
    assert message["Subject"] == f"Enrollment Confirmed: {title} - Order SH-7Q4M2K"
    assert name in text_of(sink)
    assert title in part(message, "html")


async def test_a_long_title_does_not_push_the_order_number_out(
    sink: MailSink, mailer: Mailer
) -> None:
    await mailer.send_confirmation(letter(program_title="Choir " * 100))
    assert sink.messages()[0]["Subject"].endswith("- Order SH-7Q4M2K")


async def test_a_name_with_commas_and_quotes_is_still_one_recipient(
    sink: MailSink, mailer: Mailer
) -> None:
    await mailer.send_confirmation(letter(to_name='Love, Ada "the" <x@y.z>'))
    (recipient,) = sink.messages()[0]["To"].addresses
    assert recipient.addr_spec == "ada@example.com"


async def test_a_long_message_id_arrives_as_it_was_given(
    sink: MailSink, mailer: Mailer
) -> None:
    given = f"<confirm.{'0190a1b2' * 8}@mail.spothold.example.com>"
    await mailer.send_confirmation(letter(message_id=given))
    assert sink.messages()[0]["Message-ID"] == given


async def test_an_alert_is_text_in_its_own_lines(
    sink: MailSink, mailer: Mailer
) -> None:
    lines = ("A payment of $5.00 has no purchase.", "pi_123")
    await mailer.send_alert(
        AlertLetter(
            to_email="admin@example.com", subject="Orphan\r\nBcc: eve@x", lines=lines
        )
    )
    (message,) = sink.messages()
    assert message["Subject"] == "[Spothold] Orphan Bcc: eve@x"
    assert message["Bcc"] is None
    assert part(message, "plain").splitlines() == list(lines)
    assert message["Message-ID"].endswith("@spothold.example>")


async def test_a_server_that_is_down_is_not_a_sent_mail() -> None:
    async with mail_sink() as gone:
        pass
    with pytest.raises(MailNotSent, match="Connect"):
        await mailer_for(gone.url).send_confirmation(letter())


@pytest.mark.parametrize("slowness", [60, 0.2], ids=["deaf", "dripping"])
async def test_a_slow_server_is_given_up_in_the_time_for_all_its_answers(
    sink: MailSink, slowness: float
) -> None:
    sink.slowness = slowness
    with pytest.raises(MailNotSent, match="no answer in time"):
        await mailer_for(sink.url, timeout=0.3).send_confirmation(letter())
    assert sink.envelopes == []


async def test_an_answer_lost_after_the_mail_counts_as_not_sent(
    sink: MailSink, mailer: Mailer
) -> None:
    sink.hangs_up_after_data = True
    with pytest.raises(MailNotSent, match="Disconnected"):
        await mailer.send_confirmation(letter())
    assert len(sink.envelopes) == 1


async def test_a_server_that_hangs_up_after_its_yes_has_said_yes(
    sink: MailSink, mailer: Mailer
) -> None:
    sink.hangs_up_after_answer = True
    await mailer.send_confirmation(letter())
    assert len(sink.envelopes) == 1


async def test_a_refused_recipient_is_a_reason_without_the_address(
    sink: MailSink, mailer: Mailer
) -> None:
    sink.refused["ada@example.com"] = "550 no mailbox ada@example.com here"
    with pytest.raises(MailNotSent) as failure:
        await mailer.send_confirmation(letter())
    assert failure.value.reason == "recipient refused: 550 no mailbox … here"
    assert failure.value.code == "mail_not_sent"


async def test_a_refused_mail_is_a_reason(sink: MailSink, mailer: Mailer) -> None:
    sink.answer = "452 disk is full"
    with pytest.raises(MailNotSent, match="the server said 452 disk is full"):
        await mailer.send_confirmation(letter())
