"""Whether the intervals of the kit hold what they promise: coverage, counted out or simulated.

``python -m cxresearch.calibrate`` (or ``make calibrate``) measures and writes
``docs/validity.md``. Every measurement calls the very functions a notebook calls, or enumerates
with the arrays behind them, and its seed is fixed: the same kit gives the same page.

===========  ====================================================================
enumerated   coverage over every outcome of a survey, weighted by its probability
simulated    coverage over seeded draws, with the Monte Carlo error
page         the measurements as a page of documentation
===========  ====================================================================
"""
