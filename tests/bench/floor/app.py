"""What a hand-written service would do for the happy path, and nothing else.

It keeps what costs: every write is as durable as the service's, the caller's token and
Stripe's signature are verified, the price is the program's, one buyer has one open
checkout, and the spot goes to whom the database gives it.  It leaves out what the
service is for: recovery, races with Stripe, history, mail, refunds.
"""

import hmac
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, Final
from uuid import uuid4

import jwt
import msgspec
from litestar import Litestar, Request, delete, get, post
from litestar.exceptions import NotAuthorizedException, NotFoundException
from litestar.params import FromPath, JSONBody
from litestar.status_codes import HTTP_200_OK
from pymongo import AsyncMongoClient
from pymongo.asynchronous.collection import AsyncCollection
from pymongo.errors import DuplicateKeyError

from tests.bench.floor.stripe import Stripe

SIGNATURE_AGE: Final = 300  # seconds
Rows = AsyncCollection[dict[str, Any]]


class Wanted(msgspec.Struct, rename="camel", forbid_unknown_fields=True):
    program_id: str
    is_class_rep: bool = False


class ToPay(msgspec.Struct, rename="camel"):
    session_id: str
    session_url: str
    purchase_id: str
    existing: bool


class ToldSession(msgspec.Struct):
    id: str
    client_reference_id: str
    payment_status: str
    amount_total: int
    payment_intent: str | None = None


class ToldObject(msgspec.Struct):
    object: ToldSession


class Told(msgspec.Struct):
    type: str
    data: ToldObject


EVENT: Final = msgspec.json.Decoder(Told)


@dataclass(frozen=True, slots=True, kw_only=True)
class Outside:
    """What the handlers share."""

    programs: Rows
    purchases: Rows
    stripe: Stripe
    jwt_secret: str
    webhook_secret: bytes
    programs_on_hand: dict[str, dict[str, Any]] = field(default_factory=dict)


def caller(request: Request[Any, Any, Any], outside: Outside) -> dict[str, Any]:
    """Believe a token as the service does."""
    scheme, _, token = request.headers.get("Authorization", "").partition(" ")
    if scheme != "Bearer":
        raise NotAuthorizedException
    try:
        return jwt.decode(
            token,
            outside.jwt_secret,
            algorithms=["HS256"],
            issuer="spothold",
            audience="spothold",
            options={"require": ["exp", "iss", "aud", "sub"]},
        )
    except jwt.InvalidTokenError as error:
        raise NotAuthorizedException from error


@get("/api/system/ready")
async def ready() -> dict[str, bool]:
    return {"ready": True}


@post("/api/purchases/create-checkout-session", status_code=HTTP_200_OK)
async def check_out(
    data: JSONBody[Wanted], request: Request[Any, Any, Any]
) -> dict[str, ToPay]:
    outside: Outside = request.app.state.outside
    buyer = caller(request, outside)
    program = await on_hand(outside, data.program_id)
    row = new_row(buyer, program, is_class_rep=data.is_class_rep)
    try:
        await outside.purchases.insert_one(row)
    except DuplicateKeyError:
        return {"data": await open_page(outside, row)}
    if data.is_class_rep:
        await take_spot(outside, row, program)
    else:
        await verify_price(outside, program)
    session = await outside.stripe.create(row)
    await outside.purchases.update_one(
        {"_id": row["_id"], "status": "reserved"},
        {"$set": {"status": "pending", "session": session}},
    )
    return {"data": page_of(row["_id"], session, existing=False)}


async def on_hand(outside: Outside, program_id: str) -> dict[str, Any]:
    """Read a program once; what it says is verified before a page is opened."""
    if program_id not in outside.programs_on_hand:
        program = await outside.programs.find_one(priced(program_id), {"spots": 0})
        if program is None:
            raise NotFoundException
        outside.programs_on_hand[program_id] = program
    return outside.programs_on_hand[program_id]


async def verify_price(outside: Outside, program: Mapping[str, Any]) -> None:
    same = priced(program["_id"]) | {"rev": program["rev"]}
    if await outside.programs.find_one(same, {"_id": 1}) is None:
        raise NotFoundException


def priced(program_id: str) -> dict[str, Any]:
    return {"_id": program_id, "active": True}


def new_row(
    buyer: Mapping[str, Any], program: Mapping[str, Any], *, is_class_rep: bool
) -> dict[str, Any]:
    off = program["class_rep_discount"] if is_class_rep else 0
    return {
        "_id": uuid4().hex,
        "user_id": buyer["sub"],
        "program_id": program["_id"],
        "live": True,
        "status": "creating" if is_class_rep else "reserved",
        "class_rep": is_class_rep,
        "buyer": {"email": buyer["email"], "name": buyer["name"]},
        "title": program["title"],
        "currency": program["currency"],
        "amount": program["full_price"] - off,
        "created_at": datetime.now(UTC),
    }


async def take_spot(
    outside: Outside, row: Mapping[str, Any], program: Mapping[str, Any]
) -> None:
    """Take it at the price that the buyer was told: the filter verifies both."""
    taken = await outside.programs.update_one(
        {
            **priced(program["_id"]),
            "rev": program["rev"],
            "class_rep_count": {"$lt": program["class_rep_limit"]},
            "spots": {"$ne": row["_id"]},
        },
        {"$push": {"spots": row["_id"]}, "$inc": {"class_rep_count": 1}},
    )
    if not taken.matched_count:
        raise NotFoundException
    await outside.purchases.update_one(
        {"_id": row["_id"], "status": "creating"}, {"$set": {"status": "reserved"}}
    )


