"""What a human is told when Stripe and we cannot go on by ourselves."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from adapters.stripe.errors import Meaning, Trouble
from application.ports.alerts import Alert


@dataclass(frozen=True, slots=True)
class _Complaint:
    code: str
    message: str
    next_step: str


_UNEXPECTED: Final = _Complaint(
    "stripe_answer_unexpected",
    "Stripe, or something on the way to it, answered what we have no rule for.",
    "Look the request up in Stripe's dashboard, by its id or the time.",
)
_COMPLAINTS: Final[Mapping[Meaning, _Complaint]] = {
    Meaning.MISCONFIGURED: _Complaint(
        "stripe_configuration_rejected",
        "Stripe rejects our key, its rights, or an object's id.",
        "Check STRIPE_SECRET_KEY: its account, its mode and its permissions.",
    ),
    Meaning.KEY_REUSED: _Complaint(
        "stripe_idempotency_key_reused",
        "One purchase asked Stripe for two different things under one key.",
        "Compare the stored request with the one in Stripe's dashboard; file a bug.",
    ),
    Meaning.UNREADABLE: _Complaint(
        "stripe_answer_unreadable",
        "Stripe's answer lacks a field, or has it in a form that we do not know.",
        "Compare the API version of the answer with the SDK's; see fact `param`.",
    ),
    Meaning.UNEXPECTED: _UNEXPECTED,
    # A definite no, where nothing was asked that could be refused.
    Meaning.REFUSED: _UNEXPECTED,
}


def alert_about(trouble: Trouble, *, call: str, subject: str) -> Alert | None:
    """Word an alert, or say None where time heals.

    Args:
        trouble: what ended the call.
        call: which one.
        subject: the purchase, session or payment that it was about.
    """
    complaint = _COMPLAINTS.get(trouble.meaning)
    if complaint is None:
        return None
    return Alert(
        code=complaint.code,
        message=complaint.message,
        next_step=complaint.next_step,
        facts={
            "call": call,
            "subject": subject,
            "status": trouble.status,
            "stripe_code": trouble.code,
            "param": trouble.param,
            "request_id": trouble.request_id,
        },
    )
