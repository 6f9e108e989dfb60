"""The feedback table: who writes a text, about what, how they feel; and what people coded of it."""

from __future__ import annotations

import math
import random

import numpy as np
import pandas as pd

from cxresearch.core.disclosure import harmless
from cxresearch.simulate.clock import DAY_S, utc_times
from cxresearch.simulate.customer_texts import Mention, compose, emotions, themes
from cxresearch.simulate.draws import Draws, Floats, Ints, Texts, blanked, child_keys, numbered
from cxresearch.simulate.planted import Coders
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
#: Texts of one block are numbered from its number times this.
PER_BLOCK = 1_000_000
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
#: What a comment is about, by what the survey asks about.
_OCCASION_OF = {
    None: "relation",
    "checkout": "checkout",
    "delivery": "delivery",
    "returns": "return",
    "chat": "chat",
}
#: The number of a review among what belongs to an order.
_REVIEW = 100

#: What a sheet shows of a text that tells who wrote it.
_WITHHELD = "[withheld]"


def draw_occasions(world: World, answers: list[Answers]) -> pd.DataFrame:
    """Return one row per text to be written, by time.

    Columns: ``key``, ``at``, ``person``, ``order`` (-1 for none), ``source``, ``touchpoint``,
    ``rating``, ``occasion`` (a key of ``THEMES_OF``), ``sentiment``.
    """
    draws = world.draws("occasions")
    occasions = pd.concat(
        [
            *(_comments(draws, world, number, one) for number, one in enumerate(answers)),
            _reviews(draws, world),
            _conversations(draws, world, world.tickets),
        ]
    )
    occasions = occasions[occasions["at"] < world.clock.end_s]
    return occasions.sort_values(["at", "person", "key"], kind="stable", ignore_index=True)