async def open_page(outside: Outside, row: Mapping[str, Any]) -> ToPay:
    """Lead to the page that is open already."""
    found = await outside.purchases.find_one(
        {"user_id": row["user_id"], "program_id": row["program_id"], "live": True},
        {"session": 1},
    )
    if found is None or "session" not in found:
        raise NotFoundException
    return page_of(found["_id"], found["session"], existing=True)


def page_of(purchase_id: str, session: Mapping[str, Any], *, existing: bool) -> ToPay:
    return ToPay(
        session_id=session["id"],
        session_url=session["url"],
        purchase_id=purchase_id,
        existing=existing,
    )


@delete("/api/purchases/{purchase_id:str}", status_code=HTTP_200_OK)
async def cancel(
    purchase_id: FromPath[str], request: Request[Any, Any, Any]
) -> dict[str, str]:
    outside: Outside = request.app.state.outside
    buyer = caller(request, outside)
    row = await outside.purchases.find_one(
        {"_id": purchase_id, "user_id": buyer["sub"]},
        {"session": 1, "program_id": 1, "class_rep": 1},
    )
    if row is None:
        raise NotFoundException
    await outside.purchases.update_one(
        {"_id": purchase_id, "status": "pending"}, {"$set": {"status": "closing"}}
    )
    await outside.stripe.expire(row["session"]["id"])
    await outside.purchases.update_one(
        {"_id": purchase_id, "status": "closing"},
        {"$set": {"status": "closed"}, "$unset": {"live": ""}},
    )
    if row["class_rep"]:
        await outside.programs.update_one(
            {"_id": row["program_id"], "spots": purchase_id},
            {"$pull": {"spots": purchase_id}, "$inc": {"class_rep_count": -1}},
        )
    return {"status": "closed"}


@post("/api/webhooks/stripe", status_code=HTTP_200_OK)
async def told(request: Request[Any, Any, Any]) -> dict[str, str]:
    outside: Outside = request.app.state.outside
    body = await request.body()
    verify(body, request.headers.get("Stripe-Signature", ""), outside.webhook_secret)
    event = EVENT.decode(body)
    session = event.data.object
    if event.type != "checkout.session.completed" or session.payment_status != "paid":
        return {"outcome": "ignored"}
    changed = await outside.purchases.update_one(
        {
            "_id": session.client_reference_id,
            "status": "pending",
            "session.id": session.id,
            "amount": session.amount_total,
        },
        {"$set": completion(session)},
    )
    if not changed.matched_count:
        await outside.purchases.find_one({"_id": session.client_reference_id})
    return {"outcome": "applied"}


def completion(session: ToldSession) -> dict[str, Any]:
    at = datetime.now(UTC)
    paid = {"payment_intent": session.payment_intent, "amount": session.amount_total}
    return {"status": "completed", "completed_at": at, "paid": paid, "mail": "due"}


def verify(body: bytes, header: str, secret: bytes) -> None:
    """Check Stripe's signature and its age."""
    parts = dict(part.split("=", 1) for part in header.split(",") if "=" in part)
    signed = hmac.digest(secret, parts.get("t", "").encode() + b"." + body, "sha256")
    if not hmac.compare_digest(signed.hex(), parts.get("v1", "")):
        raise NotAuthorizedException
    if abs(datetime.now(UTC).timestamp() - int(parts["t"])) > SIGNATURE_AGE:
        raise NotAuthorizedException


def floor_app(settings: Mapping[str, str]) -> Litestar:
    """Assemble it from the settings of the service that it needs."""

    @asynccontextmanager
    async def opened(app: Litestar) -> AsyncIterator[None]:
        async with outside_of(settings) as outside:
            app.state.outside = outside
            yield

    return Litestar(
        route_handlers=[ready, check_out, cancel, told],
        lifespan=[opened],
        logging_config=None,
        openapi_config=None,
    )


@asynccontextmanager
async def outside_of(settings: Mapping[str, str]) -> AsyncIterator[Outside]:
    """Connect; whatever was acknowledged is as safe as it is with the service."""
    mongo = AsyncMongoClient[dict[str, Any]](
        settings["MONGODB_URI"],
        w="majority",
        journal=True,
        readConcernLevel="majority",
        timeoutMS=4_000,
        tz_aware=True,
    )
    stripe = Stripe(settings["STRIPE_API_BASE"], key=settings["STRIPE_SECRET_KEY"])
    async with mongo, stripe:
        database = mongo[settings["MONGODB_DATABASE"]]
        await database["purchases"].create_index(
            [("user_id", 1), ("program_id", 1)],
            name="one_live_purchase",
            unique=True,
            partialFilterExpression={"live": True},
        )
        yield Outside(
            programs=database["programs"],
            purchases=database["purchases"],
            stripe=stripe,
            jwt_secret=settings["JWT_SECRET"],
            webhook_secret=settings["STRIPE_WEBHOOK_SECRET"].encode(),
        )
