"""Surveys: who answers, and what score they give."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd

from cxresearch.simulate.clock import DAY_S, HOUR_S, TIME_ZONE, Clock, utc_times
from cxresearch.simulate.draws import Draws, Flags, Floats, Ints, child_keys, numbered
from cxresearch.simulate.effects import BySegment
from cxresearch.simulate.planted import Employees
from cxresearch.simulate.visit_paths import has_pickup
from cxresearch.simulate.world import World

#: Lowest and highest score of each question.
SCALES = {"nps": (0, 10), "enps": (0, 10), "csat": (1, 5), "ces": (1, 7)}
#: Responses of one block are numbered from its number times this; those of employees from the end.
PER_BLOCK = 1_000_000
_EMPLOYEES = 90_000_000
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
    key, person, order, at : array of int
        The key of the answer, places in the people and the orders (-1 for none), UTC seconds.
    scores : dict of str to array of int
        The scores by metric; a comment goes with the first.
    """

    touchpoint: str | None
    wave: str | None
    key: Ints
    person: Ints
    order: Ints
    at: Ints
    scores: dict[str, Ints]

    def in_time(self, end_s: int) -> Answers:
        """Return the answers given before `end_s`, none in the hour that comes twice.

        When clocks go back, a local time between two and three looks like the same
        time an hour later; the export would lose which it was. So nobody answers in that hour.
        """
        asleep = utc_times(self.at).dt.tz_convert(TIME_ZONE).dt.hour.to_numpy() == _HOUR_TWICE
        at = self.at + np.where(asleep, 2 * HOUR_S, 0)
        kept = at < end_s
        return replace(
            self,
            key=self.key[kept],
            person=self.person[kept],
            order=self.order[kept],
            at=at[kept],
            scores={metric: score[kept] for metric, score in self.scores.items()},
        )


def draw_answers(world: World) -> list[Answers]:
    """Return the answers of customers to every survey, given before the end of the study."""
    answers = [
        *_relational(world),
        _after_checkout(world),
        _after_delivery(world),
        _after_return(world),
        _after_chat(world),
    ]
    return [one.in_time(world.clock.end_s) for one in answers]


def asked_in_waves(world: World) -> list[Ints]:
    """Return the persons that each relational wave asks."""
    people, nps, other = world.people, world.planted.nps, world.planted.other_people_asked
    found = []
    for wave, day in enumerate(nps.wave_days):
        sent = world.clock.begins(day)
        there = people.known & (people.arrived < sent) & (people.left > sent)
        if wave == other.wave:
            share = np.array(other.asks)[people.segment]
            there &= world.draws("surveys").uniform("asked", people.key) < share
        found.append(np.flatnonzero(there))
    return found


def surveys_table(world: World, answers: list[Answers]) -> pd.DataFrame:
    """Return the canonical surveys, by time; answers given together share their response id."""
    rows = pd.concat([_rows(one, survey) for survey, one in enumerate(answers)])
    rows = rows.sort_values(["at", "person", "survey", "metric"], kind="stable")
    response = rows.groupby(["at", "person", "survey"], sort=False).ngroup().to_numpy()
    first = world.block * PER_BLOCK + 1
    ids = numbered("R", int(response.max(initial=-1)) + 1, 8, first)[response]
    order, person, at = (rows[name].to_numpy() for name in ("order", "person", "at"))
    table = _table(ids, rows)
    table.insert(6, "customer_id", world.visible_ids(person, order, at))
    table.insert(8, "order_id", world.order_ids(order))
    return table


def employees_table(draws: Draws, clock: Clock, plan: Employees) -> pd.DataFrame:
    """Return what those who work there answer, as rows of the canonical surveys."""
    found = []
    for day in plan.wave_days:
        sent, who = clock.begins(day), np.arange(plan.people)
        key = child_keys(who, day)
        who, key = (values[draws.uniform("answers", key) < plan.answers] for values in (who, key))
        answers = Answers(
            touchpoint=None,
            wave=f"{clock.date(clock.day(day)):%Y-%m}",
            key=key,
            person=who,
            order=np.full(len(who), -1),
            at=sent + 9 * HOUR_S + _delay(draws, key),
            scores={"enps": _nps(draws, key, np.tile(plan.enps, (len(key), 1)))},
        )
        found.append(_rows(answers.in_time(clock.end_s), day))
    rows = pd.concat(found).sort_values(["at", "person"], kind="stable")
    table = _table(numbered("R", len(rows), 8, _EMPLOYEES + 1), rows)
    table.insert(6, "customer_id", None)
    table.insert(8, "order_id", None)
    return table


