"""What is counted of each table, held to a study small enough to count by hand."""

from __future__ import annotations

import pytest

import cxresearch as cx
from cxresearch.findings.watch import series_of, unit_rows
from cxresearch.findings.watched_series import WHOLE
from cxresearch.findings.weeks import weeks_of

_MANIFEST = """\
title: {en: Small}
currency: EUR
time_zone: Europe/Rome
as_of: "2026-02-28"
tables:
  events: {file: events.csv}
  orders: {file: orders.csv}
  deliveries: {file: deliveries.csv}
  messages: {file: messages.csv}
  tickets: {file: tickets.csv}
  surveys: {file: surveys.csv}
  customers: {file: customers.csv}
  marketing: {file: marketing.csv}
touchpoints:
  search: {touchpoint: site search, stage: consideration}
  view: {touchpoint: product page, stage: consideration}
  pay: {touchpoint: payment, stage: purchase}
  pay_error: {touchpoint: payment, stage: purchase}
  buy: {touchpoint: order, stage: purchase}
  chat: {touchpoint: chat, stage: service}
funnel: [view, pay, buy]
"""
# Eight weeks end on 28 February: the first begins on 4 January, the fourth on 25 January.
_FILES = {
    # Of four visits in the first week one searches; two pay, one of them with an error; one buys.
    "events": """\
customer_id,session_id,event,ts,device
a,1,search,2026-01-04 10:00:00,phone
a,1,search,2026-01-04 10:00:00,phone
a,1,view,2026-01-04 10:00:20,phone
a,1,pay,2026-01-04 10:01:00,phone
a,1,pay_error,2026-01-04 10:01:30,phone
b,2,view,2026-01-05 09:00:00,desk
b,2,pay,2026-01-05 09:10:00,desk
b,2,buy,2026-01-05 09:10:10,desk
a,3,view,2026-01-06 10:00:00,phone
c,4,chat,2026-01-07 10:00:00,desk
c,5,search,2026-01-12 10:00:00,desk
""",
    # The refund is none of the orders; the one in another currency is in no value.
    "orders": """\
order_id,customer_id,ts,revenue,currency,status
o1,a,2026-01-04,10,EUR,completed
o2,b,2026-01-05,30,EUR,cancelled
o3,b,2026-01-06,50,USD,completed
o4,,2026-01-06,20,,completed
""",
    # Promised for the 6th: one comes that day, one two days late, one never.
    "deliveries": """\
order_id,promised,delivered,carrier
o1,2026-01-06,2026-01-06,Rapid
o2,2026-01-06,2026-01-08,Slow
o4,2026-01-06,,Slow
""",
    "messages": """\
message_id,campaign,channel,customer_id,ts,kind
m1,offer,email,a,2026-01-04 08:00:00,sent
m1,offer,email,a,2026-01-13 08:00:00,clicked
m2,offer,email,b,2026-01-04 08:00:00,sent
m2,offer,email,b,2026-01-04 09:00:00,unsubscribed
""",
    # Nine of ten chats are answered within a minute, and one is not; one waits since January.
    "tickets": "ticket_id,customer_id,channel,opened,first_response,resolved,reopened\n"
    + "".join(
        f"t{n},a,chat,2026-01-04 10:00:00,2026-01-04 10:01:00,2026-01-05 10:00:00,false\n"
        for n in range(18)
    )
    + "u1,b,chat,2026-01-04 10:00:00,2026-01-04 12:00:00,2026-01-20 10:00:00,true\n"
    + "u2,c,chat,2026-01-04 10:00:00,,,false\n",
    "surveys": """\
response_id,customer_id,ts,metric,score,scale_min,scale_max,touchpoint
r1,a,2026-01-04,nps,10,0,10,
r2,b,2026-01-04,nps,6,0,10,
r3,c,2026-01-04,nps,8,0,10,
r4,a,2026-01-04,csat,4,1,5,payment
r5,b,2026-01-04,csat,3,1,5,payment
r6,a,2026-01-04,ces,7,1,7,chat
r7,b,2026-01-04,ces,4,1,7,chat
""",
    # Customer a has two source records that disagree: the least is taken.
    "customers": """\
source,record_id,customer_id,segment
web,1,a,loyal
app,2,a,new
web,3,b,new
""",
    "marketing": """\
date,channel,impressions,clicks
2026-01-04,search,100,4
2026-01-05,social,100,1
""",
}


@pytest.fixture(scope="module")
def small(tmp_path_factory: pytest.TempPathFactory):
    """Return every series of the study."""
    root = tmp_path_factory.mktemp("small")
    folder = root / "data" / "small"
    folder.mkdir(parents=True)
    for name, text in _FILES.items():
        (folder / f"{name}.csv").write_text(text, "utf-8")
    (folder / "study.yaml").write_text(_MANIFEST, "utf-8")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("CX_ROOT", str(root))
        study = cx.open_study("small")
        return series_of(unit_rows(study, weeks_of(study)))


