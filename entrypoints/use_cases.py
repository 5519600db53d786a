"""How the use cases are put together over ports that somebody else fills.

The service fills them with adapters (`container.py`), tests with fakes.
"""

from dependency_injector import providers

from application.act_on_purchase import ActOnPurchase
from application.anonymise_buyer import AnonymiseBuyer
from application.cancel_purchase import CancelPurchase
from application.claim_and_drive import ClaimAndDrive
from application.close_purchase import ClosePurchase
from application.complete_purchase import CompletePurchase
from application.conclude_session import ConcludeSession
from application.drive_money import DriveMoney
from application.drive_orphan import DriveOrphan
from application.drive_orphans import DriveOrphans
from application.drive_owing import DriveOwing
from application.drive_purchase import DrivePurchase
from application.drive_purchases import DrivePurchases
from application.expire_purchase import ExpirePurchase
from application.follow_session import FollowSession
from application.forward_purchase import ForwardPurchase
from application.hold_unreadable import HoldUnreadable
from application.learn_charge import LearnCharge
from application.learn_dispute import LearnDispute
from application.learn_refund import LearnRefund
from application.listen_back import ListenBack
from application.look_up_session import LookUpSession
from application.match_payment import MatchPayment
from application.move_money import MoveMoney
from application.ports.event_log import EventLog
from application.ports.payment_events import PaymentEventVerifier
from application.ports.payment_history import PaymentHistory
from application.quarantine_event import QuarantineEvent
from application.receive_event import ReceivePaymentEvent
from application.release_spot import ReleaseSpot
from application.request_refund import RequestRefund
from application.retry_checkout import RetryCheckout
from application.send_extra_refund import SendExtraRefund
from application.send_refund import SendRefund
from application.settle_payment import SettlePayment
from application.start_checkout import StartCheckout
from application.sweep_spots import SweepSpots
from application.take_step import TakeStep
from application.verify_event import VerifyEvent
from application.verify_session import VerifySession
from entrypoints.beginnings import Beginnings
from entrypoints.bookkeeping import Bookkeeping
from entrypoints.findings import FindingUseCases
from entrypoints.nobodys_money import NobodysMoney
from entrypoints.quarantine import QuarantineUseCases


