"""How well a theme is found: by its rule, by a model, and which of the two is used."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, fields
from typing import TYPE_CHECKING, Any, Literal

import numpy as np

from cxresearch.core.results import Estimate, Result, as_columns
from cxresearch.core.unit_sums import RatioSums
from cxresearch.stats.shares.proportions import clustered_proportion

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Truths = NDArray[np.bool_]

Used = Literal["rule", "model"]

MODEL_BETTER = "the model's F1 on texts it did not learn from is higher than the rule's"
RULE_AS_GOOD = "the rule's F1 is at least as high as the model's"
TOO_FEW = "too few coded texts are of the theme, or are not, to learn from"
NOT_CODED = "the theme was not coded"
NO_INTERVAL = "no interval: an average over themes; each theme has its own"


@dataclass(frozen=True, slots=True, kw_only=True)
class ModelCard(Estimate):
    """How well a theme is found, by its rule and by a model, and which of them is used.

    `value` and `ci` are the F1 of what is used, on coded texts that the model did not learn from.

    Parameters
    ----------
    theme : str
        The key of the theme.
    used : {"rule", "model"}
        What finds the theme from now on; `note` says why.
    positives : int
        How many of the `n` coded texts are of the theme.
    rule, model : Estimate
        The F1 of each, 0-1; nan with a note where it is undefined.
    precision, recall : Estimate
        Of what is used: the share of the texts found that are of the theme, and the share of the
        texts of the theme that are found.
    terms : tuple of str
        The words that speak most for the theme in the model, the strongest first.

    See Also
    --------
    cxresearch.core.results.Estimate : The other fields.
    """

    theme: str
    used: Used
    positives: int
    rule: Estimate
    model: Estimate
    precision: Estimate
    recall: Estimate
    terms: tuple[str, ...] = ()

    def to_dict(self) -> dict[str, Any]:
        """Return the fields in order; each estimate becomes three columns, the terms one text."""
        row: dict[str, Any] = {"theme": self.theme, "used": self.used}
        row |= {one.name: getattr(self, one.name) for one in fields(Estimate) if one.name != "ci"}
        row |= {"ci_low": self.ci.low, "ci_high": self.ci.high, "positives": self.positives}
        for name in ("rule", "model", "precision", "recall"):
            row |= as_columns(name, getattr(self, name))
        return row | {"terms": ", ".join(self.terms)}


def model_card(
    theme: str,
    *,
    rule: Truths,
    truth: NDArray[Any] | None,
    model: Truths | None = None,
    terms: tuple[str, ...] = (),
    confidence: float = 0.95,
) -> ModelCard:
    """Compare what a rule and a model found with what coders said.

    Notes
    -----
    F1 is 2 hits / (found + there), a ratio of sums over texts, whose interval is Wilson's on the
    effective sample size.

    References
    ----------
    van Rijsbergen (1979), Information Retrieval, chapter 7.

    Examples
    --------
    >>> truth = np.array([True, True, True, False])
    >>> rule, model = np.array([True, False, False, False]), np.array([True, True, False, False])
    >>> card = model_card("delivery", rule=rule, truth=truth, model=model)
    >>> card.used, card.rule.value, card.model.value, card.precision.value
    ('model', 0.5, 0.8, 1.0)
    """
    coded = np.zeros(len(rule), dtype=bool) if truth is None else ~np.isnan(truth)
    there = np.zeros(0, dtype=bool) if truth is None else truth[coded] == 1
    hits = rule[coded]
    by_model = np.zeros(0, dtype=bool) if model is None else model[coded]
    scores = _f1(hits, there, confidence), _f1(by_model, there[: len(by_model)], confidence)
    better = _is_better(scores[1].value, scores[0].value)
    found, score = (by_model, scores[1]) if better else (hits, scores[0])
    return ModelCard(
        value=score.value,
        ci=score.ci,
        n=len(there),
        unit="share",
        confidence=confidence,
        method="F1, Wilson score on the effective sample size, cross-validated",
        note=_reason(truth, model is not None, better),
        theme=theme,
        used="model" if better else "rule",
        positives=int(there.sum()),
        rule=scores[0],
        model=scores[1],
        precision=_share(found & there, found, confidence),
        recall=_share(found & there, there, confidence),
        terms=terms if better else (),
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class F1Averages(Result):
    """The F1 of all themes together, on coded texts that no model learnt from.

    Parameters
    ----------
    micro : float
        2 hits / (found + there) over the texts of all themes: every tag counts the same.
    macro : float
        The mean of the themes' F1: every theme counts the same.
    weighted : float
        The same, each theme with its number of texts.
    themes : int
        The themes that are in; those whose F1 is undefined, or that were not coded, are not.
    positives : int
        How many tags the coders gave.
    unit : str
        Always ``"share"``.
    note : str
        What a reader must know.
    """

    micro: float
    macro: float
    weighted: float
    themes: int
    positives: int
    unit: str = "share"
    note: str = NO_INTERVAL


def f1_averages(cards: Sequence[ModelCard]) -> F1Averages:
    """Return the micro, macro and weighted F1 over themes; nan where no theme has one.

    References
    ----------
    Manning, Raghavan & Schuetze (2008), Introduction to Information Retrieval, section 13.6.

    Examples
    --------
    Of four texts 1 of 2 and 2 of 2 are found, and one too many each time.

    >>> truth = np.array([[1.0, 1], [1, 1], [0, 0], [0, 0]])
    >>> rule = np.array([[True, True], [False, True], [True, True], [False, False]])
    >>> both = zip("ab", rule.T, truth.T, strict=True)
    >>> cards = [model_card(name, rule=one, truth=coded) for name, one, coded in both]
    >>> found = f1_averages(cards)
    >>> round(found.micro, 3), round(found.macro, 3), found.positives
    (0.667, 0.65, 4)
    """
    known = [card for card in cards if not np.isnan(card.value)]
    scores = np.array([card.value for card in known])
    there = np.array([card.positives for card in known])
    found = np.array([card.precision.n if card.precision.value >= 0 else 0 for card in known])
    hits = np.array([card.recall.value * card.positives if card.positives else 0 for card in known])
    both = found.sum() + there.sum()
    return F1Averages(
        micro=float(2 * hits.sum() / both) if both else np.nan,
        macro=float(scores.mean()) if known else np.nan,
        weighted=float(scores @ there / there.sum()) if there.sum() else np.nan,
        themes=len(known),
        positives=int(there.sum()),
    )


def _is_better(model: float, rule: float) -> bool:
    return model > rule or bool(np.isnan(rule) and not np.isnan(model))


def _reason(truth: NDArray[Any] | None, tried: bool, better: bool) -> str:
    if truth is None:
        return NOT_CODED
    if not tried:
        return TOO_FEW
    return MODEL_BETTER if better else RULE_AS_GOOD


def _f1(found: Truths, truth: Truths, confidence: float) -> Estimate:
    return _share(2 * (found & truth), 1 * found + truth, confidence)


def _share(part: NDArray[Any], whole: NDArray[Any], confidence: float) -> Estimate:
    """Return a ratio of sums over texts, those that have a part in it."""
    counts = whole > 0
    sums = RatioSums.from_arrays(part[counts], whole[counts])
    return clustered_proportion(sums, confidence=confidence)
