"""Which pages there are pictures of: one line each."""

from dataclasses import dataclass
from typing import Final

NOBODY: Final = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Page:
    """A page as one of the demo's people sees it.

    `path` may name what the story left behind, such as `{open}`; see `story.py`.
    """

    name: str
    path: str
    who: str = "ada"


PAGES: Final = (
    Page(name="programs", path="/", who=NOBODY),
    Page(name="sign-in", path="/sign-in", who=NOBODY),
    Page(name="program", path="/programs/emba-mentor-circles", who=NOBODY),
    Page(name="program-with-checkout", path="/programs/emba-mentor-circles"),
    Page(name="program-bought", path="/programs/effective-communication"),
    Page(name="purchases", path="/purchases"),
    Page(name="success", path="/purchase/success?purchase_id={bought}"),
    Page(name="success-waiting", path="/purchase/success?purchase_id={waiting}"),
    Page(
        name="success-waited",
        path="/purchase/success?purchase_id={waiting}&looks=45",
    ),
    Page(name="cancelled", path="/purchase/cancel?purchase_id={open}"),
    Page(name="receipt", path="/dashboard/purchase-receipt/{bought}"),
    Page(name="refund-offer", path="/purchases/{bought}/refund"),
    Page(name="refund-done", path="/purchases/{refunded}/refund", who="grace"),
    Page(name="refusal", path="/purchases/nothing/refund"),
    Page(name="admin-today", path="/admin", who="admin"),
    Page(name="admin-purchases", path="/admin/purchases", who="admin"),
    Page(name="admin-purchase", path="/admin/purchases/{bought}", who="admin"),
    Page(
        name="admin-refund",
        path="/admin/purchases/{bought}/refund?amount=10",
        who="admin",
    ),
    Page(
        name="admin-reconcile",
        path="/admin/purchases/{bought}/reconcile",
        who="admin",
    ),
    Page(name="admin-programs", path="/admin/programs", who="admin"),
    Page(name="admin-program", path="/admin/programs/emba-mentor-circles", who="admin"),
    Page(
        name="admin-program-change",
        path="/admin/programs/emba-mentor-circles/change",
        who="admin",
    ),
    Page(name="admin-program-new", path="/admin/programs/new", who="admin"),
    Page(name="admin-findings", path="/admin/findings", who="admin"),
    Page(name="admin-orphans", path="/admin/orphans", who="admin"),
    Page(name="admin-events", path="/admin/events", who="admin"),
    Page(name="admin-mails", path="/admin/mails", who="admin"),
    Page(name="admin-locks", path="/admin/locks", who="admin"),
    Page(name="admin-audit", path="/admin/audit", who="admin"),
)
