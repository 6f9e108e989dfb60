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
planted_shops     whole shops with effects planted, and what is found in them
peeking           experiments that are looked at more than once
adjusted_lifts    differences and lifts adjusted for covariates, and their part of the page
experiments_page  the part of the page about experiments
tagged            theme shares and their changes, from a tagger that errs and drifts
train_sentiment   the sentiment head, learnt anew, and how its neutral band errs
redaction         how many invented identifiers are taken out, and other texts altered
================  ===============================================================
"""
