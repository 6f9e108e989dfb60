"""Surveys: who answers, and what score they give."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
import pandas as pd

from cxresearch.simulate.arrays import Flags, Floats, Ints, draw_places, numbered
from cxresearch.simulate.clock import DAY_S, TIME_ZONE, utc_times
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
_HOUR_TWICE = 2


@dataclass(frozen=True, slots=True)
class Answers:
    """Who answered one survey, one entry each; all arrays have the same length.

    Parameters
    ----------
    touchpoint : str or None
        What it asks about; None for the relation as a whole.
    wave : str or None
        The wave of a relational survey, as year and month.
    person, order, at : array of int
        Places in the people and the orders (-1 for none), UTC seconds since 1970.
    scores : dict of str to array of int
        The scores by metric; a comment goes with the first.
    """

    touchpoint: str | None
    wave: str | None
    person: Ints
    order: Ints
    at: Ints
    scores: dict[str, Ints]

    def in_time(self, end_s: int) -> Answers:
        """Return the answers given before `end_s`, none in the hour that comes twice.

        When clocks go back, a local time between two and three cannot be told from the same
        time an hour later; the export would lose which it was. So nobody answers in that hour.
        """
        asleep = utc_times(self.at).dt.tz_convert(TIME_ZONE).dt.hour.to_numpy() == _HOUR_TWICE
        at = self.at + np.where(asleep, 2 * 3600, 0)
        kept = at < end_s
        return replace(
            self,
            person=self.person[kept],
            order=self.order[kept],
            at=at[kept],
            scores={metric: score[kept] for metric, score in self.scores.items()},
        )


def draw_answers(rng: np.random.Generator, world: World) -> list[Answers]:
    """Return the answers to every survey that were given before the end of the study."""
    answers = [
        *_relational(rng, world),
        _after_checkout(rng, world),
        _after_delivery(rng, world),
        _after_chat(rng, world),
    ]
    return [one.in_time(world.clock.end_s) for one in answers]


def surveys_table(world: World, answers: list[Answers]) -> pd.DataFrame:
    """Return the canonical surveys, by time; answers given together share their response id."""
    rows = pd.concat([_rows(one, survey) for survey, one in enumerate(answers)])
    rows = rows.sort_values(["at", "person", "survey", "metric"], kind="stable")
    response = rows.groupby(["at", "person", "survey"], sort=False).ngroup().to_numpy()
    order = rows["order"].to_numpy()
    low, high = np.array([SCALES[metric] for metric in rows["metric"]]).reshape(-1, 2).T
    return pd.DataFrame(
        {
            "response_id": numbered("R", int(response.max(initial=-1)) + 1, 6)[response],
            "ts": utc_times(rows["at"].to_numpy()),
            "metric": rows["metric"].to_numpy(),
            "score": rows["score"].to_numpy(dtype=float),
            "scale_min": low.astype(float),
            "scale_max": high.astype(float),
            "customer_id": world.visible_ids(rows["person"].to_numpy(), order),
            "touchpoint": rows["touchpoint"].to_numpy(),
            "order_id": world.order_ids(order),
            "wave": rows["wave"].to_numpy(),
        }
    )


def _rows(answers: Answers, survey: int) -> pd.DataFrame:
    """Return one row per answer to each question of a survey."""
    common = pd.DataFrame(
        {
            "at": answers.at,
            "person": answers.person,
            "order": answers.order,
            "touchpoint": answers.touchpoint,
            "wave": answers.wave,
            "survey": survey,
        }
    ).astype({"touchpoint": object, "wave": object})
    return pd.concat(
        [common.assign(metric=metric, score=score) for metric, score in answers.scores.items()]
    )


def _relational(rng: np.random.Generator, world: World) -> list[Answers]:
    """Return the NPS waves: every customer is asked."""
    nps, people, answers = world.planted.nps, world.people, []
    for day in nps.wave_days:
        who = np.arange(len(people))
        who = who[_answers(rng, people.segment, world.planted.response.relational)]
        sent = world.clock.midnight(world.clock.day(day)) + 9 * 3600
        answers.append(
            Answers(
                touchpoint=None,
                wave=f"{world.clock.date(world.clock.day(day)):%Y-%m}",
                person=who,
                order=np.full(len(who), -1),
                at=sent + _delay(rng, len(who)),
                scores={"nps": _nps(rng, _usual_nps(world, who))},
            )
        )
    return answers


def _after_checkout(rng: np.random.Generator, world: World) -> Answers:
    """Return satisfaction with the checkout, asked on the thank-you page."""
    orders, scores = world.orders, world.planted.scores
    placed = _of_orders(rng, world, np.arange(len(orders)), world.planted.response.checkout)
    failed = orders.failed_payment[placed, None]
    chances = np.where(failed, scores.checkout_after_error, scores.checkout)
    return Answers(
        touchpoint="checkout",
        wave=None,
        person=orders.customer[placed],
        order=placed,
        at=orders.at[placed] + rng.integers(20, 300, len(placed)),
        scores={"csat": 1 + draw_places(rng, chances)},
    )


def _after_delivery(rng: np.random.Generator, world: World) -> Answers:
    """Return satisfaction and NPS after delivery, two questions of one survey."""
    orders, planted = world.orders, world.planted
    came = _of_orders(rng, world, np.flatnonzero(orders.delivered >= 0), planted.response.delivery)
    late = orders.late[came, None]
    satisfied = np.where(late, planted.scores.delivery_late, planted.scores.delivery_on_time)
    recommends = np.where(late, planted.nps.late, _usual_nps(world, orders.customer[came]))
    return Answers(
        touchpoint="delivery",
        wave=None,
        person=orders.customer[came],
        order=came,
        at=orders.delivered[came] + _delay(rng, len(came)),
        scores={"csat": 1 + draw_places(rng, satisfied), "nps": _nps(rng, recommends)},
    )


def _after_chat(rng: np.random.Generator, world: World) -> Answers:
    """Return satisfaction and effort after a chat on the site, two questions of one survey."""
    opened, scores = world.steps.of("chat_open"), world.planted.scores
    person = world.visits.customer[world.steps.visit[opened]]
    said = _answers(rng, world.people.segment[person], world.planted.response.chat)
    n = int(said.sum())
    return Answers(
        touchpoint="chat",
        wave=None,
        person=person[said],
        order=np.full(n, -1),
        at=world.steps.at[opened][said] + rng.integers(900, 5400, n),
        scores={
            "csat": 1 + draw_places(rng, np.tile(scores.chat, (n, 1))),
            "ces": 1 + draw_places(rng, np.tile(scores.chat_effort, (n, 1))),
        },
    )


def _answers(rng: np.random.Generator, segment: Ints, chance: BySegment) -> Flags:
    """Return who of these segments answers."""
    return np.asarray(rng.random(len(segment)) < np.array(chance)[segment])


def _of_orders(rng: np.random.Generator, world: World, orders: Ints, chance: BySegment) -> Ints:
    """Return those orders whose customer answers."""
    return orders[_answers(rng, world.people.segment[world.orders.customer[orders]], chance)]


def _delay(rng: np.random.Generator, n: int) -> Ints:
    return np.rint(rng.beta(1, 3, n) * _ANSWERS_WITHIN_DAYS * DAY_S).astype(np.int64)


def _usual_nps(world: World, person: Ints) -> Floats:
    """Return each person's chance of promoter, passive, detractor when nothing went wrong."""
    nps = world.planted.nps
    return np.array([nps.new, nps.returning, nps.loyal])[world.people.segment[person]]


def _nps(rng: np.random.Generator, chances: Floats) -> Ints:
    """Return scores 0 to 10 given each one's chance of promoter, passive, detractor."""
    return draw_places(rng, chances.reshape(-1, 3) @ _WITHIN)
