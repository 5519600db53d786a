"""The updates that a purchase undergoes, in MongoDB's words."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any, Final

from adapters.mongo.parts import (
    MailPart,
    NoticePart,
    Part,
    PayerPart,
    PaymentPart,
    SessionPart,
)
from domain.checkout import Payer
from domain.outbox import Notice, OutgoingMail
from domain.purchase import TERMINAL, OpenSession, Payment
from domain.transitions import Complete, Transition

LOG_MAX: Final = 50  # entries in one purchase (invariant I20)
MAIL: Final = "effects.confirm"
NOTICES: Final = "effects.notices"

# Where a fact of the domain lives in the document, when its name is not the same.
PLACES: Final[Mapping[str, str]] = {
    "confirmation": MAIL,
    "is_processing": "processing",
}


def sources_of(transition: Transition) -> dict[str, Any]:
    return {"status": {"$in": sorted(transition.sources)}}


def fitting(transition: Transition) -> dict[str, Any]:
    """Say `transition.fits` in a flat filter, which every server looks up by `_id`."""
    if isinstance(transition, Complete):
        return sources_of(transition) | _awaiting(transition.payment)
    return sources_of(transition)


def update_of(transition: Transition, *, at: datetime, by: str) -> dict[str, Any]:
    """Say a transition as one update; it is applied where `fitting` matches."""
    target = transition.target
    entry = {"at": at, "from": sorted(transition.sources), "to": target, "by": by}
    update: dict[str, Any] = {
        "$set": {"status": target, "updated_at": at, **_facts(transition)},
        "$push": {"log": {"$each": [entry], "$slice": -LOG_MAX}},
    }
    if target in TERMINAL:
        update["$unset"] = {"live": ""}
    return update


def mail_fields(mail: OutgoingMail) -> dict[str, Any]:
    """Name each field of a mail by its place; a notice keeps its own."""
    if isinstance(mail, Notice):
        return fields_of(f"{NOTICES}.{mail.place}", NoticePart.from_notice(mail))
    return fields_of(MAIL, MailPart.from_domain(mail))


def fields_of(path: str, part: Part) -> dict[str, Any]:
    """Name each field of a part by its path; what is unknown is None."""
    return {f"{path}.{field}": value for field, value in part.model_dump().items()}


def matching(fields: Mapping[str, Any]) -> dict[str, Any]:
    """Match the fields as they are; what is unknown is absent.

    A place in an array may also be read as a field of each element, so that a null
    there would match what has another value.
    """
    return {
        path: {"$exists": False} if value is None else value
        for path, value in fields.items()
    }


def replacing(fields: Mapping[str, Any]) -> dict[str, Any]:
    """Set the fields one by one, so that those of a newer version beside them stay."""
    known = {path: value for path, value in fields.items() if value is not None}
    unknown = dict.fromkeys(fields.keys() - known.keys(), "")
    return {"$set": known, **({"$unset": unknown} if unknown else {})}


def _awaiting(payment: Payment) -> dict[str, Any]:
    """Say `Purchase.awaits` of a payment; a null here also matches what is absent."""
    return {
        "paid": None,
        "session.id": {"$in": [payment.session_id, None]},
        "quote.amount": payment.amount.amount,
        "quote.currency": payment.amount.currency.code,
    }


def _facts(transition: Transition) -> dict[str, Any]:
    return {
        PLACES.get(name, name): _at_rest(value)
        for name, value in transition.facts.items()
    }


def _at_rest(value: object) -> object:
    match value:
        case OpenSession():
            return SessionPart.from_domain(value).at_rest()
        case Payment():
            return PaymentPart.from_domain(value).at_rest()
        case Payer():
            return PayerPart.from_domain(value).at_rest()
        case OutgoingMail():
            return MailPart.from_domain(value).at_rest()
        case str() | bool() | datetime():
            return value
    raise TypeError(f"a transition may not bring {type(value).__name__} yet")
