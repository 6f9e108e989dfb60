"""Every profile reads an invented export in its documented layout."""

from __future__ import annotations

import gzip
import io
import json
import zipfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest
import yaml

from cxresearch import engine
from cxresearch.study import manifest, profiles
from cxresearch.study.loaders.loading import load
from cxresearch.study.loaders.rules import Setting

NPS = {"metric": "nps", "scale_min": 0, "scale_max": 10}


def rows_of(
    folder: Path, profile: str, table: str, content: str | bytes, wanted: Sequence[str], **own: Any
) -> tuple[tuple[int, int, int, int], list[tuple[Any, ...]]]:
    """Load one file by a profile; return rows in, accepted, left out, rejected, and the rows."""
    suffix = own.pop("suffix", "csv")
    path = folder / f"export.{suffix}"
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    others = own.pop("others", {})
    for name, text in others.items():
        (folder / name).write_text(text, "utf-8")
    source = {"file": path.name, "profile": profile} | own
    tables = {"tables": {table: source}}
    shop = {"title": {"en": "S"}, "currency": "EUR", "time_zone": "Europe/Rome"}
    sources = manifest.parse(yaml.safe_dump(shop | tables)).tables[table]
    accepted, scratch = folder / "accepted.parquet", folder / "scratch"
    scratch.mkdir(exist_ok=True)
    with engine.connect() as connection:
        loaded = load(
            connection,
            table,
            sources,
            {name: folder / name for name in sources[0].files},
            setting=Setting("EUR", "Europe/Rome"),
            accepted=accepted,
            rejected=folder / "rejected.csv",
            scratch=scratch,
        )
        chosen = ", ".join(
            f"strftime({one}, '%Y-%m-%d %H:%M')" if one in TIMES else one for one in wanted
        )
        rows = connection.execute(f"SELECT {chosen} FROM read_parquet('{accepted}')").fetchall()
    counts = [
        sum(getattr(one, f"rows_{fate}") for one in loaded.files)
        for fate in ("in", "accepted", "left_out", "rejected")
    ]
    return tuple(counts), rows  # type: ignore[return-value]


TIMES = {"ts", "opened", "first_response", "resolved", "date"}


def jsonl(*records: dict[str, Any]) -> str:
    return "".join(json.dumps(one) + "\n" for one in records)


def ga4(name: str, **more: Any) -> dict[str, Any]:
    session = {"key": "ga_session_id", "value": {"int_value": "7"}}
    return {
        "event_timestamp": "1767607200000000",
        "event_name": name,
        "event_params": [session],
        "user_pseudo_id": "u.1",
    } | more


AMPLITUDE = {
    "amplitude_id": 5,
    "event_type": "buy",
    "insert_id": "i1",
    "session_id": 9,
    "event_time": "2026-01-05 10:00:00.123456",
    "user_id": None,
    "device_id": "d",
}


def amplitude() -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        archive.writestr("5/5_0.json.gz", gzip.compress(jsonl(AMPLITUDE).encode()))
        other = jsonl(AMPLITUDE | {"insert_id": "i2"})
        archive.writestr("5/5_1.json.gz", gzip.compress(other.encode()))
    return out.getvalue()


