"""The feedback table: who writes a text, about what, and how they feel about it."""

from __future__ import annotations

import random

import numpy as np
import pandas as pd

from cxresearch.simulate.arrays import Texts, blanked, draw_places, numbered
from cxresearch.simulate.clock import DAY_S, utc_times
from cxresearch.simulate.customer_texts import Mention, compose
from cxresearch.simulate.surveys import Answers
from cxresearch.simulate.tickets import CAUSES, Tickets
from cxresearch.simulate.world import World

#: What a text is likely to speak of, by the occasion it was written on: theme and weight.
THEMES_OF: dict[str, dict[str, int]] = {
    "relation": {
        **{"price": 16, "quality": 16, "service": 12, "delivery": 14, "site": 9, "fit": 8},
        **{"availability": 7, "loyalty": 7, "store": 6, "returns": 5, "account": 3, "checkout": 4},
    },
    "checkout": {"checkout": 55, "price": 20, "site": 15, "account": 10},
    "payment_error": {"checkout": 90, "service": 10},
    "delivery": {"delivery": 42, "packaging": 18, "quality": 20, "fit": 14, "availability": 6},
    "late_parcel": {"delivery": 88, "service": 12},
    "chat": {"service": 70, "site": 15, "returns": 15},
    "review": {"quality": 45, "fit": 25, "price": 15, "packaging": 8, "delivery": 7},
    "return": {"returns": 70, "fit": 15, "quality": 15},
    "question": {
        **{"delivery": 22, "availability": 20, "fit": 14, "returns": 14, "account": 12},
        **{"store": 10, "loyalty": 8},
    },
}
#: Chance that what was said in a ticket is kept, by its channel.
_WRITTEN = {"chat": 0.45, "email": 0.80, "phone": 0.25, "social": 0.90}
_SOURCE_OF = {"chat": "chat", "email": "email", "phone": "call", "social": "social"}
_TICKET_FEELING = {
    "late_parcel": (0.92, 0.08, 0.00),
    "payment_error": (0.90, 0.10, 0.00),
    "return": (0.50, 0.40, 0.10),
    "question": (0.10, 0.82, 0.08),
    "chat": (0.35, 0.55, 0.10),
}
_RATING_SHARE = (0.04, 0.06, 0.12, 0.30, 0.48)
_RATING_SHARE_LATE = (0.30, 0.25, 0.20, 0.15, 0.10)
#: Chance of complaint, neither, praise after a low, a middling and a high score.
_FEELING = ((0.86, 0.12, 0.02), (0.20, 0.40, 0.40), (0.02, 0.08, 0.90))
#: The middling scores of each question; lower is low, higher is high.
_MIDDLING = {"nps": (7, 8), "csat": (3, 3)}


def draw_occasions(
    rng: np.random.Generator, world: World, answers: list[Answers], tickets: Tickets
) -> pd.DataFrame:
    """Return one row per text to be written, by time.

    Columns: ``at``, ``person``, ``order`` (-1 for none), ``source``, ``touchpoint``, ``rating``,
    ``occasion`` (a key of ``THEMES_OF``), ``sentiment``.
    """
    occasions = pd.concat(
        [
            *(_comments(rng, world, one) for one in answers),
            _reviews(rng, world),
            _messages(rng, world, tickets),
        ]
    )
    occasions = occasions[occasions["at"] < world.clock.end_s]
    return occasions.sort_values(["at", "person"], kind="stable", ignore_index=True)