def _table(ids: np.ndarray, rows: pd.DataFrame) -> pd.DataFrame:
    low, high = np.array([SCALES[metric] for metric in rows["metric"]]).reshape(-1, 2).T
    return pd.DataFrame(
        {
            "response_id": ids,
            "ts": utc_times(rows["at"].to_numpy()),
            "metric": rows["metric"].to_numpy(dtype=object),
            "score": rows["score"].to_numpy(dtype=float),
            "scale_min": low.astype(float),
            "scale_max": high.astype(float),
            "touchpoint": rows["touchpoint"].to_numpy(),
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


def _relational(world: World) -> list[Answers]:
    """Return the NPS waves: those there are asked, and the satisfied answer more often."""
    draws, people, planted = world.draws("relational"), world.people, world.planted
    answers = []
    for wave, who in enumerate(asked_in_waves(world)):
        day = world.clock.day(planted.nps.wave_days[wave])
        key = child_keys(people.key[who], wave)
        feels = draws.place("feels", key, _usual_nps(world, who))
        chance = np.array(planted.response.relational)[people.segment[who]]
        chance *= np.array(planted.response.satisfied)[feels]
        said = draws.uniform("answers", key) < chance
        who, key = who[said], key[said]
        answers.append(
            Answers(
                touchpoint=None,
                wave=f"{world.clock.date(day):%Y-%m}",
                key=key,
                person=who,
                order=np.full(len(who), -1),
                at=world.clock.midnight(day) + 9 * HOUR_S + _delay(draws, key),
                scores={"nps": draws.place("score", key, _WITHIN[feels[said]])},
            )
        )
    return answers


def _after_checkout(world: World) -> Answers:
    """Return satisfaction with the checkout, asked on the thank-you page."""
    draws, orders, scores = world.draws("checkout"), world.orders, world.planted.scores
    every = np.arange(len(orders))
    placed, key = _of_orders(draws, world, every, world.planted.response.checkout)
    failed = orders.failed_payment[placed, None]
    chances = np.where(failed, scores.checkout_after_error, scores.checkout)
    return Answers(
        touchpoint="checkout",
        wave=None,
        key=key,
        person=orders.person[placed],
        order=placed,
        at=orders.at[placed] + draws.between("wait", key, 20, 300).astype(np.int64),
        scores={"csat": 1 + draws.place("csat", key, chances)},
    )


def _after_delivery(world: World) -> Answers:
    """Return satisfaction and NPS after delivery, two questions of one survey."""
    draws, orders, planted = world.draws("delivery"), world.orders, world.planted
    came = np.flatnonzero(orders.delivered >= 0)
    came, key = _of_orders(draws, world, came, planted.response.delivery)
    late = orders.late[came, None]
    satisfied = np.where(late, planted.scores.delivery_late, planted.scores.delivery_on_time)
    recommends = np.where(late, planted.nps.late, _usual_nps(world, orders.person[came]))
    return Answers(
        touchpoint="delivery",
        wave=None,
        key=key,
        person=orders.person[came],
        order=came,
        at=orders.delivered[came] + _delay(draws, key),
        scores={
            "csat": 1 + draws.place("csat", key, satisfied),
            "nps": _nps(draws, key, recommends),
        },
    )


def _after_return(world: World) -> Answers:
    """Return satisfaction and effort a week after a return was asked for."""
    draws, orders, planted = world.draws("returns"), world.orders, world.planted
    asked = np.flatnonzero(orders.return_asked >= 0)
    asked, key = _of_orders(draws, world, asked, planted.response.returns)
    launch = planted.pickup_launch
    reached = has_pickup(world.people, planted)[orders.person[asked]]
    reached &= orders.return_asked[asked] >= world.clock.begins(launch.first_day)
    reached &= draws.uniform("notices", key) < launch.noticed
    scores = planted.scores
    chances = np.where(reached[:, None], scores.returns_picked_up, scores.returns)
    effort = np.tile(scores.returns_effort, (len(key), 1))
    return Answers(
        touchpoint="returns",
        wave=None,
        key=key,
        person=orders.person[asked],
        order=asked,
        at=orders.return_asked[asked] + 7 * DAY_S + _delay(draws, key),
        scores={
            "csat": 1 + draws.place("csat", key, chances),
            "ces": 1 + draws.place("ces", key, effort),
        },
    )


def _after_chat(world: World) -> Answers:
    """Return satisfaction and effort after a chat on the site, two questions of one survey."""
    draws, scores = world.draws("chat"), world.planted.scores
    opened = np.flatnonzero(world.steps.of("chat_open"))
    visit = world.steps.visit[opened]
    person, key = world.visits.person[visit], world.visits.key[visit]
    said = _answers(draws, world, key, person, world.planted.response.chat)
    key, n = key[said], int(said.sum())
    return Answers(
        touchpoint="chat",
        wave=None,
        key=key,
        person=person[said],
        order=np.full(n, -1),
        at=world.steps.at[opened[said]] + draws.between("wait", key, 900, 5400).astype(np.int64),
        scores={
            "csat": 1 + draws.place("csat", key, np.array(scores.chat)),
            "ces": 1 + draws.place("ces", key, np.array(scores.chat_effort)),
        },
    )


def _answers(draws: Draws, world: World, key: Ints, person: Ints, chance: BySegment) -> Flags:
    """Return who of these persons answers."""
    share = np.array(chance)[world.people.segment[person]]
    return np.asarray(draws.uniform("answers", key) < share)


def _of_orders(draws: Draws, world: World, orders: Ints, chance: BySegment) -> tuple[Ints, Ints]:
    """Return those orders whose customer answers, and their keys."""
    key, person = world.orders.key[orders], world.orders.person[orders]
    said = _answers(draws, world, key, person, chance)
    return orders[said], key[said]


def _delay(draws: Draws, key: Ints) -> Ints:
    share = 1 - draws.uniform("delay", key) ** (1 / 3)  # beta(1, 3)
    return np.rint(share * _ANSWERS_WITHIN_DAYS * DAY_S).astype(np.int64)


def _usual_nps(world: World, person: Ints) -> Floats:
    """Return each person's chance of promoter, passive, detractor when nothing went wrong."""
    nps = world.planted.nps
    return np.array([nps.new, nps.returning, nps.loyal])[world.people.segment[person]]


def _nps(draws: Draws, key: Ints, chances: Sequence[Sequence[float]] | Floats) -> Ints:
    """Return scores 0 to 10 given each one's chance of promoter, passive, detractor."""
    return draws.place("nps", key, np.asarray(chances).reshape(-1, 3) @ _WITHIN)
