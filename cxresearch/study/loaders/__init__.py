"""Loaders: export files -> canonical table + quarantine.

A file is cut into records (:mod:`~cxresearch.study.loaders.csv_records`), read as text
(:mod:`~cxresearch.study.loaders.export_reading`), cast to the kinds of its contract
(:mod:`~cxresearch.study.loaders.casting`), held against contract and named rules
(:mod:`~cxresearch.study.loaders.row_faults`), and shaped into the table
(:mod:`~cxresearch.study.loaders.loading`). An export format is one
:class:`~cxresearch.study.loaders.formats.Format`.
"""
