"""The payment page, for people and their browsers."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from litestar import Controller, MediaType, Request, Response, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath
from litestar.response import Redirect

from entrypoints.stripe_simulator.account import Account, JsonObject
from entrypoints.stripe_simulator.calls import NOBODY
from entrypoints.stripe_simulator.catalogue import (
    DELAYED,
    add_card,
    add_delayed_method,
)
from entrypoints.stripe_simulator.money import shown
from entrypoints.stripe_simulator.params import Params
from entrypoints.stripe_simulator.payments import (
    is_processing,
    pay_session,
    settle_session,
)
from entrypoints.stripe_simulator.refusals import Refusal
from entrypoints.stripe_simulator.sessions import expire_what_is_due
from entrypoints.stripe_simulator.simulator import Simulator

TEMPLATES = Environment(
    loader=FileSystemLoader(Path(__file__).parent / "templates"),
    autoescape=True,
    undefined=StrictUndefined,
)
NOT_FOUND = 404
MOST_ROWS = 50
HEADERS = {
    "Cache-Control": "no-store",
    "Content-Security-Policy": "default-src 'none'; style-src 'unsafe-inline'",
}
HEADINGS = {
    "open": "Pay",
    "paid": "This checkout has been paid",
    "no_payment_required": "This checkout is complete",
    "processing": "The payment is on its way",
    "failed": "The payment did not arrive",
    "expired": "This checkout has expired",
}


class Pages(Controller):
    @get("/", include_in_schema=False)
    async def home(self, simulator: NamedDependency[Simulator]) -> Response[str]:
        """List the sessions, so that a demo finds its way back to one."""
        account = simulator.account
        expire_what_is_due(account)
        rows = [
            {**row, "description": _describe(account, row), "total": _total(row)}
            for row in account.all("checkout.session")[:MOST_ROWS]
        ]
        return _html("home.html", rows=rows)

    @get("/c/pay/{session_id:str}", include_in_schema=False)
    async def show(
        self, session_id: FromPath[str], simulator: NamedDependency[Simulator]
    ) -> Response[str]:
        expire_what_is_due(simulator.account)
        session = simulator.account.find(session_id)
        if session is None:
            return _html("missing.html", status=NOT_FOUND)
        return _page(simulator.account, session)

    @post("/c/pay/{session_id:str}", include_in_schema=False)
    async def act(
        self,
        session_id: FromPath[str],
        request: Request[Any, Any, Any],
        simulator: NamedDependency[Simulator],
    ) -> Response[str] | Redirect:
        """Do what the pressed button says."""
        expire_what_is_due(simulator.account)
        session = simulator.account.find(session_id)
        if session is None:
            return _html("missing.html", status=NOT_FOUND)
        form = {key: str(value) for key, value in (await request.form()).items()}
        step = BUTTONS.get(form.get("action", ""), _unknown)
        try:
            target = step(simulator.account, session, form)
            return Redirect(target, status_code=303)
        except Refusal as refusal:
            message = refusal.message
            return _page(
                simulator.account, session, message=message, status=refusal.status
            )


def _pay(account: Account, session: JsonObject, form: dict[str, str]) -> str:
    pay_session(account, session, add_card(account, "tok_visa", _billing(form)), NOBODY)
    return _success_url(session)


def _pay_later(account: Account, session: JsonObject, form: dict[str, str]) -> str:
    """Complete without money; the page then offers how the bank may answer."""
    kinds = _delayed_method(session)
    if not kinds:
        raise Refusal("This Checkout Session cannot be paid later.")
    [kind] = kinds
    method = add_delayed_method(account, kind, _billing(form), None)
    pay_session(account, session, method, NOBODY)
    return f"/c/pay/{session['id']}"


def _decline(account: Account, session: JsonObject, form: dict[str, str]) -> str:
    method = add_card(account, "tok_chargeDeclined", _billing(form))
    pay_session(account, session, method, NOBODY)
    return _success_url(session)


def _back(account: Account, session: JsonObject, form: dict[str, str]) -> str:
    del account, form
    return session["cancel_url"] or f"/c/pay/{session['id']}"


def _clear(account: Account, session: JsonObject, form: dict[str, str]) -> str:
    del form
    settle_session(account, session, "paid")
    return f"/c/pay/{session['id']}"


def _fail(account: Account, session: JsonObject, form: dict[str, str]) -> str:
    del form
    settle_session(account, session, "failed")
    return f"/c/pay/{session['id']}"


def _unknown(account: Account, session: JsonObject, form: dict[str, str]) -> str:
    del account, session, form
    raise Refusal("There is no such button.")


Step = Callable[[Account, JsonObject, dict[str, str]], str]
BUTTONS: dict[str, Step] = {
    "pay": _pay,
    "pay-later": _pay_later,
    "decline": _decline,
    "back": _back,
    "clear": _clear,
    "fail": _fail,
}


def _billing(form: dict[str, str]) -> Params:
    name = form.get("name", "")[:200]
    return Params({"name": name, "address": {"country": form.get("country", "US")}})


def _success_url(session: JsonObject) -> str:
    url: str = session["success_url"]
    return url.replace("{CHECKOUT_SESSION_ID}", session["id"])


def _delayed_method(session: JsonObject) -> list[str]:
    """Choose the delayed method that the session allows, if it allows one."""
    return [kind for kind in session["payment_method_types"] if kind in DELAYED][:1]


def _state(account: Account, session: JsonObject) -> str:
    if session["status"] != "complete":
        return str(session["status"])
    if session["payment_status"] != "unpaid":
        return str(session["payment_status"])
    return "processing" if is_processing(account, session) else "failed"


def _page(
    account: Account, session: JsonObject, *, message: str = "", status: int = 200
) -> Response[str]:
    state = _state(account, session)
    items = [
        {**row, "total": shown(row["amount_total"], row["currency"])}
        for row in account.line_items[session["id"]]
    ]
    return _html(
        "pay.html",
        status=status,
        cancel_url=session["cancel_url"],
        can_pay_later=bool(_delayed_method(session)),
        email=session["customer_email"],
        heading=HEADINGS[state],
        items=items,
        message=message,
        session_id=session["id"],
        state=state,
        success_url=_success_url(session),
        total=_total(session),
    )


def _total(session: JsonObject) -> str:
    return shown(session["amount_total"], session["currency"])


def _describe(account: Account, session: JsonObject) -> str:
    names = [row["description"] for row in account.line_items[session["id"]]]
    return ", ".join(names)


def _html(template: str, *, status: int = 200, **values: Any) -> Response[str]:
    content = TEMPLATES.get_template(template).render(values)
    return Response(
        content, status_code=status, media_type=MediaType.HTML, headers=HEADERS
    )
