"""The journey map: stages by lanes, computed from what a shop's customers do and say.

- :func:`journey_map`: the map of a study; ``cx.journey_map(shop)``.
- :class:`JourneyMap`: its stages and cells, as a table, as HTML.
"""

from __future__ import annotations

from cxresearch.core.callable_room import answered_by
from cxresearch.journey_map.mapping import JourneyMap, journey_map

__all__ = ["JourneyMap", "journey_map"]

answered_by(__name__, "journey_map")