def first_week(small, measure: str, group: tuple[str, str] = WHOLE) -> tuple[float, float]:
    """Return the numerator and the denominator of the first week."""
    one = small[measure, group]
    return float(one.x[0]), float(one.y[0])


@pytest.mark.parametrize(
    ("measure", "group", "counted"),
    [
        ("step:view>pay", WHOLE, (2, 3)),
        ("step:pay>buy", WHOLE, (1, 2)),
        ("step:pay>buy", ("device", "desk"), (1, 1)),
        ("step:search>view", WHOLE, (1, 1)),
        ("buys:view", WHOLE, (1, 3)),
        ("buys:pay", WHOLE, (1, 2)),
        # The error has a payment before it: its base are the visits that pay.
        ("error:pay_error", WHOLE, (1, 2)),
        ("error:pay_error", ("device", "phone"), (1, 1)),
        # From the search, which is there twice, 20 seconds; from a payment 30 and 10.
        ("wait:search", WHOLE, (20, 1)),
        ("wait:pay", WHOLE, (40, 2)),
        ("visits:chat", WHOLE, (1, 4)),
        ("order_value", WHOLE, (30, 2)),
        ("cancelled", WHOLE, (1, 3)),
        ("late", WHOLE, (2, 3)),
        ("late", ("carrier", "Slow"), (2, 2)),
        # What became of a message counts in the week in which it was sent.
        ("message:clicked", WHOLE, (1, 2)),
        ("message:unsubscribed", WHOLE, (1, 2)),
        ("ticket:late", WHOLE, (2, 20)),
        ("ticket:unsolved", WHOLE, (2, 20)),
        ("ticket:reopened", WHOLE, (1, 20)),
        # One promoter, one passive, one detractor; a is loyal and b is new.
        ("score:nps::10", WHOLE, (0, 3)),
        ("score:nps::10", ("segment", "new"), (-100, 1)),
        ("who:nps::segment:loyal", WHOLE, (1, 2)),
        ("score:csat:payment:5", WHOLE, (1, 2)),
        ("score:ces:chat:7", WHOLE, (11, 2)),
        ("click_through", WHOLE, (5, 200)),
        ("click_through", ("channel", "social"), (1, 100)),
    ],
)
def test_the_first_week_by_hand(small, measure, group, counted):
    assert first_week(small, measure, group) == counted


def test_who_goes_no_further_after_a_search_did_not_wait(small):
    waits, visits = small["wait:search", WHOLE], small["step:search>view", WHOLE]
    assert (waits.x[1], waits.y[1]) == (0, 0)
    assert (visits.x[1], visits.y[1]) == (0, 1)


def test_a_group_that_nobody_is_in_is_no_series(small):
    assert ("late", ("carrier", "Rapid")) not in small  # none was late
    assert ("error:pay_error", ("device", "desk")) not in small


def test_every_measure_is_at_its_place(small):
    error = small["error:pay_error", WHOLE].measure
    assert (error.stage, error.touchpoint, error.outcome) == ("purchase", "payment", "buys:pay")
    assert small["late", WHOLE].measure.stage == "service"
    assert small["score:csat:payment:5", WHOLE].measure.stage == "purchase"


def test_an_error_belongs_to_the_event_of_its_own_touchpoint_though_another_is_rarer(
    tmp_path,
):
    # Ten visits pay; the four of the first week that fail have all asked for help before.
    heading, rows = "customer_id,session_id,event,ts", []
    for visit in range(10):
        day = f"2026-01-{4 + visit // 5 * 7:02d} {10 + visit % 5}"
        steps = ["view", *(["help", "pay", "pay_error"] if visit < 4 else ["pay", "buy"])]
        rows += [f"c{visit},{visit},{step},{day}:0{i}:00" for i, step in enumerate(steps)]
    (tmp_path / "events.csv").write_text("\n".join([heading, *rows]) + "\n", "utf-8")
    tables, touchpoints = _MANIFEST.index("  orders:"), _MANIFEST.index("touchpoints:")
    text = _MANIFEST[:tables] + _MANIFEST[touchpoints:].replace(
        "  chat:", "  help: {touchpoint: help, stage: service}\n  chat:"
    )
    (tmp_path / "study.yaml").write_text(text, "utf-8")
    shop = cx.open_study(tmp_path)
    found = series_of(unit_rows(shop, weeks_of(shop)))
    assert first_week(found, "error:pay_error") == (4, 5)
