"""A letter's two parts carry the same facts, and its HTML works where mail is read."""

import re
from collections.abc import AsyncIterator
from dataclasses import replace
from html import unescape
from html.parser import HTMLParser

import pytest

from adapters.smtp.mailer import MailServer, SmtpMailer
from domain.outbox import NoticeKind
from domain.refunds import ExtraReason
from tests.adapters.smtp.letters import letter
from tests.adapters.smtp.test_mailer import SENDER, part
from tests.adapters.smtp.test_notices import ADAS
from tests.servers.smtp import MailSink, mail_sink

HIDDEN = re.compile(
    r'<div style="display: none;.*?</div>|<(style|title)>.*?</\1>', re.DOTALL
)
TAGS = re.compile(r"<[^>]+>")
THEMED = re.compile(r'<[^>]*class="[^"]*\b(?:quiet|foot|brand)\b[^>]*>')
LINK = re.compile(r'href="([^"]+)"')


@pytest.fixture
async def sink() -> AsyncIterator[MailSink]:
    async with mail_sink() as sink:
        yield sink


@pytest.fixture
async def letters(sink: MailSink) -> list[tuple[str, str]]:
    """Return the text and the HTML of every kind of letter, discounts and all."""
    mailer = SmtpMailer(server=MailServer.from_url(sink.url), sender=SENDER)
    await mailer.send_confirmation(letter())
    await mailer.send_confirmation(
        letter(is_class_rep=False, class_rep_discount=0, program_title="A & B <C>")
    )
    for kind in NoticeKind:
        why = ExtraReason.LATE if kind is NoticeKind.MONEY_RETURNED else None
        for url in (ADAS.receipt_url, None):
            await mailer.send_notice(
                replace(ADAS, kind=kind, reason=why, receipt_url=url)
            )
    return [(part(each, "plain"), part(each, "html")) for each in sink.messages()]


def words_of_text(text: str) -> list[str]:
    return text.replace(":", " ").split()


def words_of_html(html: str) -> list[str]:
    """Return what is seen, with the addresses that links lead to after their words."""
    seen = HIDDEN.sub(" ", html)
    seen = re.sub(r'<a href="([^"]+)"[^>]*>([^<]+)</a>', r"\2 \1", seen)
    return unescape(TAGS.sub(" ", seen)).replace(":", " ").split()


async def test_both_parts_say_the_same_word_for_word(
    letters: list[tuple[str, str]],
) -> None:
    assert len(letters) == 2 + 2 * len(NoticeKind)
    for text, html in letters:
        assert words_of_html(html) == ["Spothold", *words_of_text(text)]


async def test_html_needs_nothing_that_a_mail_program_withholds(
    letters: list[tuple[str, str]],
) -> None:
    for _, html in letters:
        lowered = html.lower()
        for withheld in ("<img", "<script", "<link", "<form", "url(", "@import"):
            assert withheld not in lowered
        assert {link.partition(":")[0] for link in LINK.findall(html)} <= {"https"}
        assert len(html) < 20_000  # far below where mail programs cut a letter off


async def test_what_goes_dark_has_a_light_colour_in_line(
    letters: list[tuple[str, str]],
) -> None:
    """Who drops the sheet shows the letter as it is in the light."""
    for _, html in letters:
        assert '<meta name="color-scheme" content="light dark">' in html
        for tag in THEMED.findall(html):
            assert re.search(r"color: #[0-9a-f]{6};", tag)


class Nesting(HTMLParser):
    """Follows which tags are open; every one must be closed, in its order."""

    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag != "meta":
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag


async def test_every_tag_is_closed_where_it_should_be(
    letters: list[tuple[str, str]],
) -> None:
    for _, html in letters:
        nesting = Nesting()
        nesting.feed(html)
        assert nesting.open == []
