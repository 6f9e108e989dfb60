"""The part of the page about theme shares."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from cxresearch.calibrate import tagged, tagged_periods
from cxresearch.calibrate.coverage_page import row
from cxresearch.calibrate.tagged import THEMES


def section(*, draws: int = tagged.DRAWS, pairs: int = tagged_periods.PAIRS) -> str:
    """Return the part of the page about theme shares."""
    return (
        _HEAD.format(texts=tagged.TEXTS, coded=tagged.CODED, draws=draws)
        + _themes(draws)
        + _READING
        + _FIXED.format(
            texts=tagged.POPULATION,
            draws=draws,
            shares=_list(tagged.SHARES),
            sensitivities=_list(tagged.SENSITIVITIES),
            alarms=_list(tagged.ALARMS),
            codes=_list(tagged.CODES),
        )
        + _populations(tagged.fixed_shares(draws=draws))
        + _FIXED_READING
        + _periods(pairs)
    )


def _themes(draws: int) -> str:
    found = {(one.what, one.method): one.mean for one in tagged.theme_shares(draws=draws)}
    head = ("theme", "share", "tagger right", "wrong tags", *tagged.METHODS)
    lines = [row(*head), row(*["---"] * len(head))]
    lines += [
        row(
            theme,
            f"{share:.3g}",
            f"{sensitivity:.3g} / {specificity:.3g}",
            f"{tagged.expected_wrong(theme):.1f}",
            *(f"{found[theme, method]:.3f}" for method in tagged.METHODS),
        )
        for theme, (share, sensitivity, specificity) in THEMES.items()
    ]
    return "".join(lines)


def _populations(found: Mapping[int, Sequence[float]]) -> str:
    head = ("wrong tags among the codes", "populations", "mean", "least", "most")
    ends = [*list(found)[1:], None]
    lines = [row(*head), row(*["---"] * len(head))]
    lines += [
        row(
            f"{least} or more" if end is None else f"{least} to {end}",
            str(len(coverages)),
            *(
                f"{figure:.3f}"
                for figure in (sum(coverages) / len(coverages), min(coverages), max(coverages))
            ),
        )
        for (least, coverages), end in zip(found.items(), ends, strict=True)
    ]
    return "".join(lines)


def _periods(pairs: int) -> str:
    found = tagged_periods.called(pairs=pairs)
    lines = [row("theme", "share before", "after", "called"), row(*["---"] * 4)]
    lines += [
        row(theme, f"{THEMES[theme][0]:.3g}", f"{after:.3g}", f"{found.found[theme]:.3f}")
        for theme, after in tagged_periods.CHANGED.items()
    ]
    few, many = tagged_periods.DRIFT
    told = _PERIODS.format(
        texts=tagged_periods.OF_PERIOD,
        coded=tagged.CODED,
        few=few,
        many=many,
        pairs=pairs,
        themes=len(THEMES),
        kit=found.alike,
        naive=found.naive,
    )
    return told + "".join(lines) + _PERIODS_READING.format(others=found.others)


def _list(values: Sequence[float]) -> str:
    return ", ".join(f"{value:g}" for value in values)


_HEAD = """\

## Theme shares: a tagger that errs, and a few codes

{texts:,} texts of a draw are tagged and {coded} of them, drawn at random, coded. A cell is the
coverage over {draws:,} draws, nominal 0.950; "tagger right" is its sensitivity and specificity,
"wrong tags" how many can be expected among the codes. `naive`, `gold` and `ppi` are to hold the
share among the texts of the draw; `rogan_gladen` and the interval of `ppi` in the long run, by
which periods are compared, that among all texts such as these.

"""
_READING = """
- `ppi` is the default. `naive` is the share tagged, whose interval does not know that the tagger
  errs: it holds for some themes and hardly ever for others, as their errors happen to cancel. It
  is shown beside the others and never read.
- Where fewer than two wrong tags can be expected among the codes (wifi, damaged luggage), hardly
  anything is known of how the tagger errs: the interval covers more than it promises, and says so.
- `rogan_gladen` is for codes that are no random sample. It needs texts of the theme among them: it
  fails where ten or fewer can be expected (long lines, damaged luggage), and says so.

"""
_FIXED = """\
The same with texts that do not change: of {texts:,} the themes and the tags are fixed, and only
which of them are coded is drawn, {draws:,} times. Every share of {shares} with
every sensitivity of {sensitivities}, rate of false alarms of {alarms} and number of
codes of {codes}, by how many wrong tags can be expected among the codes; coverage of `ppi`.

"""
_FIXED_READING = """
- Counts are whole, so a coverage cannot be 0.950 everywhere: from two wrong tags on it is so on
  average, and within a few hundredths of it in each population. Below that it is more.

"""
_PERIODS = """\
Two periods of {texts:,} texts each, {coded} of each coded, with a tagger that comes to find a
theme that is not there in {many:.0%} of the other texts instead of {few:.0%}. Themes as frequent
in both: over {pairs} pairs the kit called a change in any of the {themes} themes in {kit:.1%},
adjusted to at most 5 %; the naive intervals lay apart in {naive:.1%}. With real changes beside the
drift:

"""
_PERIODS_READING = """
- "Called" is the share of the pairs in which the change was called, the right way. In any of the
  themes that had not changed one was called in {others:.1%}.
"""
