"""The part of the use cases that writes down and moves money that no purchase names."""

from dependency_injector import providers

from application.find_by_session import FindBySession
from application.give_back import GiveBack
from application.move_orphan import MoveOrphan
from application.ports.refunds import RefundGateway
from application.record_orphan import RecordOrphan
from entrypoints.mails import Mails


class NobodysMoney(Mails):
    """Orphans, and how extra money goes back."""

    orphans = Mails.orphans
    refunds: providers.Provider[RefundGateway] = providers.Dependency()

    find_by_session: providers.Provider[FindBySession] = providers.Singleton(
        FindBySession, purchases=Mails.purchases
    )
    give_back: providers.Provider[GiveBack] = providers.Singleton(
        GiveBack, refunds=refunds
    )
    move_orphan: providers.Provider[MoveOrphan] = providers.Singleton(
        MoveOrphan, alerts=Mails.alerts, orphans=orphans
    )
    record_orphan: providers.Provider[RecordOrphan] = providers.Singleton(
        RecordOrphan, alerts=Mails.alerts, clock=Mails.clock, orphans=orphans
    )
