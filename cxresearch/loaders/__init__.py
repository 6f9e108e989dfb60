"""Loaders: export files -> canonical table + quarantine.

A file is cut into records (:mod:`~cxresearch.loaders.records`), read as text
(:mod:`~cxresearch.loaders.reading`), cast to the kinds of its contract
(:mod:`~cxresearch.loaders.casting`), held against contract and named rules
(:mod:`~cxresearch.loaders.faults`), and shaped into the table
(:mod:`~cxresearch.loaders.loading`). An export format is one
:class:`~cxresearch.loaders.formats.Format`.
"""
