"""How many journeys follow a pattern, such as ``view->[^cart]*->(buy|reserve)$``."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, NamedTuple

import narwhals as nw

from cxresearch.core import validate
from cxresearch.core.documented import documented
from cxresearch.core.unit_sums import RatioSums
from cxresearch.engine import frames
from cxresearch.journeys.cells import Cells, View, cells
from cxresearch.journeys.counting_rules import CountingRules, Unit
from cxresearch.journeys.prepared import KEY, labelled_steps, never_happened
from cxresearch.stats.shares.proportions import clustered_proportion

if TYPE_CHECKING:
    import pandas as pd

    from cxresearch.journeys.prepared import Prepared
#: What comes before the first step of a unit, and a step that never was.
_BEGIN, _NEVER = 0, -1
#: The code of an event that never happened.
_NO_EVENT = -1
_TOKEN = re.compile(
    r"""(?P<sign>->|\[\^|[\^$()\]|*])
      | "(?P<quoted>[^"]+)"
      | (?P<name>(?:(?!->)[^\^$()\[\]|*"])+)
      | (?P<wrong>.)""",
    re.VERBOSE | re.DOTALL,
)


@dataclass(frozen=True, slots=True)
class Events:
    """Some events: those named, or all but those named."""

    names: tuple[str, ...]
    all_but: bool = False


ANY = Events((), all_but=True)


@dataclass(frozen=True, slots=True, kw_only=True)
class Pattern:
    """A pattern that was read.

    Parameters
    ----------
    parts : tuple of Events, length k
        What each of the events that are looked for may be.
    gaps : tuple of Events or None, length k + 1
        What may come, any number of times, before the first of them, between two, and after the
        last; None where nothing may.
    """

    parts: tuple[Events, ...]
    gaps: tuple[Events | None, ...]

    @property
    def names(self) -> tuple[str, ...]:
        """The events it names, each once, sorted."""
        named = [events for events in (*self.parts, *self.gaps) if events is not None]
        return tuple(sorted({name for events in named for name in events.names}))


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Patterns(Cells):
    """How many units follow each pattern; one unit may follow several.

    Parameters
    ----------
    view : View
        What was counted.

    See Also
    --------
    cxresearch.journeys.cells.Cells : The other fields.
    """

    view: View = field(repr=False)

    def checks(self) -> Iterator[tuple[str, int, int]]:
        """Yield what must agree: of each pattern the units counted, and the list of them."""
        codes = {text: code for code, text in self.view.names["pattern"].items()}
        for text, units in zip(self.frame["pattern"], self.frame["count"], strict=True):
            listed = frames.count(self.view.counted, nw.col("pattern") == codes[text])
            yield f"units that follow {text} = rows of their list", int(units), listed


@documented
def patterns(
    prepared: Prepared,
    texts: Sequence[str],
    *,
    unit: Unit = "session",
    labels: Mapping[str, str] | None = None,
    confidence: float = 0.95,
) -> Patterns:
    """Count the units that follow each of some patterns.

    A pattern is made of parts joined by ``->``; each is the event right after the one before:
    ``view`` is the event (in double quotes where its name has signs), ``(a|b)`` one of several,
    ``[^a|b]`` any but these, ``.`` any. A part with ``*`` is any number of these events, or none.
    ``^`` before the first part: the unit begins here; ``$`` after the last: it ends here. So
    ``cart->.*->buy`` is a purchase at any time after a cart, ``cart->[^buy]*$`` a cart that no
    purchase comes after, and ``^[^search]*->view`` a view before any search.

    Parameters
    ----------
    %(prepared)s
    texts : sequence of str
        The patterns.
    unit : {"customer", "session", "order"}, default "session"
        What a journey is; one that follows a pattern in several ways is counted once.
    labels : mapping of str to str, optional
        What patterns name instead of events, the touchpoint or stage of each, for instance.
    %(confidence)s

    Returns
    -------
    Patterns
        Per `pattern` its `share` of all units, in the order given.

    Raises
    ------
    ValueError
        If a text is no pattern; the error says at which character.

    Notes
    -----
    The intervals take customers as independent, not sessions.

    Examples
    --------
    >>> from cxresearch.journeys._example import PREPARED
    >>> found = patterns(PREPARED, ["view->cart", "cart->[^buy]*$", "buy->.*->view"])
    >>> found.frame[["pattern", "count", "share"]].round(2)
              pattern  count  share
    0      view->cart      2   0.67
    1  cart->[^buy]*$      1   0.33
    2   buy->.*->view      0   0.00
    """
    validate.share("confidence", confidence)
    view = pattern_view(prepared, texts, unit=unit, labels=labels)
    found = cells(view, confidence=confidence)
    named = sorted({name for text in texts for name in read_pattern(text).names})
    unknown = never_happened(named, prepared.events if labels is None else labels.values())
    return Patterns.of(
        view,
        _of_every(texts, found, view),
        confidence=confidence,
        remarks=(*unknown, *found.remarks),
        view=view,
    )


def pattern_view(
    prepared: Prepared,
    texts: Sequence[str],
    *,
    unit: Unit = "session",
    labels: Mapping[str, str] | None = None,
) -> View:
    """Return patterns as a view, to compare groups with :func:`cxresearch.journeys.compare`.

    The arguments are those of :func:`patterns`.

    Raises
    ------
    ValueError
        If a text is no pattern; the error says at which character.
    """
    texts = validate.listed("texts", texts, low=1)
    starts = prepared.coded_steps(unit).filter(nw.col("step") == 1)
    found = [
        _found(prepared, text, unit, labels).with_columns(pattern=nw.lit(code))
        for code, text in enumerate(texts)
    ]
    return View(
        counted=nw.concat(found),
        based=starts.select(*KEY),
        keys=("pattern",),
        rules=CountingRules(unit=unit),
        prepared=prepared,
        names={"pattern": dict(enumerate(texts))},
        once=True,
        starts=starts,
    )


def matching_units(
    prepared: Prepared,
    text: str,
    *,
    unit: Unit = "session",
    labels: Mapping[str, str] | None = None,
) -> frames.Frame:
    """Return the units that follow a pattern, lazily: a row each, `customer_id` and `unit`.

    The arguments are those of :func:`patterns`.

    Raises
    ------
    ValueError
        If the text is no pattern; the error says at which character.

    Examples
    --------
    >>> from cxresearch.journeys._example import PREPARED
    >>> matching_units(PREPARED, "cart->[^buy]*$").collect()["customer_id"].to_list()
    ['B']
    """
    return prepared.named(_found(prepared, text, unit, labels), unit)


def _found(
    prepared: Prepared, text: str, unit: Unit, labels: Mapping[str, str] | None
) -> frames.Frame:
    """Return the units that follow a pattern, of :meth:`Prepared.coded_steps`."""
    steps, names = labelled_steps(prepared, unit, labels)
    codes = {name: code for code, name in names.items()}
    return _Search(pattern=read_pattern(text), codes=codes).units(steps)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Search:
    """The search for one pattern along the steps of units.

    From part to part every row learns the last step before it that reached the part before, and
    the last one before it that the gap between forbids. Of all ways to come there the one that
    was last is enough, since the least lies between.
    """

    pattern: Pattern
    codes: Mapping[str, int]

    def units(self, steps: frames.Frame) -> frames.Frame:
        """Return the units that follow the pattern."""
        *gaps, end = self.pattern.gaps
        parts = [self._is(part) for part in self.pattern.parts]
        barred = [~self._is(gap) for gap in self.pattern.gaps if gap is not None]
        rows = steps.filter(nw.any_horizontal(*parts, *barred, ignore_nulls=False))
        rows = rows.with_columns(before=nw.lit(_BEGIN))
        for number, (part, gap) in enumerate(zip(parts, gaps, strict=True)):
            looked_for = {"before": nw.col("reached")} if number else {}
            rows = _last_before(rows, **looked_for, forbidden=self._forbidden(gap))
            there = part & _passed(gap, to=nw.col("step"))
            rows = rows.with_columns(reached=_step_where(there))
        last = rows.group_by(*KEY).agg(
            before=nw.col("reached").max(),
            forbidden=self._forbidden(end).max(),
            end=_step_where(nw.col("next_event").is_null()).max(),
        )
        return last.filter(_passed(end, to=nw.col("end") + 1)).select(*KEY)

    def _is(self, events: Events) -> nw.Expr:
        """Return whether a row's event is one of some."""
        codes = [self.codes.get(name, _NO_EVENT) for name in events.names]
        # An engine knows no empty list.
        found = nw.col("event").is_in([_NO_EVENT, *codes])
        return ~found if events.all_but else found

    def _forbidden(self, gap: Events | None) -> nw.Expr:
        """Return the step of a row that may not lie in a gap; where nothing may, none is asked."""
        return _step_where(~self._is(gap or ANY))


def _step_where(condition: nw.Expr) -> nw.Expr:
    return nw.when(condition).then(nw.col("step")).otherwise(_NEVER)


def _passed(gap: Events | None, *, to: nw.Expr) -> nw.Expr:
    """Return whether a gap leads from where the part before was last reached to a step."""
    right_after, free = nw.col("before") == to - 1, nw.col("forbidden") <= nw.col("before")
    return (nw.col("before") >= _BEGIN) & (right_after if gap is None else free)


def _last_before(rows: frames.Frame, **steps: nw.Expr) -> frames.Frame:
    """Return the largest of some steps among the rows of the unit before each row."""
    largest = {name: step.cum_max().over(*KEY, order_by="step") for name, step in steps.items()}
    shifted = {
        name: nw.col(name).shift(1).over(*KEY, order_by="step").fill_null(_NEVER) for name in steps
    }
    return rows.with_columns(**largest).with_columns(**shifted)


def _of_every(texts: Sequence[str], found: Cells, view: View) -> pd.DataFrame:
    """Return one row per pattern, also of those that no unit follows."""
    import pandas as pd

    of_customers = view.based.group_by("customer_id").agg(units=nw.len())
    (base,) = frames.rows(of_customers.select(nw.len().alias("n"), nw.col("units").sum()))
    n, units = int(base["n"]), int(base["units"] or 0)
    nothing = RatioSums(n=n, x=0, y=n, xx=0, xy=0, yy=n)
    share = clustered_proportion(nothing, confidence=found.confidence)
    never = {
        **{"count": 0, "of": units, "units": 0, "customers": 0, "n": n},
        **{"share": share.value, "ci_low": share.ci.low, "ci_high": share.ci.high},
    }
    counted = {row["pattern"]: row for row in found.frame.to_dict("records")}
    rows = [counted.get(text, {"pattern": text, **never}) for text in texts]
    return pd.DataFrame(rows, columns=found.frame.columns)


def read_pattern(text: str) -> Pattern:
    """Return the pattern that a text writes.

    Raises
    ------
    ValueError
        If it writes none; the error says at which character, the first being 1.

    Examples
    --------
    >>> read_pattern("view->.*->buy$").parts
    (Events(names=('view',), all_but=False), Events(names=('buy',), all_but=False))
    >>> read_pattern("view->[cart]")
    Traceback (most recent call last):
    ValueError: pattern must be a path (an event is missing at character 7); got 'view->[cart]'
    """
    return _Reader(text).pattern()


class _Token(NamedTuple):
    kind: str
    text: str
    place: int


def _tokens(text: str) -> Iterator[_Token]:
    for found in _TOKEN.finditer(text):
        kind = str(found.lastgroup)
        value = found[kind].strip() if kind == "name" else found[kind]
        if value:
            yield _Token(kind, value, found.start() + 1)
    yield _Token("end", "", len(text) + 1)


class _Reader:
    """Reads one text from its beginning to its end."""

    def __init__(self, text: str) -> None:
        self._text = text
        self._rest = list(_tokens(text))

    def pattern(self) -> Pattern:
        begins = self._skip("^")
        if begins:
            self._skip("->")
        parts: list[Events] = []
        gaps: list[Events | None] = []
        gap: Events | None = None if begins else ANY
        while True:
            place = self._rest[0].place
            events, repeated = self._part()
            if not repeated:
                parts.append(events)
                gaps.append(gap)
                gap = None
            elif gap is None:
                gap = events
            else:
                raise self._refused("^ or a part without *", place)
            if not self._skip("->") or self._rest[0][:2] == ("sign", "$"):
                break
        ends = self._skip("$")
        if self._rest[0].kind != "end":
            raise self._refused("->", self._rest[0].place)
        if gap is not None and not ends:
            raise self._refused("$ or a part without *", self._rest[0].place)
        if not parts:
            raise self._refused("a part without *", self._rest[0].place)
        gaps.append(gap if ends else ANY)
        return Pattern(parts=tuple(parts), gaps=tuple(gaps))

    def _part(self) -> tuple[Events, bool]:
        """Read one part, and whether it may come any number of times."""
        if self._skip("("):
            events = Events(self._names(until=")"))
        elif self._skip("[^"):
            events = Events(self._names(until="]"), all_but=True)
        elif self._rest[0][:2] == ("name", "."):
            self._rest.pop(0)
            events = ANY
        else:
            events = Events((self._name(),))
        return events, self._skip("*")

    def _names(self, *, until: str) -> tuple[str, ...]:
        names = [self._name()]
        while self._skip("|"):
            names.append(self._name())
        if not self._skip(until):
            raise self._refused(until, self._rest[0].place)
        return tuple(names)

    def _name(self) -> str:
        kind, text, place = self._rest[0]
        if kind not in ("name", "quoted"):
            raise self._refused("an event", place)
        self._rest.pop(0)
        return text

    def _skip(self, sign: str) -> bool:
        """Pass a sign, if it is there."""
        there = self._rest[0][:2] == ("sign", sign)
        if there:
            self._rest.pop(0)
        return there

    def _refused(self, what: str, place: int) -> ValueError:
        return validate.refused(
            "pattern", f"a path ({what} is missing at character {place})", self._text
        )
