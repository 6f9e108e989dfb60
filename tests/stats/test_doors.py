"""The room of statistics: its modules are its doors, and its table names each of them."""

from __future__ import annotations

import re
import subprocess
import sys

import pytest

from cxresearch import stats


def test_the_table_names_every_module():
    named = re.findall(r"^(\w+) {2,}\S", stats.__doc__, re.MULTILINE)
    assert sorted(named) == dir(stats) == stats.__all__


def test_a_module_is_there_when_it_is_asked_for():
    program = "import cxresearch as cx; print(cx.stats.log_rank.__name__)"
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True)
    assert done.stdout.strip() == "cxresearch.stats.log_rank"
    with pytest.raises(AttributeError, match="no attribute 'nothing'"):
        stats.nothing  # noqa: B018
