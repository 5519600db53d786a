import asyncio
import signal
import sys
from collections.abc import AsyncIterator
from email.message import EmailMessage
from typing import Any

import aiohttp
import pytest
from aiosmtplib import send

from entrypoints.inbox.mailbox import Inbox
from entrypoints.inbox.server import RunningInbox, running_inbox
from tests.house.repository import ROOT


@pytest.fixture
async def inbox() -> AsyncIterator[RunningInbox]:
    async with running_inbox(smtp_port=0, port=0) as running:
        yield running


@pytest.fixture
async def web(inbox: RunningInbox) -> AsyncIterator[aiohttp.ClientSession]:
    async with aiohttp.ClientSession(inbox.url) as session:
        yield session


def mail(subject: str = "Hello", html: str = "<p>Hello <b>Ada</b></p>") -> EmailMessage:
    message = EmailMessage()
    message["From"] = "Spothold <no-reply@spothold.example>"
    message["To"] = "Ada <ada@example.com>, grace@example.com"
    message["Subject"] = subject
    message["Message-ID"] = "<confirm.1@spothold.example>"
    message["Date"] = "Wed, 01 Jul 2026 16:00:00 +0000"
    message.set_content("Hello Ada,\nwelcome.\n")
    message.add_alternative(html, subtype="html")
    return message


async def deliver(inbox: RunningInbox, *messages: EmailMessage) -> None:
    for message in messages:
        await send(message, hostname=inbox.host, port=inbox.smtp_port)


async def get(web: aiohttp.ClientSession, path: str) -> dict[str, Any]:
    async with web.get(path, raise_for_status=True) as answer:
        found = await answer.json()
        assert isinstance(found, dict)
        return found


async def test_a_mail_is_listed_as_mailpit_lists_it(
    inbox: RunningInbox, web: aiohttp.ClientSession
) -> None:
    await deliver(inbox, mail())
    listed = await get(web, "/api/v1/messages")
    assert (listed["total"], listed["messages_count"], listed["start"]) == (1, 1, 0)
    (found,) = listed["messages"]
    assert found["MessageID"] == "confirm.1@spothold.example"
    assert found["From"] == {"Name": "Spothold", "Address": "no-reply@spothold.example"}
    assert found["To"] == [
        {"Name": "Ada", "Address": "ada@example.com"},
        {"Name": "", "Address": "grace@example.com"},
    ]
    assert found["Subject"] == "Hello"
    assert found["Snippet"] == "Hello Ada, welcome."
    assert found["Created"]
    assert found["Size"] > 100


async def test_one_mail_has_both_its_parts(
    inbox: RunningInbox, web: aiohttp.ClientSession
) -> None:
    await deliver(inbox, mail())
    (listed,) = (await get(web, "/api/v1/messages"))["messages"]
    found = await get(web, f"/api/v1/message/{listed['ID']}")
    assert found["Text"].split() == ["Hello", "Ada,", "welcome."]
    assert found["HTML"].strip() == "<p>Hello <b>Ada</b></p>"
    assert found["Date"] == "2026-07-01T16:00:00+00:00"
    assert found == await get(web, "/api/v1/message/latest")


async def test_the_newest_comes_first_and_lists_are_paged(
    inbox: RunningInbox, web: aiohttp.ClientSession
) -> None:
    await deliver(inbox, mail("first"), mail("second"), mail("third"))
    page = await get(web, "/api/v1/messages?start=1&limit=1")
    assert [m["Subject"] for m in page["messages"]] == ["second"]
    assert (page["total"], page["count"]) == (3, 1)


async def test_mails_are_removed_by_id_or_all_at_once(
    inbox: RunningInbox, web: aiohttp.ClientSession
) -> None:
    await deliver(inbox, mail("first"), mail("second"), mail("third"))
    newest = await get(web, "/api/v1/message/latest")
    async with web.delete("/api/v1/messages", json={"IDs": [newest["ID"]]}) as answer:
        assert await answer.text() == "ok"
    assert [m.subject for m in inbox.inbox] == ["second", "first"]
    async with web.delete("/api/v1/messages") as answer:
        assert answer.status == 200
    assert (await get(web, "/api/v1/messages"))["messages"] == []


async def test_an_unknown_mail_is_not_found(web: aiohttp.ClientSession) -> None:
    for path in ["/api/v1/message/none", "/api/v1/message/latest", "/mails/none"]:
        async with web.get(path) as answer:
            assert answer.status == 404


async def test_the_page_lists_mails_and_escapes_what_they_say(
    inbox: RunningInbox, web: aiohttp.ClientSession
) -> None:
    async with web.get("/") as answer:
        assert "No mail yet." in await answer.text()
    await deliver(inbox, mail("<script>alert(1)</script>"))
    async with web.get("/") as answer:
        page = await answer.text()
    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in page
    assert "<script>" not in page


async def test_a_mail_is_shown_where_it_can_run_nothing(
    inbox: RunningInbox, web: aiohttp.ClientSession
) -> None:
    await deliver(inbox, mail(html="""<p title='"'>Hi</p><script>alert(1)</script>"""))
    (caught,) = inbox.inbox
    async with web.get(f"/mails/{caught.id}") as answer:
        page = await answer.text()
        policy = answer.headers["Content-Security-Policy"]
    assert "default-src 'none'" in policy
    assert 'sandbox="allow-popups allow-popups-to-escape-sandbox"' in page
    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in page
    assert "<script>" not in page
    assert "Hello Ada,\nwelcome." in page.replace("\r\n", "\n")


async def test_a_mail_that_is_no_mail_is_shown_all_the_same(
    inbox: RunningInbox, web: aiohttp.ClientSession
) -> None:
    caught = inbox.inbox.put(b"\xff\xfe just bytes")
    for path in [f"/mails/{caught.id}", "/", "/api/v1/messages"]:
        async with web.get(path) as answer:
            assert answer.status == 200


def test_only_the_newest_are_kept() -> None:
    inbox = Inbox(at_most=2)
    for subject in ["first", "second", "third"]:
        inbox.put(mail(subject).as_bytes())
    assert [m.subject for m in inbox] == ["third", "second"]


async def test_a_taken_port_is_an_error_at_once(inbox: RunningInbox) -> None:
    with pytest.raises(OSError, match="in use"):
        async with running_inbox(smtp_port=0, port=inbox.port):
            pass


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
async def test_the_command_runs_until_it_is_told_to_stop(
    number: signal.Signals,
) -> None:
    command = [sys.executable, "-m", "entrypoints.inbox"]
    process = await asyncio.create_subprocess_exec(
        *(*command, "--smtp-port", "0", "--port", "0"),
        cwd=ROOT,
        stdout=asyncio.subprocess.PIPE,
    )
    assert process.stdout is not None
    async with asyncio.timeout(30):
        assert b"Inbox: http://127.0.0.1:" in await process.stdout.readline()
        process.send_signal(number)
        assert await process.wait() == 0
