"""The experiments of the shop: who was exposed to which variant, and when first."""

from __future__ import annotations

import numpy as np
import pandas as pd

from cxresearch.simulate.arrays import Ints, Texts
from cxresearch.simulate.block import Holdout
from cxresearch.simulate.clock import utc_times
from cxresearch.simulate.draws import Draws
from cxresearch.simulate.visit_paths import units, variant
from cxresearch.simulate.world import World

#: The variants of a holdout, in this order: those who go on as before, and those held out.
HOLDOUT = ("shown", "held_out")


def exposures_table(world: World) -> pd.DataFrame:
    """Return each exposed customer's variant at the first exposure, by time."""
    parts = [_checkout(world), *(_holdout(world, trial) for trial in world.holdouts)]
    table = pd.concat(parts)
    return table.sort_values(["ts", "customer_id"], kind="stable", ignore_index=True)


def checkout_entries(world: World) -> tuple[Ints, Ints, Ints, Ints]:
    """Return the unit, person, time and variant of each first checkout within the experiment."""
    plan, steps, visits = world.planted.experiment, world.steps, world.visits
    start = visits.start[steps.visit]
    met = steps.of("begin_checkout") & world.clock.within(start, plan.first_day, plan.last_day)
    person, at = visits.person[steps.visit[met]], steps.at[met]
    unit = units(world.people, person, start[met])
    order = np.lexsort((at, unit))
    first = order[np.unique(unit[order], return_index=True)[1]]
    draws = Draws(world.seed, "visits")
    return unit[first], person[first], at[first], variant(draws, unit[first])


def _checkout(world: World) -> pd.DataFrame:
    plan = world.planted.experiment
    unit, person, at, code = checkout_entries(world)
    ids = np.where(unit % 2 == 1, world.people.second_ids[person], world.people.ids[person])
    return _table(plan.name, np.array(plan.variants, dtype=object)[code], ids, at)


def _holdout(world: World, trial: Holdout) -> pd.DataFrame:
    """Return who was and was not held out, from the moment it began."""
    who = np.flatnonzero(trial.among)
    at = np.full(len(who), trial.begins)
    variants = np.array(HOLDOUT, dtype=object)[trial.held[who].astype(np.int64)]
    return _table(trial.name, variants, world.people.ids_at(who, at), at)


def _table(name: str, variants: Texts, ids: Texts, at: Ints) -> pd.DataFrame:
    return pd.DataFrame(
        {"experiment": name, "variant": variants, "customer_id": ids, "ts": utc_times(at)}
    )
