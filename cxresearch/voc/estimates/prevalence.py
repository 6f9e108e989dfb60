"""What share of texts is of each theme, with the tagger's error counted."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Literal

import numpy as np

from cxresearch.core import validate
from cxresearch.core.documented import documented
from cxresearch.core.remarks import Amount, Remark
from cxresearch.core.results import Estimate, Interval, as_columns, fields_of
from cxresearch.core.unit_sums import RatioSums
from cxresearch.engine import frames
from cxresearch.stats.means.ratios import ratio_of_sums
from cxresearch.stats.shares.corrected_shares import (
    Both,
    LabelledSample,
    labelled_shares,
    prediction_powered_shares,
    rogan_gladen,
    tagged_share,
)
from cxresearch.voc.coding.sampling import RANDOM

if TYPE_CHECKING:
    import pandas as pd
    from numpy.typing import NDArray

    Array = NDArray[np.float64]


Method = Literal["ppi", "rogan_gladen", "gold"]

_UNCORRECTED = "{share} (by the rules alone, uncorrected)"
NOT_AT_RANDOM = "texts that were suggested for coding, not drawn at random, do not count"


def _rogan_gladen(units: LabelledSample, *, confidence: float) -> Both:
    """Return the share twice: the interval of Lang and Reiczigel is always in the long run."""
    found = rogan_gladen(units, confidence=confidence)
    return found, found


#: By method the estimates of the share of the texts at hand, and of that in the long run.
_ESTIMATES: dict[str, Callable[..., Both]] = {
    "ppi": prediction_powered_shares,
    "rogan_gladen": _rogan_gladen,
    "gold": labelled_shares,
}

#: The group of all texts.
ALL = "all"
#: The column of the weights of the codes, beside those of the themes.
_WEIGHT = "weight of the code"


@dataclass(frozen=True, slots=True, kw_only=True)
class Prevalence(Estimate):
    """The share of the texts at hand that are of a theme; its interval is of these texts.

    Parameters
    ----------
    theme : str
        The key of the theme.
    group : str
        The stage, segment or period; ``"all"`` without groups.
    naive : Estimate
        The share that was tagged. Its interval does not know that the tagger errs: it is shown to
        compare, never to conclude from.
    long_run : Estimate
        The share with its interval among all texts like these, by which periods are compared: a
        month of texts is a sample too. The interval of `naive` is of these as well.
    texts : int
        How many texts were tagged.
    coded : int
        How many of them people coded; `n` counts the customers who wrote those.

    See Also
    --------
    cxresearch.core.results.Estimate : The other fields.
    """

    theme: str
    group: str
    naive: Estimate
    long_run: Estimate
    texts: int
    coded: int

    @property
    def uncorrected(self) -> Remark:
        """The share that was tagged, for a sentence that says what it is."""
        return Remark(_UNCORRECTED, {"share": Amount(self.naive.value, "share")})

    def to_dict(self) -> dict[str, Any]:
        """Return the fields in order, the theme and the group first, the other estimates last."""
        row: dict[str, Any] = {"theme": self.theme, "group": self.group}
        row |= Estimate.to_dict(self)
        del row["naive"], row["long_run"]
        row |= as_columns("naive", self.naive)
        return row | {"long_run_low": self.long_run.ci.low, "long_run_high": self.long_run.ci.high}


@dataclass(frozen=True, slots=True)
class Prevalences:
    """The shares of themes, one for each theme and group.

    Parameters
    ----------
    estimates : tuple of Prevalence
        In the order of the themes, then of the groups.
    """

    estimates: tuple[Prevalence, ...]

    def __iter__(self) -> Iterator[Prevalence]:
        return iter(self.estimates)

    def of(self, theme: str, group: str = ALL) -> Prevalence:
        """Return the share of a theme in a group.

        Raises
        ------
        ValueError
            If there is no such theme, or no such group.
        """
        validate.one_of("theme", theme, list(dict.fromkeys(one.theme for one in self)))
        validate.one_of("group", group, list(dict.fromkeys(one.group for one in self)))
        return next(one for one in self if (one.theme, one.group) == (theme, group))

    def to_frame(self) -> pd.DataFrame:
        """Return one row per theme and group."""
        import pandas as pd

        return pd.DataFrame([one.to_dict() for one in self])

    def _repr_html_(self) -> str:
        return self.to_frame().to_html(index=False, float_format="{:.3g}".format)


@documented
def prevalence(
    tags: pd.DataFrame,
    gold: pd.DataFrame,
    *,
    method: Method = "ppi",
    weights: Iterable[float] | None = None,
    clusters: Iterable[Any] | None = None,
    by: Iterable[Any] | None = None,
    confidence: float = 0.95,
) -> Prevalences:
    """Estimate which share of texts is of each theme.

    Parameters
    ----------
    tags : pandas.DataFrame, n rows
        Which themes a tagger found in every text: a column of truths per theme; the index names
        the texts. Texts with nothing in them can be of no theme and do not belong here.
    gold : pandas.DataFrame
        What people said of some of them: a column per theme with 1, 0 or nan. A column `text_id`,
        else the index, names the texts; of a column `drawn` only what was drawn at random counts,
        and the note says so where there is more; a column `probability` gives the weights. It is
        what :func:`cxresearch.voc.gold_codes` returns.
    method : {"ppi", "rogan_gladen", "gold"}
        Prediction-powered inference; Rogan and Gladen's correction, for codes that are no random
        sample of all texts but one within those of the theme and one within the others; or the
        codes alone.
    weights : iterable of float, optional
        One per row of `gold`: one over the chance with which it was drawn, up to a factor.
    %(clusters)s
    by : iterable of length n, optional
        The stage, segment or period of each text; a text without one is in no group.
    %(confidence)s

    Returns
    -------
    Prevalences
        For each theme in both `tags` and `gold`, and each group in order; nan with a note where
        nobody coded a text of the group.

    Raises
    ------
    ValueError
        If a length is wrong, a text of `gold` is not in `tags` or twice there, no theme is in
        both, or an argument is none of what is allowed.

    References
    ----------
    See :func:`cxresearch.stats.shares.corrected_shares.prediction_powered` and
    :func:`cxresearch.stats.shares.corrected_shares.rogan_gladen`.

    Examples
    --------
    >>> import pandas as pd
    >>> tags = pd.DataFrame({"delivery": [True, False] * 500})
    >>> codes = [0, 0] * 5 + [1, 0] * 45
    >>> found = prevalence(tags, pd.DataFrame({"delivery": codes})).of("delivery")
    >>> round(found.value, 3), round(found.naive.value, 3), found.n
    (0.45, 0.5, 100)
    """
    validate.one_of("method", method, tuple(_ESTIMATES))
    coded = CodedThemes.of(tags, gold, weights=weights, clusters=clusters)
    every = {ALL: np.ones(len(tags), dtype=bool)}
    groups = every if by is None else groups_of(by, len(tags))
    return coded.shares(groups, method=method, confidence=confidence)


@dataclass(frozen=True, slots=True, eq=False)
class CodedThemes:
    """Texts with what a tagger and people found in them.

    Parameters
    ----------
    themes : dict of str to LabelledSample
        By theme the texts, all in one order.
    note : str
        What is said beside every share of them.
    """

    themes: dict[str, LabelledSample]
    note: str

    @classmethod
    def of(
        cls,
        tags: pd.DataFrame,
        gold: pd.DataFrame,
        *,
        weights: Iterable[float] | None = None,
        clusters: Iterable[Any] | None = None,
    ) -> CodedThemes:
        """Return the themes that are in both tables; the arguments are those of `prevalence`."""
        seen = _codes_by_text(tags, gold, weights)
        themes = [theme for theme in tags.columns if theme in seen.columns]
        validate.whole("the number of themes in both tags and gold", len(themes), low=1)
        customers = customer_numbers(clusters, len(tags))
        weight = seen[_WEIGHT].to_numpy(dtype=float)
        samples = {
            theme: LabelledSample.of(
                tags[theme].to_numpy(dtype=float),
                seen[theme].to_numpy(dtype=float),
                weights=weight,
                clusters=customers,
            )
            for theme in themes
        }
        is_mixed = "drawn" in gold.columns and (gold["drawn"] != RANDOM).any()
        return cls(samples, NOT_AT_RANDOM if is_mixed else "")

    def shares(
        self,
        groups: Mapping[str, NDArray[np.bool_]],
        *,
        method: Method = "ppi",
        confidence: float = 0.95,
    ) -> Prevalences:
        """Return the share of every theme among the texts of each group."""
        found = [
            _prevalence(theme, group, units.some(own), method, confidence)
            for theme, units in self.themes.items()
            for group, own in groups.items()
        ]
        return Prevalences(tuple(replace(one, note=_join(one.note, self.note)) for one in found))


def groups_of(by: Iterable[Any], n: int) -> dict[str, NDArray[np.bool_]]:
    """Return which of n texts are of each group, by its name; a text without one is of none."""
    labels = _align(by, n, "by").map(str, na_action="ignore")
    return {name: (labels == name).to_numpy() for name in sorted(labels.dropna().unique())}


def _join(*remarks: str) -> str:
    return "; ".join(remark for remark in remarks if remark)


def _prevalence(
    theme: str, group: str, units: LabelledSample, method: Method, confidence: float
) -> Prevalence:
    at_hand, long_run = _ESTIMATES[method](units, confidence=confidence)
    return Prevalence(
        **fields_of(at_hand),
        theme=theme,
        group=group,
        naive=tagged_share(units, confidence=confidence),
        long_run=long_run,
        texts=len(units.guesses),
        coded=int(units.looked_at.sum()),
    )


def _codes_by_text(
    tags: pd.DataFrame, gold: pd.DataFrame, weights: Iterable[float] | None
) -> pd.DataFrame:
    """Return the codes and their weights in the rows of the tags; nan where nobody coded."""
    codes = gold.set_index("text_id") if "text_id" in gold.columns else gold.copy()
    codes[_WEIGHT] = 1 / codes["probability"] if "probability" in codes.columns else 1.0
    if weights is not None:
        codes[_WEIGHT] = _align(weights, len(gold), "weights").to_numpy()
    if "drawn" in codes.columns:
        codes = codes[codes["drawn"] == RANDOM]
    for name, index in (("tags", tags.index), ("gold", codes.index)):
        if not index.is_unique:
            twice = index[index.duplicated()][0]
            raise ValueError(f"{name} must name each text once; got {twice!r} twice")
    unknown = codes.index.difference(tags.index)
    if len(unknown):
        raise ValueError(
            f"gold must be of texts in tags ({len(unknown)} of {len(codes)} are not); "
            f"got {unknown[0]!r}"
        )
    return codes.reindex(tags.index)


def _align(values: Iterable[Any], n: int, name: str) -> pd.Series[Any]:
    import pandas as pd

    if isinstance(values, pd.Series):
        found = values.astype(object).reset_index(drop=True)
    else:
        found = pd.Series(list(values), dtype=object)
    validate.one_of(f"the length of {name}", len(found), (n,))
    return found


def customer_numbers(clusters: Iterable[Any] | None, n: int) -> NDArray[np.int_]:
    """Return a number for each customer; a text without one has a number of its own."""
    if clusters is None:
        return np.arange(n)
    return frames.customer_codes(_align(clusters, n, "clusters"))


#: A text's vector has 32 bits, the last of which depend on the texts that were read with it.
_DIGITS = 6


def sums_over_customers(values: Array, customers: NDArray[np.int_]) -> RatioSums:
    """Return the sums of values that are all known, and of their number, over customers."""
    places = np.unique(customers, return_inverse=True)[1]
    return RatioSums.from_arrays(np.bincount(places, values), np.bincount(places))


def mean_over_customers(
    values: Array, customers: NDArray[np.int_], *, unit: str, confidence: float
) -> Estimate:
    """Estimate the mean of what is known of some texts; nan is not known."""
    known = ~np.isnan(values)
    sums = sums_over_customers(values[known], customers[known])
    return ratio_of_sums(sums, unit=unit, confidence=confidence)


def mean_sentiment(values: Array, customers: NDArray[np.int_], *, confidence: float) -> Estimate:
    """Estimate the mean sentiment of some texts, to the digits that are the same in every run."""
    found = mean_over_customers(values, customers, unit="", confidence=confidence)
    low, high = (round(end, _DIGITS) for end in found.ci)
    return replace(found, value=round(found.value, _DIGITS), ci=Interval(low, high))