SALE = ga4(
    "purchase",
    ecommerce={"transaction_id": "T1", "purchase_revenue": 9.5},
    items=[{"item_id": "s", "quantity": 2, "price": 4.75}],
)
PURCHASES = jsonl(SALE, SALE, ga4("page_view"), ga4("purchase"))
SHOPIFY = (
    "Name,Email,Financial Status,Currency,Total,Discount Amount,Created at,Lineitem quantity,"
    "Lineitem name,Lineitem price,Lineitem sku,Cancelled at,Source,Phone\n"
    "#1,A@example.com,paid,EUR,30.00,0,2026-04-05 21:06:21 +0400,1,Mug,10.00,M1,,web,\n"
    "#1,A@example.com,,,,,2026-04-05 21:06:21 +0400,2,Cup,10.00,,,,\n"
    "#2,,refunded,EUR,0.00,0,2026-04-06 10:00:00 +0200,1,Mug,0.00,M1,,web,39333\n"
    "#3,b@example.com,paid,EUR,5,0,2026-04-06 10:00:00 +0200,1,Mug,5,M1,2026-04-07,web,\n"
    "#4,b@example.com,pending,EUR,5,0,2026-04-06 10:00:00 +0200,1,Mug,5,M1,,web,\n"
)
ADS = 'Report\n"1 January 2026 - 2 January 2026"\n' + (
    "Day,Campaign,Currency code,Cost,Impr.,Clicks\n"
    '2026-01-05,a,EUR,1.50,"1,234",5\n2026-01-05,b,EUR,2,10,--\nTotal: Account,,EUR,3.5,1244,5\n'
)
MAILS = "".join(
    f"From x Tue Feb  3 10:00:00 2026\nFrom: {sender}\nTo: {to}\nMessage-ID: <{name}@x>\n"
    f"Date: {day} Feb 2026 10:00:00 +0100\nContent-Type: text/plain; charset=utf-8\n\n{text}\n\n"
    for name, sender, to, day, text in [
        ("a", "Anna <A@Example.com>", "aiuto@example.com", 3, "Dov'è?"),
        ("b", "aiuto@example.com", "a@example.com", 4, "In viaggio."),
        ("c", "b@example.com", "aiuto@example.com", 4, "Rotto.\n\n> In viaggio."),
    ]
)
QUALTRICS = (
    "StartDate,EndDate,Status,RecordedDate,ResponseId,DistributionChannel,Q1\n"
    'Start Date,End Date,Response Type,Recorded Date,Response ID,Channel,"How\nlikely?"\n'
    + ",".join(['"{""ImportId"":""x""}"'] * 7)
    + "\n2026-01-05 10:00:00,x,IP Address,2026-01-05 10:01:00,R_1,email,10 - Extremely likely\n"
    "2026-01-05 10:00:00,x,Survey Preview,2026-01-05 10:01:00,R_2,preview,3\n"
)
MONKEY = (
    "Respondent ID,Collector ID,Start Date,End Date,Email Address,Quanto ci consigli?,Perché?\n"
    ",,,,,Response,Open-Ended Response\n"
    "11,5,05/02/2026 10:00,05/02/2026 10:05,A@example.com,0 - Per niente probabile,Tardi\n"
    "12,5,05/02/2026 10:00,05/02/2026 10:05,,8,\n"
)
OLIST = {
    "olist_order_payments_dataset.csv": "order_id,payment_value\nO1,10.5\nO1,2\n",
    "olist_customers_dataset.csv": "customer_id,customer_unique_id\nC1,P1\n",
}
REVIEW = "review_id,order_id,review_score,review_comment_title,review_comment_message,"
REVIEW += "review_answer_timestamp\nV1,O1,5,,Bom,2026-01-05 10:00:00\nV2,O2,4,,,2026-01-05\n"

CHAT = (
    "13/01/26, 09:16 - Secured.\n13/01/26, 09:17 - Shop: Hi\n13/01/26, 09:18 - Ann: Late\nagain\n"
)

