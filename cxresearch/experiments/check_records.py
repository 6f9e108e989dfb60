"""What came of a check, and how a p-value is judged."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from cxresearch.core.remarks import Amount, Remark, Value
from cxresearch.core.table import Column, Table
from cxresearch.engine import frames
from cxresearch.experiments._format import p_remark
from cxresearch.experiments._metric_labels import in_variant, named
from cxresearch.stats.multiplicity import p_values
from cxresearch.stats.shares.sample_ratio import LEVEL

Standing = Literal["passed", "warning", "failed"]

#: A p-value below this is worth a look, though it blocks nothing.
WARNING_LEVEL = 0.01
NOTHING = "nothing to compare"
_STANDINGS = {
    "passed": "passed",
    "warning": "warning",
    "failed": "failed: it blocks the verdict",
}
_COLUMNS = (Column("check"), Column("standing"), Column("finding", "What was found"))
_RULE = "A check fails where p < {failed}, and warns where p < {warned}."

#: What is tested, by its name and the treatment.
Tested = tuple[str, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Check:
    """One check.

    Parameters
    ----------
    name : str
        What is checked, an English message.
    standing : {"passed", "warning", "failed"}
        What came of it; a failed one blocks the verdict.
    finding : Remark
        What was found.
    p_value : float
        The p-value of the test, for how many there were; nan where it is a count.
    """

    name: str
    standing: Standing
    finding: Remark
    p_value: float = math.nan


@dataclass(frozen=True, slots=True)
class Checks:
    """All checks of an experiment, in the order in which they are made."""

    checks: tuple[Check, ...]

    @property
    def blocked(self) -> bool:
        """Whether a check failed, so that no result may be read."""
        return any(check.standing == "failed" for check in self.checks)

    @property
    def rule(self) -> Remark:
        """How a p-value is judged."""
        values: dict[str, Value] = {
            "failed": Amount(LEVEL, "", 3),
            "warned": Amount(WARNING_LEVEL, "", 3),
        }
        return Remark(_RULE, values)

    @property
    def reasons(self) -> tuple[Check, ...]:
        """The checks that failed."""
        return tuple(check for check in self.checks if check.standing == "failed")

    def check(self, name: str) -> Check:
        """Return the check of a name."""
        return next(check for check in self.checks if check.name == name)

    def table(self) -> Table:
        """Return every check with what came of it: `check`, `standing`, `finding`."""
        import pandas as pd

        rows = [(one.name, _STANDINGS[one.standing], one.finding) for one in self.checks]
        return Table(
            frame=pd.DataFrame(rows, columns=[one.name for one in _COLUMNS]),
            columns=_COLUMNS,
            caption="The checks, before any result",
        )

    def _repr_html_(self) -> str:
        return self.table()._repr_html_()


def worst(
    name: str,
    tested: Mapping[Tested, float],
    message: str,
    what: str,
    *,
    said: Callable[[str], Remark] = named,
    counts: Mapping[Tested, Remark] | None = None,
) -> Check:
    """Return the check of the smallest of several p-values, adjusted for how many there are.

    Parameters
    ----------
    name : str
        What is checked, an English message.
    tested : mapping of (str, str) to float
        The p-values, by what is tested and the treatment.
    message : str
        What is said of the smallest, an English message.
    what : str
        The name of what was tested in the message's braces.
    said : callable
        How what was tested is said.
    counts : mapping of (str, str) to Remark, optional
        The counts behind each, for the message.
    """
    known = {label: p for label, p in tested.items() if not math.isnan(p)}
    if not known:
        return Check(name=name, standing="passed", finding=Remark(NOTHING))
    adjusted = dict(
        zip(known, p_values.adjusted(known.values(), method="holm").tolist(), strict=True)
    )
    label = min(known, key=lambda one: known[one])
    values: dict[str, Value] = {
        what: in_variant(said(label[0]), label[1]),
        "p": p_remark(adjusted[label]),
    }
    if counts:
        values["counts"] = counts[label]
    return judged(name, adjusted[label], Remark(message, values))


def judged(name: str, p_value: float, finding: Remark) -> Check:
    """Return the check of a p-value: failed below .001, a warning below .01."""
    if math.isnan(p_value):
        return Check(name=name, standing="passed", finding=Remark(NOTHING))
    standing: Standing = "passed"
    if p_value < WARNING_LEVEL:
        standing = "failed" if p_value < LEVEL else "warning"
    return Check(name=name, standing=standing, finding=finding, p_value=frames.stable(p_value))


def listed(values: Sequence[int | Amount], names: Sequence[str] = ()) -> Remark:
    """Return numbers one beside another, each as the reader's language writes it.

    With `names` each number follows its own.

    Examples
    --------
    >>> from cxresearch.core.languages import Language
    >>> listed([1191, Amount(0.5, "share")]).words(Language("it"))
    '1.191 / 50,0%'
    >>> listed([41, 35], ["control", "one_page"]).words(Language("en"))
    'control 41 / one_page 35'
    """
    said: dict[str, Value] = {f"n{place}": value for place, value in enumerate(values)}
    said |= {f"name{place}": name for place, name in enumerate(names)}
    one = "{{name{0}}} {{n{0}}}" if names else "{{n{0}}}"
    return Remark(" / ".join(one.format(place) for place in range(len(values))), said)
