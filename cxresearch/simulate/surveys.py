"""Surveys: who answers, and what score they give."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Literal

import numpy as np
import pandas as pd

from cxresearch.simulate.clock import DAY_S, utc_times
from cxresearch.simulate.people import Floats, Ints, People, numbered
from cxresearch.simulate.planted import BySegment
from cxresearch.simulate.world import World

#: Lowest and highest score of each question.
SCALES = {"nps": (0, 10), "csat": (1, 5), "ces": (1, 7)}
#: How promoters, passives and detractors spread over the scores 0 to 10.
_WITHIN = np.array(
    [
        [0, 0, 0, 0, 0, 0, 0, 0, 0, 0.45, 0.55],
        [0, 0, 0, 0, 0, 0, 0, 0.45, 0.55, 0, 0],
        [0.08, 0.04, 0.07, 0.11, 0.12, 0.26, 0.32, 0, 0, 0, 0],
    ]
)
_ANSWERS_WITHIN_DAYS = 4.0


@dataclass(frozen=True, slots=True)
class Answers:
    """Answers to one question, one entry each; all arrays have the same length.

    Parameters
    ----------
    metric : {"nps", "csat", "ces"}
        The question.
    touchpoint : str or None
        What it asks about; None for the relation as a whole.
    wave : str or None
        The wave of a relational survey, as year and month.
    person, order, at, score : array of int
        Places in the people and the orders (-1 for none), UTC seconds since 1970, scores.
    """

    metric: Literal["nps", "csat", "ces"]
    touchpoint: str | None
    wave: str | None
    person: Ints
    order: Ints
    at: Ints
    score: Ints

    def before(self, end_s: int) -> Answers:
        """Return the answers given before `end_s`."""
        kept = self.at < end_s
        return replace(
            self,
            person=self.person[kept],
            order=self.order[kept],
            at=self.at[kept],
            score=self.score[kept],
        )


def draw_answers(rng: np.random.Generator, world: World) -> list[Answers]:
    """Return the answers of every survey that were given before the end of the study."""
    answers = [
        *_relational(rng, world),
        _after_checkout(rng, world),
        *_after_delivery(rng, world),
        *_after_chat(rng, world),
    ]
    return [one.before(world.clock.end_s) for one in answers]


def surveys_table(world: World, answers: list[Answers]) -> pd.DataFrame:
    """Return the canonical surveys, by time; answers given together share their response id."""
    rows = pd.concat(
        [
            pd.DataFrame(
                {
                    "ts": one.at,
                    "person": one.person,
                    "metric": one.metric,
                    "touchpoint": one.touchpoint,
                    "wave": one.wave,
                    "order": one.order,
                    "score": one.score,
                }
            )
            for one in answers
        ]
    )
    rows = rows.iloc[np.lexsort((rows["metric"], rows["person"], rows["ts"]))]
    response = rows.groupby(["ts", "person"], sort=False).ngroup().to_numpy()
    person, order = rows["person"].to_numpy(), rows["order"].to_numpy()
    guest = np.append(world.orders.guest, False)[order]
    low, high = np.array([SCALES[metric] for metric in rows["metric"]]).reshape(-1, 2).T
    return pd.DataFrame(
        {
            "response_id": numbered("R", int(response.max(initial=-1)) + 1, 6)[response],
            "ts": utc_times(rows["ts"].to_numpy()),
            "metric": rows["metric"].to_numpy(),
            "score": rows["score"].to_numpy().astype(float),
            "scale_min": low.astype(float),
            "scale_max": high.astype(float),
            "customer_id": np.where(guest, None, world.people.ids[person]),
            "touchpoint": rows["touchpoint"].to_numpy(),
            "order_id": np.append(world.orders.ids, None)[order],
            "wave": rows["wave"].to_numpy(),
        }
    )


def _relational(rng: np.random.Generator, world: World) -> list[Answers]:
    """Return the NPS waves: every customer is asked."""
    nps, people, answers = world.planted.nps, world.people, []
    for day in nps.wave_days:
        who = _respond(rng, np.arange(len(people)), world.planted.response.relational, people)
        sent = world.clock.midnight(world.clock.day(day)) + 9 * 3600
        chances = np.array([nps.new, nps.returning, nps.loyal])[people.segment[who]]
        answers.append(
            Answers(
                metric="nps",
                touchpoint=None,
                wave=f"{world.clock.date(world.clock.day(day)):%Y-%m}",
                person=who,
                order=np.full(len(who), -1),
                at=sent + _delay(rng, len(who)),
                score=_nps(rng, chances),
            )
        )
    return answers


def _after_checkout(rng: np.random.Generator, world: World) -> Answers:
    """Return satisfaction with the checkout, asked on the thank-you page."""
    orders, scores = world.orders, world.planted.scores
    placed = _respond_to(rng, np.arange(len(orders)), world.planted.response.checkout, world)
    chances = np.where(
        orders.failed_payment[placed, None], scores.checkout_after_error, scores.checkout
    )
    return Answers(
        metric="csat",
        touchpoint="checkout",
        wave=None,
        person=orders.customer[placed],
        order=placed,
        at=orders.at[placed] + rng.integers(20, 300, len(placed)),
        score=1 + _draw(rng, chances),
    )


def _after_delivery(rng: np.random.Generator, world: World) -> list[Answers]:
    """Return NPS and satisfaction after delivery, two questions of one survey."""
    orders, planted = world.orders, world.planted
    came = _respond_to(rng, np.flatnonzero(orders.delivered >= 0), planted.response.delivery, world)
    late = orders.late[came, None]
    at = orders.delivered[came] + _delay(rng, len(came))
    by_segment = np.array([planted.nps.new, planted.nps.returning, planted.nps.loyal])
    usual = by_segment[world.people.segment[orders.customer[came]]]
    scores = planted.scores
    satisfied = np.where(late, scores.delivery_late, scores.delivery_on_time)
    shared = {
        "touchpoint": "delivery",
        "wave": None,
        "person": orders.customer[came],
        "order": came,
        "at": at,
    }
    return [
        Answers(metric="nps", score=_nps(rng, np.where(late, planted.nps.late, usual)), **shared),
        Answers(metric="csat", score=1 + _draw(rng, satisfied), **shared),
    ]


def _after_chat(rng: np.random.Generator, world: World) -> list[Answers]:
    """Return effort and satisfaction after a chat on the site, two questions of one survey."""
    opened = world.steps.of("chat_open")
    person = world.visits.customer[world.steps.visit[opened]]
    at = world.steps.at[opened]
    response = world.planted.response.chat
    said = np.flatnonzero(
        rng.random(len(person)) < np.array(response)[world.people.segment[person]]
    )
    n, scores = len(said), world.planted.scores
    shared = {
        "touchpoint": "chat",
        "wave": None,
        "person": person[said],
        "order": np.full(n, -1),
        "at": at[said] + rng.integers(900, 5400, n),
    }
    return [
        Answers(metric="ces", score=1 + _draw(rng, np.tile(scores.chat_effort, (n, 1))), **shared),
        Answers(metric="csat", score=1 + _draw(rng, np.tile(scores.chat, (n, 1))), **shared),
    ]


def _respond(rng: np.random.Generator, who: Ints, chance: BySegment, people: People) -> Ints:
    """Return those of `who` that answer, given the chance by segment."""
    return who[rng.random(len(who)) < np.array(chance)[people.segment[who]]]


def _respond_to(rng: np.random.Generator, orders: Ints, chance: BySegment, world: World) -> Ints:
    """Return those orders whose customer answers."""
    segment = world.people.segment[world.orders.customer[orders]]
    return orders[rng.random(len(orders)) < np.array(chance)[segment]]


def _delay(rng: np.random.Generator, n: int) -> Ints:
    return np.rint(rng.beta(1, 3, n) * _ANSWERS_WITHIN_DAYS * DAY_S).astype(np.int64)


def _nps(rng: np.random.Generator, chances: Floats) -> Ints:
    """Return scores 0 to 10 given each one's chance of promoter, passive, detractor."""
    return _draw(rng, chances.reshape(-1, 3) @ _WITHIN)


def _draw(rng: np.random.Generator, chances: Floats) -> Ints:
    """Return one place per row, drawn with the row's chances."""
    edges = np.cumsum(chances, axis=1)[:, :-1]
    return np.asarray((rng.random(len(chances))[:, None] >= edges).sum(axis=1))
