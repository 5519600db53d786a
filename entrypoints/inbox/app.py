from dataclasses import dataclass, field
from typing import Annotated, Any

from jinja2 import Environment, PackageLoader
from litestar import Controller, Litestar, MediaType, Response, delete, get
from litestar.di import NamedDependency, Provide
from litestar.exceptions import NotFoundException
from litestar.params import FromPath, JSONBody, QueryParameter

from entrypoints.inbox.mailbox import Inbox, Mail, Mailbox

PAGE_SIZE = 50
# Nothing a mail contains may run or load anything; its links open beside the page.
HEADERS = {
    "Content-Security-Policy": "default-src 'none'; style-src 'unsafe-inline';"
    " img-src data:; base-uri 'self'; form-action 'none'",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
}

templates = Environment(
    loader=PackageLoader("entrypoints.inbox"), autoescape=True, trim_blocks=True
)


@dataclass(frozen=True, slots=True)
class Removal:
    IDs: list[str] = field(default_factory=list)


class MailpitController(Controller):
    """The part of Mailpit's API that tests and people of ours use."""

    path = "/api/v1"

    @get("/messages")
    async def messages(
        self,
        inbox: NamedDependency[Inbox],
        start: Annotated[int, QueryParameter(ge=0)] = 0,
        limit: Annotated[int, QueryParameter(ge=0, le=500)] = PAGE_SIZE,
    ) -> dict[str, Any]:
        mails = list(inbox)
        return {
            "total": len(mails),
            "unread": len(mails),
            "count": len(mails[start : start + limit]),
            "messages_count": len(mails),
            "messages_unread": len(mails),
            "start": start,
            "tags": [],
            "messages": [_summary(mail) for mail in mails[start : start + limit]],
        }

    @delete("/messages", status_code=200, media_type=MediaType.TEXT)
    async def remove(
        self, inbox: NamedDependency[Inbox], data: JSONBody[Removal | None] = None
    ) -> str:
        inbox.remove(data.IDs if data else [])
        return "ok"

    @get("/message/{mail_id:str}")
    async def message(
        self, inbox: NamedDependency[Inbox], mail_id: FromPath[str]
    ) -> dict[str, Any]:
        mail = _find(inbox, mail_id)
        return {
            **_heads(mail),
            "ReturnPath": "",
            "Date": mail.date.isoformat(),
            "Text": mail.text,
            "HTML": mail.html,
            "Size": len(mail.raw),
            "Inline": [],
            "Attachments": [],
        }

    @get("/message/{mail_id:str}/raw", media_type=MediaType.TEXT)
    async def raw(self, inbox: NamedDependency[Inbox], mail_id: FromPath[str]) -> bytes:
        return _find(inbox, mail_id).raw


class PageController(Controller):
    @get("/", media_type=MediaType.HTML)
    async def overview(self, inbox: NamedDependency[Inbox]) -> Response[str]:
        return _page("inbox.html", mails=list(inbox))

    @get("/mails/{mail_id:str}", media_type=MediaType.HTML)
    async def one(
        self, inbox: NamedDependency[Inbox], mail_id: FromPath[str]
    ) -> Response[str]:
        return _page("mail.html", mail=_find(inbox, mail_id))


def create_app(inbox: Inbox) -> Litestar:
    def the_inbox() -> Inbox:
        return inbox

    return Litestar(
        [MailpitController, PageController],
        dependencies={"inbox": Provide(the_inbox, sync_to_thread=False)},
        logging_config=None,
        openapi_config=None,
    )


def _page(template: str, **facts: object) -> Response[str]:
    html = templates.get_template(template).render(facts)
    return Response(html, media_type=MediaType.HTML, headers=HEADERS)


def _find(inbox: Inbox, mail_id: FromPath[str]) -> Mail:
    if mail := inbox.find(mail_id):
        return mail
    raise NotFoundException(
        "No such mail: it was removed, or newer ones took its place."
    )


def _summary(mail: Mail) -> dict[str, Any]:
    return {
        **_heads(mail),
        "Read": False,
        "Created": mail.created.isoformat(),
        "Snippet": mail.snippet,
        "Size": len(mail.raw),
        "Attachments": 0,
    }


def _heads(mail: Mail) -> dict[str, Any]:
    senders = [_mailbox(sender) for sender in mail.mailboxes("From")]
    several = {
        key: [_mailbox(box) for box in mail.mailboxes(header)]
        for key, header in [("To", "To"), ("Cc", "Cc"), ("ReplyTo", "Reply-To")]
    }
    return {
        "ID": mail.id,
        "MessageID": mail.message_id,
        "From": senders[0] if senders else {"Name": "", "Address": ""},
        **several,
        "Bcc": [],
        "Subject": mail.subject,
        "Tags": [],
    }


def _mailbox(mailbox: Mailbox) -> dict[str, str]:
    return {"Name": mailbox.name, "Address": mailbox.address}
