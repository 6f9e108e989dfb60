"""Whether the kit holds what it promises: intervals, tests and plans, counted out or simulated.

``python -m cxresearch.calibrate`` (or ``make calibrate``) measures and writes
``docs/validity.md``. Every measurement calls the very functions a notebook calls, or enumerates
with the arrays behind them, and its seed is fixed: the same kit gives the same page.

================  ===============================================================
enumerated        coverage over every outcome of a survey, weighted by its probability
simulated         coverage over seeded draws, with the Monte Carlo error
path_cells        the shares of paths and their comparison, with customers who are alike
populations       customers of finitely many kinds, whose experiments are one draw each
scenes            an experiment run many times, without an effect and with the planned one
two_groups        the methods that compare one sample with another
methods           all methods that read an experiment once, and what not to do instead
peeking           experiments that are looked at more than once
page              the coverages as a page of documentation
adjusted_lifts    differences and lifts adjusted for covariates, and their part of the page
experiments_page  the part of the page about experiments
paths_page        the part of the page about paths
tagged            theme shares and their changes, from a tagger that errs and drifts
train_sentiment   the sentiment head, learnt anew, and how its neutral band errs
redaction         how many invented identifiers are taken out, and other texts altered
================
"""