def write_texts(world: World, occasions: pd.DataFrame) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Return the canonical feedback, and what each text truly speaks of.

    The second table has ``text_id``, ``language``, ``themes`` and ``polarities`` (both separated
    by ``|``, in the same order), ``sentiment`` of the whole (0 when mixed), ``personal_data``, and
    the ``goal`` (a theme) and ``emotion`` it states, empty for none.
    """
    english = world.people.english[occasions["person"]]
    languages = np.where(english, "en", "it").astype(object)
    draw = random.Random()  # a stream of choices; no secret is made of it
    truths, texts = [], []
    columns = ("key", "occasion", "sentiment", "source")
    for key, occasion, sentiment, source, language in zip(
        *(occasions[name] for name in columns), languages, strict=True
    ):
        draw.seed(f"{world.seed} {key}")
        mentions, overall = _mentions(draw, occasion, sentiment, world)
        written = compose(draw, language, mentions, overall, world.planted.texts, source)
        texts.append(written.text)
        themes = "|".join(one.theme for one in mentions)
        polarities = "|".join(str(one.polarity) for one in mentions)
        stated = (written.personal, written.goal, written.emotion)
        truths.append((language, themes, polarities, overall, *stated))
    known = ("language", "themes", "polarities", "sentiment", "personal_data", "goal", "emotion")
    truth = pd.DataFrame(truths, columns=list(known))
    ids = numbered("F", len(occasions), 7, first=world.block * PER_BLOCK + 1)
    truth.insert(0, "text_id", ids)
    return _table(world, occasions, ids, texts, languages), truth


def _table(
    world: World, occasions: pd.DataFrame, ids: Texts, texts: list[str], languages: Texts
) -> pd.DataFrame:
    # The mail box, the chat and the telephone know no language.
    unknown = ~occasions["source"].isin(["survey", "review"]).to_numpy(dtype=bool)
    person, order, at = (occasions[name].to_numpy() for name in ("person", "order", "at"))
    return pd.DataFrame(
        {
            "text_id": ids,
            "ts": utc_times(at),
            "source": occasions["source"].to_numpy(),
            "text": texts,
            "customer_id": world.visible_ids(person, order, at),
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


def _feels(draws: Draws, key: Ints, chances: Floats) -> Ints:
    """Return -1 for complaint, 0 for neither, 1 for praise."""
    return draws.place("feels", key, chances) - 1


def _comments(draws: Draws, world: World, number: int, answers: Answers) -> pd.DataFrame:
    """Return the comments left with the first question of one survey."""
    metric, scores = next(iter(answers.scores.items()))
    about_late = (answers.touchpoint == "delivery") & world.was_late(answers.order)
    chance = np.where(about_late, world.planted.texts.comment_late, world.planted.texts.comment)
    every = child_keys(answers.key, number)
    wrote = draws.uniform("comments", every) < chance
    low, high = _MIDDLING[metric]
    score, order, key = scores[wrote], answers.order[wrote], every[wrote]
    level = (score >= low).astype(np.int64) + (score > high)
    occasion = np.full(len(score), _OCCASION_OF[answers.touchpoint], dtype=object)
    occasion[about_late[wrote]] = "late_parcel"
    if answers.touchpoint == "checkout":
        occasion[world.orders.failed_payment[order]] = "payment_error"
    return pd.DataFrame(
        {
            "key": key,
            "at": answers.at[wrote],
            "person": answers.person[wrote],
            "order": order,
            "source": "survey",
            "touchpoint": answers.touchpoint,
            "rating": np.nan,
            "occasion": occasion,
            "sentiment": _feels(draws, key, np.array(_FEELING)[level]),
        }
    )


def _reviews(draws: Draws, world: World) -> pd.DataFrame:
    """Return the product reviews written after delivery, with their stars."""
    orders, traits = world.orders, world.planted.texts
    chance = np.where(orders.late, traits.review_late, traits.review)
    writes = draws.uniform("reviews", orders.key) < chance
    wrote = np.flatnonzero(writes & (orders.delivered >= 0))
    late, key = orders.late[wrote], child_keys(orders.key[wrote], _REVIEW)
    stars = np.where(late[:, None], _RATING_SHARE_LATE, _RATING_SHARE)
    rating = 1 + draws.place("stars", key, stars)
    level = (rating >= 3).astype(np.int64) + (rating > 3)
    wait = draws.between("wait", key, DAY_S // 2, 20 * DAY_S).astype(np.int64)
    return pd.DataFrame(
        {
            "key": key,
            "at": orders.delivered[wrote] + wait,
            "person": orders.person[wrote],
            "order": wrote,
            "source": "review",
            "touchpoint": "reviews",
            "rating": rating.astype(float),
            "occasion": np.where(late & (rating <= 3), "late_parcel", "review"),
            "sentiment": _feels(draws, key, np.array(_FEELING)[level]),
        }
    )


def _conversations(draws: Draws, world: World, tickets: Tickets) -> pd.DataFrame:
    """Return what customers wrote or said when they opened a ticket."""
    channels = world.planted.tickets.channels
    chance = np.array([_WRITTEN[channel] for channel in channels])[tickets.channel]
    tickets = tickets.take(draws.uniform("kept", tickets.key) < chance)
    source = np.array([_SOURCE_OF[channel] for channel in channels], dtype=object)
    feeling = np.array([_TICKET_FEELING[cause] for cause in CAUSES])[tickets.cause]
    in_chat = tickets.channel == channels.index("chat")
    return pd.DataFrame(
        {
            "key": tickets.key,
            "at": tickets.opened,
            "person": tickets.person,
            "order": tickets.order,
            "source": source[tickets.channel],
            "touchpoint": np.where(in_chat, "chat", "customer service"),
            "rating": np.nan,
            "occasion": np.array(CAUSES, dtype=object)[tickets.cause],
            "sentiment": _feels(draws, tickets.key, feeling),
        }
    )


def coding_sheets(
    rng: np.random.Generator, feedback: pd.DataFrame, truth: pd.DataFrame, coders: Coders
) -> dict[str, pd.DataFrame]:
    """Return the sheets of the coders and that of the decisions, by the name of the file.

    Parameters
    ----------
    rng : numpy.random.Generator
        Source of the sample and of the errors.
    feedback, truth : pandas.DataFrame
        The texts and what each truly speaks of, in one order.
    coders : Coders
        How many texts are coded, by whom, and how often they err.
    """
    size = min(coders.texts, len(feedback))
    chosen = rng.choice(len(feedback), size, replace=False)
    sample = _sample(feedback, truth, chosen)
    true = _true_codes(truth.iloc[chosen])
    chance = np.where(true == 1, coders.misses, coders.adds)
    codes = {name: true ^ (rng.random(true.shape) < chance) for name in coders.names}
    sheets = {
        f"codes_{name}": _coded(sample, found, name, size / len(feedback) if size else math.nan)
        for name, found in codes.items()
    }
    decisions = {"decisions": _decisions(sample, true, codes)}
    return sheets | decisions | _emotion_sheets(rng, feedback, truth, coders)


def _emotion_sheets(
    rng: np.random.Generator, feedback: pd.DataFrame, truth: pd.DataFrame, coders: Coders
) -> dict[str, pd.DataFrame]:
    """Return the sheets on which two people name the emotion of each text, or none."""
    size = min(coders.emotions, len(feedback))
    chosen = rng.choice(len(feedback), size, replace=False)
    names = np.array(["none", *emotions()], dtype=object)
    true = truth["emotion"].iloc[chosen].replace("", "none").to_numpy(dtype=object)
    sheets = {}
    for coder in coders.names:
        other = names[rng.integers(0, len(names), size)]
        said = np.where(rng.random(size) < coders.confuses, other, true)
        sample = _sample(feedback, truth, chosen)
        sheets[f"emotions_{coder}"] = sample.assign(emotion=said, coder=coder, drawn="random")
    return sheets


def _sample(feedback: pd.DataFrame, truth: pd.DataFrame, chosen: Ints) -> pd.DataFrame:
    """Return the sampled texts as a sheet shows them; none tells who wrote it."""
    texts, known = feedback.iloc[chosen], truth.iloc[chosen]
    shown = texts["text"].map(harmless).to_numpy(dtype=object)
    return pd.DataFrame(
        {
            "text_id": texts["text_id"].to_numpy(),
            "text": np.where(known["personal_data"], _WITHHELD, shown),
            "language": known["language"].to_numpy(),
        }
    )


def _true_codes(truth: pd.DataFrame) -> Ints:
    """Return a row per text and a column per theme, 1 where the text speaks of it."""
    found = [set(of_text.split("|")) for of_text in truth["themes"]]
    codes = [[int(theme in of_text) for theme in themes()] for of_text in found]
    return np.array(codes, dtype=np.int64).reshape(len(truth), len(themes()))


def _coded(sample: pd.DataFrame, codes: Ints, coder: str, probability: float) -> pd.DataFrame:
    """Return the sheet of one coder."""
    found = pd.DataFrame(codes, columns=list(themes()))
    return pd.concat([sample, found], axis=1).assign(
        comment="", coder=coder, probability=probability, drawn="random"
    )


def _decisions(sample: pd.DataFrame, true: Ints, codes: dict[str, Ints]) -> pd.DataFrame:
    """Return a row per text and theme on which the coders differ, settled to what is true."""
    first, second = codes.values()
    text, theme = np.nonzero(first != second)
    rows = pd.DataFrame(
        {
            "text_id": sample["text_id"].to_numpy()[text],
            "text": sample["text"].to_numpy()[text],
            "theme": np.array(themes(), dtype=object)[theme],
            **{name: found[text, theme].astype(float) for name, found in codes.items()},
            "decision": true[text, theme],
        }
    )
    return rows.sort_values(["text_id", "theme"], ignore_index=True)
