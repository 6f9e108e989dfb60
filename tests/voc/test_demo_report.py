"""The voice of the customer on the demo shop, whose themes, feelings and troubles are known."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import matplotlib as mpl
import nbformat
import pandas as pd
import pytest
from matplotlib import pyplot as plt

import cxresearch as cx
from cxresearch import report, voc
from cxresearch.simulate import shop as simulated_shop

mpl.use("agg")

ROOT = Path(__file__).parents[2]
NOTEBOOK = ROOT / "notebooks" / "05_voice_of_customer.ipynb"
#: The three months in which the parcels of the planted month came late, and were written of.
TROUBLE = "2025-02"
#: The whole quarters of three years: the first lacks the days before the first parcel came.
QUARTERS = 11


@dataclass(frozen=True)
class Heard:
    """What the notebook computes of the demo, and what is true."""

    read: voc.Feedback
    tags: pd.DataFrame
    gold: pd.DataFrame
    complaints: pd.DataFrame
    themes: pd.DataFrame
    complained: pd.DataFrame

    @property
    def alone(self) -> pd.Series[bool]:
        """The texts of a customer alone: in chats and calls the agent's words are read as well."""
        return ~self.read.texts["source"].isin(["chat", "call"])


@pytest.fixture(scope="module")
def heard():
    study = cx.open_study("demo")
    codebook = voc.codebook_of(study)
    read = voc.read_feedback(study)
    texts, languages = read.texts["text"], read.texts["language"]
    tags = voc.tag(texts, codebook, languages)
    felt = voc.aspects(
        texts,
        voc.evidence(texts, codebook, languages),
        languages,
        encoder=voc.encoder(study.cache("feedback")),
    )
    truth = pd.read_csv(ROOT / "data" / "demo" / "truth_themes.csv", index_col="text_id")
    truth = truth.loc[tags.index, ["themes", "polarities"]].fillna("").map(str)
    felt_of = [
        dict(zip(themes.split("|"), polarities.split("|"), strict=True))
        for themes, polarities in truth.itertuples(index=False)
    ]
    return Heard(
        read,
        tags,
        voc.gold_of(study, codebook),
        voc.complaints(tags, felt),
        pd.DataFrame([{one: one in of for one in tags} for of in felt_of], index=tags.index),
        pd.DataFrame(
            [{one: of.get(one) == "-1" for one in tags} for of in felt_of], index=tags.index
        ),
    )


def test_the_true_shares_lie_in_nearly_all_corrected_intervals(heard):
    shares = voc.prevalence(heard.tags, heard.gold, clusters=heard.read.texts["customer_id"])
    true = heard.themes.mean()
    inside = [one.theme for one in shares if one.ci.low <= true[one.theme] <= one.ci.high]
    assert len(shares.estimates) == 13
    assert len(inside) >= 11  # of 13 at 95 %: fewer has a chance of 1 in 40
    # An interval that held everything would hold the truth too.
    assert max(one.ci.high - one.ci.low for one in shares) < 0.05


def test_the_planted_trouble_is_called_and_nothing_else_is_that_is_not_there(heard):
    periods = heard.read.periods(3)
    found = voc.period_changes(
        heard.tags, heard.gold, periods, clusters=heard.read.texts["customer_id"]
    )
    called = {(one.theme, one.second.group): one for one in found if one.called != "no"}
    assert len(found) == QUARTERS * 13
    assert called["delivery", TROUBLE].called == "up"
    assert {theme for theme, _ in called} == {"delivery"}
    for (theme, period), one in called.items():
        of_period = periods == period
        true = (
            heard.themes.loc[of_period, theme].mean() - heard.themes.loc[~of_period, theme].mean()
        )
        assert one.ci.low < true < one.ci.high
        assert abs(true) > 0.04


def test_most_complaints_are_found_and_most_of_what_is_found_complains(heard):
    # The neutral band is wide so that neutral texts are no complaints; mild complaints are in it.
    there, found = heard.complained.to_numpy(), heard.complaints.to_numpy()
    assert (there & found).sum() > 0.68 * found.sum()
    alone = heard.alone.to_numpy()
    assert (there & found)[alone].sum() > 0.65 * there[alone].sum()
    assert (there & found)[~alone].sum() > 0.35 * there[~alone].sum()


def test_late_parcels_are_what_goes_with_the_largest_loss_of_nps(heard):
    study = cx.open_study("demo")
    scores = voc.nearest_score(study.frame("feedback"), study.frame("surveys"), "nps")
    scores = scores.reindex(heard.tags.index)
    found = voc.associations(
        heard.complaints,
        voc.nps_points(scores),
        unit="points",
        covariates=heard.read.texts[["source", "touchpoint"]],
        clusters=heard.read.texts["customer_id"],
    )
    table = voc.associations_table(found)
    assert table["feature"].iloc[0] == "delivery"
    assert table["impact_high"].iloc[0] < 0
    # Those who complain are counted among those who answered, not among all who wrote.
    complain = heard.complaints["delivery"]
    customers = heard.read.texts["customer_id"]
    answered = customers[complain & scores.notna()].nunique()
    assert table["n_with"].iloc[0] == answered < customers[complain].nunique() / 1.5


def test_each_theme_is_written_of_where_it_is_met(heard):
    alone = heard.alone
    by_stage = voc.theme_by_stage(heard.tags[alone], heard.read.texts.loc[alone, "stage"])
    most = by_stage.loc[by_stage.groupby("stage")["share"].idxmax()].set_index("stage")["theme"]
    assert most.to_dict() == {"purchase": "checkout", "service": "delivery", "advocacy": "quality"}


def test_no_quote_tells_who_wrote_it(heard):
    texts = heard.read.texts
    themes = list(heard.tags.columns)
    quotes = voc.theme_quotes(
        texts["text"], heard.tags, themes, clusters=texts["customer_id"], count=40
    )["quote"]
    assert len(quotes) == 40 * len(themes)
    assert quotes.str.contains("[email]", regex=False).any()
    assert not quotes.str.contains("@", regex=False).any()
    assert not quotes.str.contains(r"\bO\d{6}\b|\d{7,}", regex=True).any()


def test_a_study_of_texts_alone_is_told_what_is_not_measured(
    project: Path, capsys: pytest.CaptureFixture[str]
):
    folder = project / "data" / "small"
    folder.mkdir()
    simulated_shop(seed=3, customers=1500, days=150).tables["feedback"].to_csv(
        folder / "feedback.csv", index=False
    )
    (folder / "study.yaml").write_text(
        "{title: {en: Small}, currency: EUR, time_zone: Europe/Rome,"
        " tables: {feedback: {file: feedback.csv, time_zone: UTC}}}",
        "utf-8",
    )
    names: dict[str, object] = {}
    with plt.rc_context():
        for cell in nbformat.read(NOTEBOOK, as_version=4).cells:
            if cell.cell_type == "code":
                source = cell.source.replace('study = "demo"', 'study = "small"')
                exec(source, names)
    report.begin()
    said = capsys.readouterr().out
    assert "Nobody has coded texts of this study" in said
    assert "Not measured: the study has no surveys." in said
    assert "Not measured: the study has no orders." in said
    assert "Not measured: it takes orders and tickets." in said
    assert "Not measured: no texts are coded." in said
    assert "Not measured: no text names a touchpoint of the study." in said
    # Without codes nobody knows how far the rules err, so no theme is called the first.
    assert "is among the top themes" in said
    assert "the shares are not corrected and have no interval" in said
    assert "Errors of the neutral band" in said
