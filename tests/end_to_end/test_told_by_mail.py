"""A refund over sockets: the buyer is told by mail, and Prometheus by figures."""

from tests.examples import CHOIR, a_program
from tests.servers.live_service import LiveService, live_service
from tests.servers.service import bearer
from tests.waiting import eventually


async def told(service: LiveService, *subjects: str) -> None:
    """Wait until these mails, and no others, have come."""

    async def look() -> bool:
        seen = {
            str(mail["Subject"]).partition(":")[0] for mail in service.mail.messages()
        }
        assert seen <= set(subjects)
        return seen == set(subjects)

    await eventually(look)


async def test_a_buyer_is_told_of_a_refund_and_each_mail_is_of_its_own_id(
    mongo_uri: str, database_name: str
) -> None:
    async with live_service(mongo_uri, database_name) as service:
        await service.offer(a_program())
        begun = (await service.check_out("ada", CHOIR, as_class_rep=False)).json()
        await service.stripe.press(begun["data"]["sessionId"], "pay")
        await told(service, "Enrollment Confirmed")

        answer = await service.http.post(
            "/api/purchases/refund",
            json={"purchaseId": begun["data"]["purchaseId"]},
            headers=bearer("ada"),
        )
        assert answer.status_code == 200

        await told(
            service, "Enrollment Confirmed", "Refund Received", "Refund Completed"
        )
        (row,) = await service.rows("purchases")
        owed = {mail["message_id"] for mail in row["effects"]["notices"]}
        owed.add(row["effects"]["confirm"]["message_id"])
        assert sorted(mail["Message-ID"] for mail in service.mail.messages()) == sorted(
            owed
        )

        figures = (await service.http.get("/api/system/metrics")).text
        taken = 'spothold_events_total{kind="checkout.session.completed"'
        assert f'{taken},outcome="applied"}} 1.0' in figures
        assert 'spothold_money_without_outcome{waits_for="refund_due"} 0.0' in figures
        assert 'spothold_job_success_age_seconds{task="watch money"}' in figures
        assert 'call="create_session",outcome="ok"' in figures
        assert "spothold_event_loop_lag_seconds_count" in figures
