"""Whether the kit holds what it promises: intervals, tests and plans, counted out or simulated.

``python -m cxresearch.calibrate`` (or ``make calibrate``) measures and writes
``docs/validity.md``. Every measurement calls the very functions a notebook calls, or enumerates
with the arrays behind them, and its seed is fixed: the same kit gives the same page.

================  ===============================================================
coverages         of intervals: over every outcome of a survey, or over seeded draws
coverage_page     the coverages as a page of documentation
path_cells        the shares of paths and their comparison, and their part of the page
scenes            customers of finitely many kinds, and an experiment run many times on them
methods           all methods that read an experiment once, and what not to do instead
peeking           experiments that are looked at more than once
adjusted_lifts    differences and lifts adjusted for covariates, and their part of the page
experiments_page  the part of the page about experiments
tagged            theme shares from a tagger that errs
tagged_periods    changes of theme shares, when the tagger drifts meanwhile
tagged_page       the part of the page about both
identifiers       invented identifiers of every kind, and the ways people write them
redacted_texts    sentences that identifiers stand in, and sentences with other numbers
redaction         how many identifiers are taken out, and how many other texts are altered
redaction_page    the part of the page about redaction
================  ===============================================================
"""
