"""A package that is called: its arguments, its names, and what is no study."""

from __future__ import annotations

import inspect

import pandas as pd
import pytest

import cxresearch as cx


@pytest.mark.parametrize("room", [cx.findings, cx.journey_map])
def test_a_room_that_is_called_shows_its_arguments_and_its_names(room):
    assert "confidence" in inspect.signature(room).parameters
    assert dir(room) == sorted(room.__all__)
    with pytest.raises(TypeError, match=r"study must be a study, from cx\.open_study\(\); got"):
        room(pd.DataFrame({"a": [1]}))
