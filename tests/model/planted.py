"""Which defect is planted where: the smallest world in which it is found."""

from typing import Final, NamedTuple

from tests.model import mutants
from tests.model import mutants_of_refunds as of_refunds
from tests.model import mutants_of_terms as of_terms
from tests.model.exploration import NEVER_SETTLES as STUCK
from tests.model.protocol import Protocol


class Planted(NamedTuple):
    protocol: type[Protocol]
    configuration: str
    breaks: str  # what the name of the broken invariant begins with


MUTANTS: Final = {
    "no-unique-index": Planted(mutants.NoUniqueIndex, "B4", "I2"),
    "cancel-without-expire": Planted(mutants.CancelWithoutExpire, "M", "I10"),
    "release-first": Planted(mutants.ReleaseFirst, "M", "I11"),
    "local-clock": Planted(mutants.LocalClock, "M", "I10"),
    "fence-on-creating": Planted(mutants.FenceOnCreating, "M", "I7"),
    "no-fence": Planted(mutants.NoFence, "M", "I10"),
    "sweep-by-age": Planted(mutants.SweepByAge, "M", "I11"),
    "no-reconcile": Planted(mutants.NoReconcile, "M", STUCK),
    "check-then-push": Planted(mutants.CheckThenPush, "Z3", "I1"),
    "blind-complete": Planted(mutants.BlindComplete, "M", "I7"),
    "blind-pending": Planted(mutants.BlindPending, "M", "I7"),
    "refund-first": Planted(mutants.RefundFirst, "M", "I6"),
    "revive": Planted(mutants.Revive, "M", "I5"),
    "ack-early": Planted(mutants.AckEarly, "M", "I8"),
    "mail-apart": Planted(mutants.MailApart, "M", STUCK),
    "already-is-succeeded": Planted(mutants.AlreadyIsSucceeded, "P1", "I12"),
    "row-then-status": Planted(mutants.RowThenStatus, "P1", "I12"),
    "cas-by-status": Planted(mutants.CasByStatus, "P1", "I12"),
    "row-unfiltered": Planted(mutants.RowUnfiltered, "P2", "I7"),
    "no-new-intent": Planted(mutants.NoNewIntent, "P2", STUCK),
    "extra-one-key": Planted(mutants.ExtraOneKey, "P3", STUCK),
    "refused-is-final": Planted(mutants.RefusedIsFinal, "R8", STUCK),
    "pending-is-done": Planted(mutants.PendingIsDone, "P3", "I12"),
    "done-is-forgotten": Planted(mutants.DoneIsForgotten, "P2", STUCK),
    "early-refund-is-orphan": Planted(mutants.EarlyRefundIsOrphan, "P1", STUCK),
    "note-extra-again": Planted(mutants.NoteExtraAgain, "S1", "I7"),
    "save-answers-anyway": Planted(mutants.SaveAnswersAnyway, "M", "I10"),
    "open-is-left": Planted(mutants.OpenIsLeft, "B1", STUCK),
    "close-refusal-is-unknown": Planted(mutants.CloseRefusalIsUnknown, "M", STUCK),
    "key-of-500-is-none": Planted(mutants.KeyOf500IsNone, "AS", "I10"),
    "unpaid-waits": Planted(mutants.UnpaidWaits, "B4", STUCK),
    "processing-closes": Planted(mutants.ProcessingCloses, "B4", "I10"),
    "wrong-stays-live": Planted(mutants.WrongStaysLive, "S1", STUCK),
    "amount-unchecked": Planted(mutants.AmountUnchecked, "S1", "I3"),
    "replace-without-close": Planted(mutants.ReplaceWithoutClose, "X1", "I10"),
    "old-by-our-clock": Planted(mutants.OldByOurClock, "B3", "I10"),
    "free-calls-stripe": Planted(mutants.FreeCallsStripe, "Z1", "I3"),
    "pull-live-holder": Planted(mutants.PullLiveHolder, "G1", "I11"),
    "external-by-purchase": Planted(mutants.ExternalByPurchase, "S1", "I12"),
    "extras-share-key": Planted(mutants.ExtrasShareKey, "S3", "I12"),
    "extras-share-row": Planted(mutants.ExtrasShareRow, "S3", "I8"),
    "extra-refund-by-state": Planted(mutants.ExtraRefundByState, "S3", "I12"),
    "part-is-whole": Planted(of_refunds.PartIsWhole, "P1", "I12"),
    "part-keeps-refunding": Planted(of_refunds.PartKeepsRefunding, "P1", "I12"),
    "parts-uncounted": Planted(of_refunds.PartsUncounted, "P1", "I6"),
    "dashboard-uncounted": Planted(of_refunds.DashboardUncounted, "P1", "I6"),
    "part-not-repeated": Planted(of_refunds.PartNotRepeated, "P2", STUCK),
    "refund-while-disputed": Planted(of_refunds.RefundWhileDisputed, "Q1", "I6"),
    "send-while-disputed": Planted(of_refunds.SendWhileDisputed, "Q1", "I6"),
    "dispute-unordered": Planted(of_refunds.DisputeUnordered, "Q1", "I7"),
    "lost-in-two-updates": Planted(of_refunds.LostInTwoUpdates, "Q1", "I12"),
    "lost-leaves-due-row": Planted(of_refunds.LostLeavesDueRow, "Q1", STUCK),
    "part-lost-is-lost": Planted(of_refunds.PartLostIsLost, "Q1", "I12"),
    "dispute-refusal-is-plain": Planted(of_refunds.DisputeRefusalIsPlain, "Q2", STUCK),
    "won-is-forgotten": Planted(of_refunds.WonIsForgotten, "Q1", STUCK),
    "old-answer-is-news": Planted(of_refunds.OldAnswerIsNews, "R10", "I7"),
    "won-owes-nothing": Planted(of_refunds.WonOwesNothing, "Q9", STUCK),
    "nobody-lists-disputes": Planted(of_refunds.NobodyListsDisputes, "Q1", STUCK),
    "spot-under-any-revision": Planted(of_terms.SpotUnderAnyRevision, "T1", "I15"),
    "terms-unverified": Planted(of_terms.TermsUnverified, "T4", "I15"),
    "limit-on-hand": Planted(of_terms.LimitOnHand, "T2", "I1"),
    "price-uncompared": Planted(of_terms.PriceUncompared, "T4", "I15"),
    "helps-unlooked": Planted(of_terms.HelpsUnlooked, "T3", "I15"),
    "helps-under-any-revision": Planted(of_terms.HelpsUnderAnyRevision, "T3", "I15"),
    "helps-after-retirement": Planted(of_terms.HelpsAfterARetirement, "T3", "I15"),
}
