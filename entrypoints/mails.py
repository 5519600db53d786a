"""The part of the use cases that words mails and sends them."""

from dependency_injector import providers

from application.confirmation import Confirmations
from application.deliver_mail import DeliverMail
from application.notices import Notices
from application.ports.mail import Mailer
from application.ports.outbox import MailBell
from application.ports.randomness import Randomness
from application.resend_confirmation import ResendConfirmation
from application.resend_notice import ResendNotice
from application.view_unsent_mail import ViewUnsentMail
from entrypoints.watching import Watching


class Mails(Watching):
    """What buyers are written."""

    frontend_url: providers.Provider[str] = providers.Dependency(instance_of=str)
    mail_domain: providers.Provider[str] = providers.Dependency(instance_of=str)

    bell: providers.Provider[MailBell] = providers.Dependency()
    mailer: providers.Provider[Mailer] = providers.Dependency()
    outbox = Watching.outbox
    randomness: providers.Provider[Randomness] = providers.Dependency()

    confirmations: providers.Provider[Confirmations] = providers.Singleton(
        Confirmations, mail_domain=mail_domain, frontend_url=frontend_url
    )
    notices: providers.Provider[Notices] = providers.Singleton(
        Notices, mail_domain=mail_domain, frontend_url=frontend_url
    )
    resend_confirmation: providers.Provider[ResendConfirmation] = providers.Singleton(
        ResendConfirmation,
        bell=bell,
        clock=Watching.clock,
        confirmations=confirmations,
        outbox=outbox,
        purchases=Watching.purchases,
    )
    resend_notice: providers.Provider[ResendNotice] = providers.Singleton(
        ResendNotice,
        bell=bell,
        clock=Watching.clock,
        outbox=outbox,
        purchases=Watching.purchases,
    )
    view_unsent_mail: providers.Provider[ViewUnsentMail] = providers.Singleton(
        ViewUnsentMail, outbox=outbox
    )
    deliver_mail: providers.Provider[DeliverMail] = providers.Singleton(
        DeliverMail,
        alerts=Watching.alerts,
        clock=Watching.clock,
        confirmations=confirmations,
        mailer=mailer,
        notices=notices,
        outbox=outbox,
        payments=Watching.payments,
        purchases=Watching.purchases,
        randomness=randomness,
        trail=Watching.trail,
        worker=Watching.worker,
    )
