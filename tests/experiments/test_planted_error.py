"""A payment error planted while the experiment runs shows on its device, in both variants."""

from __future__ import annotations

from pathlib import Path

import pytest

import cxresearch as cx
from cxresearch import experiments, simulate
from cxresearch.study import manifest


@pytest.fixture(scope="module")
def analysis(tmp_path_factory: pytest.TempPathFactory):
    """The demo's experiment in a smaller shop whose payments fail on mobile all the while."""
    root = tmp_path_factory.mktemp("shop")
    folder = root / "data" / "demo"
    demo = Path(manifest.path_of("demo")).read_text("utf-8")
    early = {"payment_error": {"first_day": 800}}
    simulate.write(simulate.shop(seed=5, customers=12_000, faults=False, effects=early), folder)
    (folder / manifest.FILE_NAME).write_text(demo, "utf-8")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("CX_ROOT", str(root))
        more = experiments.error_metrics("payment_error", attempt="payment_step")
        trial = experiments.read(cx.open_study("demo"), "one_page_checkout", more=more)
        yield experiments.evaluate(trial)


def test_it_shows_on_mobile_only_and_in_both_variants(analysis):
    (effect,) = [
        one
        for one in analysis.segments
        if (one.metric.name, one.segment) == ("per_attempt_payment_error", "device")
    ]
    for side in ("control", "treatment"):
        rates = {level: getattr(one, side).value for level, one in effect.levels.items()}
        assert rates["mobile"] > 0.12
        assert max(rates["desktop"], rates["tablet"]) < 0.06
    # The variants differ in nothing: it is the device that fails, not the new checkout.
    assert effect.levels["mobile"].difference.p_value > 0.01
    assert effect.p_adjusted > 0.05
