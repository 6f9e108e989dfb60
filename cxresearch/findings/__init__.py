"""Findings: of all that is measured, what moved, what it is worth, and what to do about it.

- :func:`findings`: what moved in a study, the costliest open finding first; ``cx.findings(shop)``.
- :class:`Finding`, :class:`Findings`: one, and all with their ranks.
"""

from __future__ import annotations

from cxresearch.core.callable_room import answered_by
from cxresearch.findings.finding import Finding, Findings
from cxresearch.findings.watch import findings

__all__ = ["Finding", "Findings", "findings"]

answered_by(__name__, "findings")
