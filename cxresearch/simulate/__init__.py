"""An invented Italian online shop whose truth is known: demo, test bed and calibration.

- :func:`shop` simulates a whole linked study from one seed;
- :func:`write` writes it as the exports a real shop would give;
- :class:`Planted` holds every planted effect; :class:`Shop` is the simulated study.
"""

from __future__ import annotations

from cxresearch.simulate.planted import Planted
from cxresearch.simulate.shop import Shop, shop
from cxresearch.simulate.write import write

__all__ = ["Planted", "Shop", "shop", "write"]