class UseCases(Beginnings):
    """Every use case, once the ports and the plain values are given."""

    app = Bookkeeping.app
    environment = Bookkeeping.environment
    livemode: providers.Provider[bool] = providers.Dependency(instance_of=bool)
    refund_window = Bookkeeping.refund_window
    worker = Bookkeeping.worker

    alerts = Bookkeeping.alerts
    audit = Bookkeeping.audit
    bell = NobodysMoney.bell
    clock = Bookkeeping.clock
    event_log: providers.Provider[EventLog] = providers.Dependency()
    findings = NobodysMoney.findings
    history: providers.Provider[PaymentHistory] = providers.Dependency()
    locks = NobodysMoney.locks
    orphans = NobodysMoney.orphans
    payments = Bookkeeping.payments
    programs = Bookkeeping.programs
    purchases = Bookkeeping.purchases
    randomness = NobodysMoney.randomness
    survey = Bookkeeping.survey
    turns = Bookkeeping.turns
    refunds = NobodysMoney.refunds
    verifier: providers.Provider[PaymentEventVerifier] = providers.Dependency()

    release_spot: providers.Provider[ReleaseSpot] = providers.Singleton(
        ReleaseSpot, programs=programs
    )
    take_step: providers.Provider[TakeStep] = providers.Singleton(
        TakeStep, clock=clock, lately=Beginnings.abandoned_lately, purchases=purchases
    )
    expire: providers.Provider[ExpirePurchase] = providers.Singleton(
        ExpirePurchase, release_spot=release_spot, take_step=take_step
    )
    complete: providers.Provider[CompletePurchase] = providers.Singleton(
        CompletePurchase,
        bell=bell,
        clock=clock,
        confirmations=NobodysMoney.confirmations,
        livemode=livemode,
        purchases=purchases,
    )
    settle: providers.Provider[SettlePayment] = providers.Singleton(
        SettlePayment,
        alerts=alerts,
        clock=clock,
        complete=complete,
        expire=expire,
        livemode=livemode,
        orphans=orphans,
        purchases=purchases,
    )
    conclude: providers.Provider[ConcludeSession] = providers.Singleton(
        ConcludeSession, expire=expire, payments=payments, settle=settle
    )
    look_up: providers.Provider[LookUpSession] = providers.Singleton(
        LookUpSession, conclude=conclude, payments=payments
    )
    close: providers.Provider[ClosePurchase] = providers.Singleton(
        ClosePurchase,
        conclude=conclude,
        payments=payments,
        release_spot=release_spot,
        take_step=take_step,
    )
    forward: providers.Provider[ForwardPurchase] = providers.Singleton(
        ForwardPurchase,
        bell=bell,
        clock=clock,
        confirmations=NobodysMoney.confirmations,
        payments=payments,
        programs=programs,
        purchases=purchases,
        release_spot=release_spot,
        take_step=take_step,
    )
    start_checkout: providers.Provider[StartCheckout] = providers.Singleton(
        StartCheckout,
        begin=Beginnings.begin_purchase,
        check_cool_down=Beginnings.check_cool_down,
        clock=clock,
        close=close,
        forward=forward,
        locks=locks,
        look_up=look_up,
        payments=payments,
        programs=NobodysMoney.programs_on_hand,
        purchases=purchases,
    )
    retry_checkout: providers.Provider[RetryCheckout] = providers.Singleton(
        RetryCheckout, purchases=purchases, start_checkout=start_checkout
    )
    cancel_purchase: providers.Provider[CancelPurchase] = providers.Singleton(
        CancelPurchase, close=close, purchases=purchases
    )
    verify_event: providers.Provider[VerifyEvent] = providers.Singleton(
        VerifyEvent, alerts=alerts, verifier=verifier
    )
    verify_session: providers.Provider[VerifySession] = providers.Singleton(
        VerifySession, clock=clock, look_up=look_up, purchases=purchases
    )
    move_money: providers.Provider[MoveMoney] = providers.Singleton(
        MoveMoney,
        alerts=alerts,
        bell=bell,
        clock=clock,
        notices=NobodysMoney.notices,
        purchases=purchases,
        release_spot=release_spot,
    )
    match_payment: providers.Provider[MatchPayment] = providers.Singleton(
        MatchPayment,
        app=app,
        conclude=conclude,
        environment=environment,
        orphans=orphans,
        payments=payments,
        purchases=purchases,
        refunds=refunds,
    )
    learn_refund: providers.Provider[LearnRefund] = providers.Singleton(
        LearnRefund,
        alerts=alerts,
        match=match_payment,
        move=move_money,
        move_orphan=NobodysMoney.move_orphan,
        randomness=randomness,
    )
    learn_charge: providers.Provider[LearnCharge] = providers.Singleton(
        LearnCharge,
        learn_refund=learn_refund,
        match=match_payment,
        move_orphan=NobodysMoney.move_orphan,
        refunds=refunds,
    )
    learn_dispute: providers.Provider[LearnDispute] = providers.Singleton(
        LearnDispute,
        match=match_payment,
        move=move_money,
        move_orphan=NobodysMoney.move_orphan,
        randomness=randomness,
    )
    send_refund: providers.Provider[SendRefund] = providers.Singleton(
        SendRefund,
        learn_refund=learn_refund,
        move=move_money,
        randomness=randomness,
        refunds=refunds,
    )
    send_extra_refund: providers.Provider[SendExtraRefund] = providers.Singleton(
        SendExtraRefund, give_back=NobodysMoney.give_back, move=move_money
    )
    drive_money: providers.Provider[DriveMoney] = providers.Singleton(
        DriveMoney,
        learn_refund=learn_refund,
        refunds=refunds,
        send_extra_refund=send_extra_refund,
        send_refund=send_refund,
    )
    request_refund: providers.Provider[RequestRefund] = providers.Singleton(
        RequestRefund,
        clock=clock,
        move=move_money,
        purchases=purchases,
        randomness=randomness,
        release_spot=release_spot,
        send_refund=send_refund,
        window=refund_window,
    )
    quarantine_event: providers.Provider[QuarantineEvent] = providers.Singleton(
        QuarantineEvent, alerts=alerts, clock=clock, event_log=event_log
    )
    hold_unreadable: providers.Provider[HoldUnreadable] = providers.Singleton(
        HoldUnreadable,
        app=app,
        environment=environment,
        match=match_payment,
        quarantine=quarantine_event,
    )
    receive_event: providers.Provider[ReceivePaymentEvent] = providers.Singleton(
        ReceivePaymentEvent,
        alerts=alerts,
        app=app,
        clock=clock,
        complete=complete,
        environment=environment,
        event_log=event_log,
        expire=expire,
        find_by_session=NobodysMoney.find_by_session,
        hold_unreadable=hold_unreadable,
        learn_charge=learn_charge,
        learn_dispute=learn_dispute,
        learn_refund=learn_refund,
        livemode=livemode,
        locks=locks,
        quarantine=quarantine_event,
        record_orphan=NobodysMoney.record_orphan,
        settle=settle,
    )
    quarantine = providers.Container(
        QuarantineUseCases,
        livemode=livemode,
        alerts=alerts,
        audit=audit,
        clock=clock,
        event_log=event_log,
        history=history,
        metrics=NobodysMoney.metrics,
        payments=payments,
        randomness=randomness,
        refunds=refunds,
        receive_event=receive_event,
    )
    drive: providers.Provider[DrivePurchase] = providers.Singleton(
        DrivePurchase,
        close=close,
        drive_money=drive_money,
        forward=forward,
        look_up=look_up,
        move=move_money,
        release_spot=release_spot,
    )
    act_on_purchase: providers.Provider[ActOnPurchase] = providers.Singleton(
        ActOnPurchase,
        audit=audit,
        cancel_purchase=cancel_purchase,
        clock=clock,
        drive=drive,
        drive_money=drive_money,
        purchases=purchases,
        request_refund=request_refund,
        resend_confirmation=NobodysMoney.resend_confirmation,
        resend_notice=NobodysMoney.resend_notice,
    )
    anonymise_buyer: providers.Provider[AnonymiseBuyer] = providers.Singleton(
        AnonymiseBuyer,
        cancel_purchase=cancel_purchase,
        orphans=orphans,
        purchases=purchases,
    )
    claim_and_drive: providers.Provider[ClaimAndDrive] = providers.Singleton(
        ClaimAndDrive,
        alerts=alerts,
        clock=clock,
        purchases=purchases,
        randomness=randomness,
    )
    drive_purchases: providers.Provider[DrivePurchases] = providers.Singleton(
        DrivePurchases,
        claim_and_drive=claim_and_drive,
        clock=clock,
        drive=drive,
        purchases=purchases,
    )
    drive_owing: providers.Provider[DriveOwing] = providers.Singleton(
        DriveOwing,
        claim_and_drive=claim_and_drive,
        clock=clock,
        drive_money=drive_money,
        purchases=purchases,
    )
    sweep_spots: providers.Provider[SweepSpots] = providers.Singleton(
        SweepSpots, programs=programs, purchases=purchases
    )
    drive_orphan: providers.Provider[DriveOrphan] = providers.Singleton(
        DriveOrphan,
        conclude=conclude,
        find_by_session=NobodysMoney.find_by_session,
        give_back=NobodysMoney.give_back,
        move=NobodysMoney.move_orphan,
        payments=payments,
        purchases=purchases,
    )
    drive_orphans: providers.Provider[DriveOrphans] = providers.Singleton(
        DriveOrphans,
        alerts=alerts,
        clock=clock,
        drive=drive_orphan,
        orphans=orphans,
        randomness=randomness,
    )
    follow_session: providers.Provider[FollowSession] = providers.Singleton(
        FollowSession,
        conclude=conclude,
        find_by_session=NobodysMoney.find_by_session,
        payments=payments,
        record_orphan=NobodysMoney.record_orphan,
    )
    listen_back: providers.Provider[ListenBack] = providers.Singleton(
        ListenBack,
        alerts=alerts,
        app=app,
        clock=clock,
        environment=environment,
        follow_session=follow_session,
        history=history,
        learn_dispute=learn_dispute,
        learn_refund=learn_refund,
        livemode=livemode,
        payments=payments,
        receive_event=receive_event,
        tell_silence=NobodysMoney.tell_silence,
        turns=turns,
        worker=worker,
    )
    differences = providers.Container(
        FindingUseCases,
        app=app,
        environment=environment,
        livemode=livemode,
        worker=worker,
        alerts=alerts,
        audit=audit,
        clock=clock,
        event_log=event_log,
        findings=findings,
        history=history,
        ledger_days=Bookkeeping.ledger_days,
        orphans=orphans,
        payments=payments,
        programs=programs,
        purchases=purchases,
        refunds=refunds,
        survey=survey,
        turns=turns,
        drive=drive,
        drive_money=drive_money,
        drive_orphan=drive_orphan,
        follow_session=follow_session,
        learn_dispute=learn_dispute,
        learn_refund=learn_refund,
        replay_event=quarantine.replay_event,
    )