CASES: dict[str, tuple[Any, ...]] = {
    "stripe": (
        "stripe",
        "orders",
        "id,Created date (UTC),Amount,Amount Refunded,Currency,Status,Customer Email\n"
        "ch_1,2026-01-05 10:00:00,399.00,0.00,eur,Paid,A@example.com\n"
        "ch_2,2026-01-05 10:00:00,5.00,0.00,eur,Failed,b@example.com\n",
        "order_id customer_id ts revenue status",
        {},
        (2, 1, 1, 0),
        [("ch_1", "a@example.com", "2026-01-05 10:00", 399.0, "completed")],
    ),
    "matomo": (
        "matomo",
        "events",
        "idVisit\tvisitorId\tuserId\tlastActionTimestamp\tdeviceType\treferrerType\n"
        "7\tv1\t\t1767607200\tSmartphone\tsearch\n".encode("utf-16"),
        "customer_id ts event session_id device channel",
        {"encoding": "utf-16"},
        (1, 1, 0, 0),
        [("v1", "2026-01-05 10:00", "visit", "7", "Smartphone", "search")],
    ),
    "whatsapp": (
        *("whatsapp", "feedback", CHAT, "text_id ts text source"),
        {
            **{"suffix": "txt", "time_format": "%d/%m/%y %H:%M"},
            "values": {"speaker": {"Shop": "agent", "*": "customer"}},
        },
        (3, 2, 1, 0),
        [("export 13/01/26", "2026-01-13 08:17", "Agent: Hi\nCustomer: Late\nagain", "chat")],
    ),
    "mail": (
        *("mail", "feedback", MAILS, "text_id customer_id ts text source"),
        {"suffix": "mbox"},
        (3, 2, 1, 0),
        [
            ("a@x", "a@example.com", "2026-02-03 09:00", "Dov'è?", "email"),
            ("c@x", "b@example.com", "2026-02-04 09:00", "Rotto.", "email"),
        ],
    ),
    "transcript": (
        *("transcript", "feedback", "Agent: Hi\nCustomer: Late\n", "text_id text source"),
        {
            **{"suffix": "txt", "constants": {"ts": "2026-01-13"}},
            "values": {"speaker": {"Agent": "agent", "Customer": "customer"}},
        },
        (2, 2, 0, 0),
        [("export", "Agent: Hi\nCustomer: Late", "call")],
    ),
    "shopify": (
        *("shopify", "orders", SHOPIFY, "order_id customer_id ts revenue status", {}),
        (5, 3, 1, 1),
        [
            ("#1", "a@example.com", "2026-04-05 17:06", 30.0, "completed"),
            ("#2", "39333", "2026-04-06 08:00", 0.0, "returned"),
            ("#3", "b@example.com", "2026-04-06 08:00", 5.0, "cancelled"),
        ],
    ),
    "shopify_lines": (
        *("shopify", "order_lines", SHOPIFY, "order_id sku quantity", {}),
        (5, 5, 0, 0),
        [("#1", "M1", 1), ("#1", "Cup", 2), ("#2", "M1", 1), ("#3", "M1", 1), ("#4", "M1", 1)],
    ),
    "woocommerce": (
        "woocommerce",
        "orders",
        "Date,Order #,Status,Customer,Product(s),Items sold,Net Sales\n2026-01-05 10:00:00,7,"
        'refunded,Ada,"2x Mug, 1x Cup",3,12.5\n2026-01-09 10:00:00,7,refunded,Ada,,-3,-12.5\n',
        "order_id ts revenue items status",
        {},
        (2, 1, 1, 0),
        [("7", "2026-01-05 09:00", 12.5, 3, "returned")],
    ),
    "woocommerce_webtoffee": (
        "woocommerce_webtoffee",
        "orders",
        "order_id,order_number,order_date,status,order_total,customer_email,wt_import_key\n"
        "1,N1,2026-01-05 10:00:00,processing,9.5,A@Example.com,1\n",
        "order_id customer_id revenue status",
        {},
        (1, 1, 0, 0),
        [("N1", "a@example.com", 9.5, "completed")],
    ),
    "prestashop": (
        "prestashop",
        "orders",
        "ID;Reference;New client;Delivery;Customer;Total;Payment;Status;Date\n"
        "1;XKB;1;Italia;A. B.;1.012,50\u00a0€;Carta;Consegnato;2026-01-05 10:00:00\n",
        "order_id ts revenue status",
        {
            **{"decimal": ",", "thousands": "."},
            "values": {"status": {"Consegnato": "completed"}},
        },
        (1, 1, 0, 0),
        [("1", "2026-01-05 09:00", 1012.5, "completed")],
    ),
    "magento": (
        "magento",
        "orders",
        "ID,Purchase Point,Purchase Date,Grand Total (Base),Status,Customer Email\n"
        '000001,Main,"Jan 5, 2026 15:04:05 PM",10.00,Complete,a@example.com\n'
        '000002,Main,"Jan 5, 2026 00:04:05 AM",10.00,pending,a@example.com\n',
        "order_id ts status",
        {},
        (2, 1, 0, 1),
        [("000001", "2026-01-05 14:04", "completed")],
    ),
    "olist": (
        "olist",
        "orders",
        "order_id,customer_id,order_status,order_purchase_timestamp\n"
        "O1,C1,delivered,2018-01-05 10:00:00\n",
        "order_id customer_id ts revenue status",
        {"others": OLIST},
        (1, 1, 0, 0),
        [("O1", "P1", "2018-01-05 12:00", 12.5, "completed")],
    ),
    "olist_surveys": (
        *("olist", "surveys", REVIEW, "response_id score order_id", {}),
        (2, 2, 0, 0),
        [("V1-O1", 5.0, "O1"), ("V2-O2", 4.0, "O2")],
    ),
    "olist_feedback": (
        *("olist", "feedback", REVIEW, "text_id text rating", {}),
        (2, 1, 1, 0),
        [("V1-O1", "Bom", 5.0)],
    ),
    "ga4": (
        *("ga4", "events", PURCHASES, "customer_id ts event session_id order_id revenue"),
        {"suffix": "jsonl"},
        (4, 4, 0, 0),
        [
            ("u.1", "2026-01-05 10:00", "purchase", "u.1-7", "T1", 9.5),
            ("u.1", "2026-01-05 10:00", "purchase", "u.1-7", "T1", 9.5),
            ("u.1", "2026-01-05 10:00", "page_view", "u.1-7", None, None),
            ("u.1", "2026-01-05 10:00", "purchase", "u.1-7", None, None),
        ],
    ),
    "ga4_orders": (
        *("ga4", "orders", PURCHASES, "order_id revenue", {"suffix": "jsonl"}),
        (4, 1, 3, 0),
        [("T1", 9.5)],
    ),
    "ga4_lines": (
        *("ga4", "order_lines", jsonl(SALE), "order_id sku quantity price", {"suffix": "jsonl"}),
        (1, 1, 0, 0),
        [("T1", "s", 2, 4.75)],
    ),
    "ga4_lines_sent_twice": (  # the items of a purchase that is sent twice are those of one
        "ga4",
        "order_lines",
        jsonl(
            *[
                ga4(
                    "purchase",
                    ecommerce={"transaction_id": "T1"},
                    items=[
                        {"item_id": "s", "quantity": 2, "price": 4.75},
                        {"item_id": "(not set)", "item_name": "Cup", "quantity": 1, "price": 3},
                    ],
                )
            ]
            * 2
        ),
        "order_id sku quantity price",
        {"suffix": "jsonl"},
        (4, 2, 2, 0),
        [("T1", "s", 2, 4.75), ("T1", "Cup", 1, 3.0)],
    ),
    "amplitude_outside_sessions": (
        "amplitude",
        "events",
        jsonl({**AMPLITUDE, "session_id": -1}),
        "event_id session_id",
        {"suffix": "jsonl", "member": None},
        (1, 1, 0, 0),
        [("i1", None)],
    ),
    "google_reviews_named": (
        "google_reviews",
        "feedback",
        json.dumps(
            {
                "reviews": [
                    {
                        **{"name": "accounts/1/reviews/r", "comment": "Ottimo"},
                        **{"starRating": "STAR_RATING_UNSPECIFIED"},
                        "createTime": "2026-01-05T10:00:00Z",
                    }
                ]
            }
        ),
        "text_id rating",
        {"suffix": "json"},
        (1, 1, 0, 0),
        [("accounts/1/reviews/r", None)],
    ),
    "segment": (
        "segment",
        "events",
        jsonl(
            {
                **{"type": "track", "event": "Order Completed", "userId": None},
                **{"anonymousId": "a", "messageId": "m", "timestamp": "2026-01-05T10:00:00.5Z"},
                "properties": {"order_id": "O1", "revenue": 5},
            },
            {"type": "page", "anonymousId": "a", "messageId": "n"},
        ),
        "event_id customer_id ts event order_id revenue",
        {"suffix": "jsonl"},
        (2, 1, 1, 0),
        [("m", "a", "2026-01-05 10:00", "Order Completed", "O1", 5.0)],
    ),
    "posthog": (
        "posthog",
        "events",
        'uuid,event,properties,timestamp,distinct_id\nu1,$pageview,"{""$session_id"": ""s""}",'
        "2026-01-05 10:00:00Z,d\n",
        "event_id customer_id event session_id",
        {},
        (1, 1, 0, 0),
        [("u1", "d", "$pageview", "s")],
    ),
    "mixpanel": (
        "mixpanel",
        "events",
        jsonl(
            *[
                {
                    "event": "buy",
                    "properties": dict(
                        zip(
                            ["time", "distinct_id", "$insert_id"],
                            [1767607200, "d", "i"],
                            strict=True,
                        )
                    ),
                }
            ]
            * 2
        ),
        "customer_id ts event",
        {"suffix": "jsonl"},
        (2, 1, 1, 0),
        [("d", "2026-01-05 10:00", "buy")],
    ),
    "amplitude": (
        *("amplitude", "events", amplitude(), "event_id customer_id ts session_id"),
        {"suffix": "zip"},
        (2, 2, 0, 0),
        [("i1", "d", "2026-01-05 10:00", "5-9"), ("i2", "d", "2026-01-05 10:00", "5-9")],
    ),
    "qualtrics": (
        *("qualtrics", "surveys", QUALTRICS, "response_id ts score"),
        {"columns": {"score": "Q1"}, "constants": NPS, "time_zone": "UTC"},
        (2, 1, 1, 0),
        [("R_1", "2026-01-05 10:01", 10.0)],
    ),
    "surveymonkey": (
        *("surveymonkey", "surveys", MONKEY, "response_id customer_id score"),
        {
            "columns": {"score": "Quanto ci consigli?"},
            **{"constants": NPS, "time_format": "%d/%m/%Y %H:%M"},
        },
        (2, 2, 0, 0),
        [("11", "a@example.com", 0.0), ("12", None, 8.0)],
    ),
    "surveymonkey_texts": (
        *("surveymonkey", "feedback", MONKEY, "text_id text source"),
        {
            "columns": {"text": "Perché?"},
            **{"where": {"Perché?": {"filled": True}}, "time_format": "%d/%m/%Y %H:%M"},
        },
        (2, 1, 1, 0),
        [("11", "Tardi", "survey")],
    ),
    "typeform": (
        "typeform",
        "surveys",
        "#,How likely?,Response Type,Submit Date (UTC),Network ID\n"
        "t1,9,completed,2026-01-05 10:00:00,n\nt2,9,partial,,n\n",
        "response_id ts score",
        {"columns": {"score": "How likely?"}, "constants": NPS},
        (2, 1, 1, 0),
        [("t1", "2026-01-05 10:00", 9.0)],
    ),
    "limesurvey": (
        "limesurvey",
        "surveys",
        '\ufeff"id";"submitdate";"lastpage";"Q1"\r\n"1";"2026-01-05 10:00:00";"3";"9"\r\n'
        '"2";"";"1";""\r\n"3";"1980-01-01 00:00:00";"3";"9"\r\n\r\n',
        "response_id score",
        {"columns": {"score": "Q1"}, "constants": NPS},
        (3, 1, 2, 0),
        [("1", 9.0)],
    ),
    "google_forms": (
        "google_forms",
        "surveys",
        "Informazioni cronologiche,Indirizzo email,Voto\n25/09/2026 19.07.17,A@example.com,9\n"
        "2026/03/18 3:28:24 PM CET,,8\n",
        "response_id ts customer_id score",
        {"columns": {"score": "Voto"}, "constants": NPS},
        (2, 2, 0, 0),
        [
            ("1", "2026-09-25 17:07", "a@example.com", 9.0),
            ("2", "2026-03-18 14:28", None, 8.0),
        ],
    ),
    "zendesk": (
        "zendesk",
        "tickets",
        "Id,Requester email,Status,Via,Created at,Solved at,Satisfaction Score,Reopens,"
        "First reply time in minutes\n"
        "1,A@example.com,Solved,Mail,2026-01-05 10:00,2026-01-06 10:00,Good,2,90\n"
        "2,,Open,Web form,2026-01-05 10:00,,,0,\n",
        "ticket_id customer_id opened first_response reopened",
        {},
        (2, 2, 0, 0),
        [
            ("1", "a@example.com", "2026-01-05 09:00", "2026-01-05 10:30", True),
            ("2", None, "2026-01-05 09:00", None, False),
        ],
    ),
    "freshdesk": (
        "freshdesk",
        "tickets",
        "Ticket ID,Status,Source,Created time,Due by Time,Resolved time,Initial response time,"
        "Agent interactions\n5,Closed,Email,2026-01-05 10:00:00,x,,2026-01-05 11:00:00,2\n",
        "ticket_id opened first_response resolved channel",
        {},
        (1, 1, 0, 0),
        [("5", "2026-01-05 09:00", "2026-01-05 10:00", None, "Email")],
    ),
    "trustpilot": (
        "trustpilot",
        "feedback",
        "Review ID,Review Created (UTC),Review Title,Review Content,Review Stars,Review User Email"
        "\nr1,2026-01-05 10:00:00,Bene,Arrivato,5,A@example.com\nr2,2026-01-05 10:00:00,,,4,\n",
        "text_id ts text rating customer_id source",
        {},
        (2, 1, 1, 0),
        [("r1", "2026-01-05 10:00", "Bene Arrivato", 5.0, "a@example.com", "review")],
    ),
    "google_reviews": (
        "google_reviews",
        "feedback",
        json.dumps(
            {
                "reviews": [
                    {
                        **{"reviewId": "r", "starRating": "FIVE", "comment": "Ottimo"},
                        "createTime": "2026-01-05T10:00:00.123456Z",
                    },
                    {"reviewId": "s", "starRating": "ONE", "createTime": "2026-01-05T10:00:00Z"},
                ]
            }
        ),
        "text_id ts text rating",
        {"suffix": "json"},
        (2, 1, 1, 0),
        [("r", "2026-01-05 10:00", "Ottimo", 5.0)],
    ),
    "amazon_reviews": (
        "amazon_reviews",
        "feedback",
        "customer_id\treview_id\tstar_rating\treview_headline\treview_body\treview_date\n"
        "c\tr\t4\tFine\tWorks\t2026-01-05\n",
        "text_id text rating customer_id",
        {"suffix": "tsv"},
        (1, 1, 0, 0),
        [("r", "Fine Works", 4.0, "c")],
    ),
    "amazon_reviews_json": (
        "amazon_reviews_json",
        "feedback",
        jsonl(
            {
                **{"rating": 4.0, "title": "Fine", "text": "Works", "asin": "b"},
                **{"parent_asin": "b", "user_id": "u", "timestamp": 1767607200000},
                **{"helpful_vote": 0, "verified_purchase": True},
            }
        ),
        "text_id ts text rating",
        {"suffix": "jsonl"},
        (1, 1, 0, 0),
        [("u-b-1767607200000", "2026-01-05 10:00", "Fine Works", 4.0)],
    ),
    "judgeme": (
        "judgeme",
        "feedback",
        "title,body,rating,review_date,reviewer_email,product_handle,picture_urls\n"
        "T,Bello,5,2025-03-02 10:12:00 UTC,a@example.com,mug,\n",
        "text_id ts text",
        {},
        (1, 1, 0, 0),
        [("1", "2025-03-02 10:12", "T Bello")],
    ),
    "yotpo": (
        "yotpo",
        "feedback",
        "Review Title,Review Content,Review Score,Date,Email\nT,Bello,5,2025-03-02,\n",
        "text_id text rating",
        {},
        (1, 1, 0, 0),
        [("1", "T Bello", 5.0)],
    ),
    "klaviyo": (
        "klaviyo",
        "marketing",
        "Campaign Name,Send Time,Placed Order Rate,Total Clicks,Successful Deliveries\n"
        "a,2026-01-05 11:00:00,1%,5,100\nb,2026-01-05 18:00:00,1%,1,50\n",
        "date channel impressions clicks",
        {},
        (2, 2, 0, 0),
        [("2026-01-05 00:00", "email", 150, 6)],
    ),
    "mailchimp": (
        "mailchimp",
        "marketing",
        "Title,Send Date,Successful Deliveries,Total Clicks,Abuse Complaints\n"
        'a,"Jan 05, 2026 09:30 pm",100,5,0\n',
        "date impressions clicks",
        {},
        (1, 1, 0, 0),
        [("2026-01-05 00:00", 100, 5)],
    ),
    "google_ads": (
        *("google_ads", "marketing", ADS, "date channel impressions clicks cost", {}),
        (3, 2, 1, 0),
        [("2026-01-05 00:00", "google_ads", 1244, 5, 3.5)],
    ),
    "google_ads_utf16": (
        "google_ads",
        "marketing",
        "Report\nPeriod\nDay\tCampaign\tCost\tImpr.\n2026-01-05\ta\t1.5\t7\n".encode("utf-16"),
        "date impressions cost",
        {},
        (1, 1, 0, 0),
        [("2026-01-05 00:00", 7, 1.5)],
    ),
    "meta_ads": (
        "meta_ads",
        "marketing",
        "Reporting starts,Campaign name,Day,Amount spent (EUR),Impressions,Link clicks\n"
        "2026-01-01,a,2026-01-05,1.5,10,1\n2026-01-01,b,2026-01-05,2,5,2\n2026-01-01,,,3.5,15,3\n",
        "date channel impressions clicks cost",
        {},
        (3, 2, 1, 0),
        [("2026-01-05 00:00", "meta_ads", 15, 3, 3.5)],
    ),
    "meta_ads_it": (
        "meta_ads",
        "marketing",
        "Inizio dei report,Nome della campagna,Giorno,Importo speso (EUR),Impression,"
        'Clic sul link\n2026-01-01,a,2026-01-05,"1,5",10,1\n2026-01-01,b,2026-01-05,"2,0",5,2\n'
        '2026-01-01,,,"3,5",15,3\n',
        "date channel impressions clicks cost",
        {"decimal": ","},
        (3, 2, 1, 0),
        [("2026-01-05 00:00", "meta_ads", 15, 3, 3.5)],
    ),
    "online_retail": (
        "online_retail",
        "orders",
        "InvoiceNo,StockCode,Description,Quantity,InvoiceDate,UnitPrice,CustomerID,Country\n"
        "536365,85123A,MUG,6,2010-12-01 08:26:00,2.55,17850.0,United Kingdom\n",
        "order_id customer_id revenue items",
        {},
        (1, 1, 0, 0),
        [("536365", "17850", 15.3, 6)],
    ),
}


