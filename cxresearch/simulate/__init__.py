"""An invented Italian online shop whose truth is known: demo, test bed and calibration.

- :func:`shop` simulates a whole linked study over three years from one seed;
- :func:`write` writes it as the exports a real shop would give;
- :func:`plan` and :func:`write_blocks` do both at once for more people than memory holds;
- :class:`Planted` holds every planted effect; :class:`Shop` is the simulated study.
"""

from __future__ import annotations

from cxresearch.simulate.exports import write, write_blocks
from cxresearch.simulate.planted import Planted
from cxresearch.simulate.shop import Shop, Study, plan, shop

__all__ = ["Planted", "Shop", "Study", "plan", "shop", "write", "write_blocks"]


def __dir__() -> list[str]:
    return __all__