def write_texts(
    rng: np.random.Generator, world: World, occasions: pd.DataFrame
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Return the canonical feedback, and what each text truly speaks of.

    The second table has ``text_id``, ``language``, ``themes`` and ``polarities`` (both separated
    by ``|``, in the same order), ``sentiment`` of the whole (0 when mixed), ``personal_data``.
    """
    draw = random.Random(int(rng.integers(2**63)))  # a stream of choices; no secret is made of it
    english = world.people.english[occasions["person"]]
    languages = np.where(english, "en", "it").astype(object)
    truths, texts = [], []
    for occasion, sentiment, language in zip(
        occasions["occasion"], occasions["sentiment"], languages, strict=True
    ):
        mentions, overall = _mentions(draw, occasion, sentiment, world)
        written = compose(draw, language, mentions, overall, world.planted.texts)
        texts.append(written.text)
        themes = "|".join(one.theme for one in mentions)
        polarities = "|".join(str(one.polarity) for one in mentions)
        truths.append((language, themes, polarities, overall, written.personal))
    columns = ["language", "themes", "polarities", "sentiment", "personal_data"]
    truth = pd.DataFrame(truths, columns=columns)
    truth.insert(0, "text_id", numbered("F", len(occasions), 6))
    return _table(world, occasions, texts, languages), truth


def _table(
    world: World, occasions: pd.DataFrame, texts: list[str], languages: Texts
) -> pd.DataFrame:
    # The mail box, the chat and the telephone know no language.
    unknown = ~occasions["source"].isin(["survey", "review"]).to_numpy(dtype=bool)
    return pd.DataFrame(
        {
            "text_id": numbered("F", len(occasions), 6),
            "ts": utc_times(occasions["at"].to_numpy()),
            "source": occasions["source"].to_numpy(),
            "text": texts,
            "customer_id": world.visible_ids(
                occasions["person"].to_numpy(), occasions["order"].to_numpy()
            ),
            "language": blanked(languages, unknown),
            "rating": occasions["rating"].to_numpy(dtype=float),
            "touchpoint": occasions["touchpoint"].to_numpy(),
        }
    )


def _mentions(
    draw: random.Random, occasion: str, sentiment: int, world: World
) -> tuple[list[Mention], int]:
    """Return what a text speaks of, and its feeling as a whole."""
    traits, weights = world.planted.texts, THEMES_OF[occasion]
    if draw.random() < traits.short:
        return [], sentiment
    first = draw.choices(list(weights), list(weights.values()))[0]
    mentions = [Mention(first, sentiment)]
    if draw.random() >= traits.second_theme:
        return mentions, sentiment
    others = {theme: weight for theme, weight in THEMES_OF["relation"].items() if theme != first}
    second = draw.choices(list(others), list(others.values()))[0]
    mixed = sentiment != 0 and draw.random() < traits.mixed
    mentions.append(Mention(second, -sentiment if mixed else sentiment))
    return mentions, 0 if mixed else sentiment


def _comments(rng: np.random.Generator, world: World, answers: Answers) -> pd.DataFrame:
    """Return the comments left with the first question of one survey."""
    metric, scores = next(iter(answers.scores.items()))
    about_late = (answers.touchpoint == "delivery") & world.was_late(answers.order)
    chance = np.where(about_late, world.planted.texts.comment_late, world.planted.texts.comment)
    wrote = rng.random(len(scores)) < chance
    low, high = _MIDDLING[metric]
    score, order = scores[wrote], answers.order[wrote]
    level = (score >= low).astype(np.int64) + (score > high)
    occasion = np.full(len(score), answers.touchpoint or "relation", dtype=object)
    occasion[about_late[wrote]] = "late_parcel"
    if answers.touchpoint == "checkout":
        occasion[world.orders.failed_payment[order]] = "payment_error"
    return pd.DataFrame(
        {
            "at": answers.at[wrote],
            "person": answers.person[wrote],
            "order": order,
            "source": "survey",
            "touchpoint": answers.touchpoint,
            "rating": np.nan,
            "occasion": occasion,
            "sentiment": draw_places(rng, np.array(_FEELING)[level]) - 1,
        }
    )


def _reviews(rng: np.random.Generator, world: World) -> pd.DataFrame:
    """Return the product reviews written after delivery, with their stars."""
    orders, traits = world.orders, world.planted.texts
    writes = rng.random(len(orders)) < np.where(orders.late, traits.review_late, traits.review)
    wrote = np.flatnonzero(writes & (orders.delivered >= 0))
    late = orders.late[wrote]
    rating = 1 + draw_places(rng, np.where(late[:, None], _RATING_SHARE_LATE, _RATING_SHARE))
    level = (rating >= 3).astype(np.int64) + (rating > 3)
    wait = rng.integers(DAY_S // 2, 20 * DAY_S, len(wrote))
    return pd.DataFrame(
        {
            "at": orders.delivered[wrote] + wait,
            "person": orders.customer[wrote],
            "order": wrote,
            "source": "review",
            "touchpoint": "reviews",
            "rating": rating.astype(float),
            "occasion": np.where(late & (rating <= 3), "late_parcel", "review"),
            "sentiment": draw_places(rng, np.array(_FEELING)[level]) - 1,
        }
    )


def _messages(rng: np.random.Generator, world: World, tickets: Tickets) -> pd.DataFrame:
    """Return what customers wrote or said when they opened a ticket."""
    channels = world.planted.tickets.channels
    chance = np.array([_WRITTEN[channel] for channel in channels])[tickets.channel]
    kept = rng.random(len(tickets)) < chance
    source = np.array([_SOURCE_OF[channel] for channel in channels], dtype=object)
    feeling = np.array([_TICKET_FEELING[cause] for cause in CAUSES])[tickets.cause[kept]]
    in_chat = tickets.channel[kept] == channels.index("chat")
    return pd.DataFrame(
        {
            "at": tickets.opened[kept],
            "person": tickets.person[kept],
            "order": tickets.order[kept],
            "source": source[tickets.channel[kept]],
            "touchpoint": np.where(in_chat, "chat", "customer service"),
            "rating": np.nan,
            "occasion": np.array(CAUSES, dtype=object)[tickets.cause[kept]],
            "sentiment": draw_places(rng, feeling) - 1,
        }
    )