@pytest.mark.parametrize("case", CASES)
def test_an_export_in_the_documented_layout(tmp_path: Path, case: str):
    profile, table, content, columns, own, counts, rows = CASES[case]
    found = rows_of(tmp_path, profile, table, content, columns.split(), **own)
    assert found == (counts, rows)
    assert counts[0] == sum(counts[1:])


def test_every_profile_has_a_case_and_is_documented():
    assert {case[0] for case in CASES.values()} == set(profiles.profiles())
    page = (Path(__file__).parents[2] / "docs" / "formats.md").read_text("utf-8")
    lines = [line for line in page.splitlines() if line.startswith("| `")]
    assert [line.split("`")[1] for line in lines] == list(profiles.profiles())


def test_a_profile_is_known_by_headings_that_no_other_has():
    for name, profile in profiles.profiles().items():
        for headings in profile.headings:
            own = [one.replace("*", "EUR)").removeprefix("^") for one in headings]
            assert profiles.recognised(own) == [name]
    assert profiles.recognised(["order_id", "ts", "revenue"]) == []


def test_what_a_source_says_stands_above_its_profile():
    source = {
        **{"file": "o.csv", "profile": "shopify", "columns": {"order_id": "Id"}},
        **{"values": {"status": {"pending": "completed"}}},
    }
    merged = profiles.with_profile("orders", source)
    assert merged["columns"] == {"order_id": "Id"}
    assert merged["values"]["status"]["pending"] == "completed"
    assert merged["values"]["status"]["paid"] == "completed"
    assert merged["offered"]["ts"] == "Created at"
    rows = {"file": "o.csv", "profile": "qualtrics", "header_rows": 2}
    assert profiles.with_profile("surveys", rows)["header_rows"] == 2
    del rows["header_rows"]
    assert profiles.with_profile("surveys", rows)["header_rows"] == 3


@pytest.mark.parametrize(
    ("profile", "words"),
    [("shopfy", "profile must be one of"), ("shopify", "profile shopify gives orders")],
)
def test_a_profile_that_is_none_or_gives_another_table(profile: str, words: str):
    with pytest.raises(ValueError, match=words):
        profiles.with_profile("tickets", {"file": "t.csv", "profile": profile})
