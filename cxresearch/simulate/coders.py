"""What people coded of a sample of the texts: two coding sheets, and the one of decisions."""

from __future__ import annotations

import math

import numpy as np
import pandas as pd

from cxresearch.core.disclosure import harmless
from cxresearch.simulate.arrays import Ints
from cxresearch.simulate.customer_texts import emotions, themes
from cxresearch.simulate.planted import Coders

#: What a sheet shows of a text that tells who wrote it.
_WITHHELD = "[withheld]"


def coding_sheets(
    rng: np.random.Generator, feedback: pd.DataFrame, truth: pd.DataFrame, coders: Coders
) -> dict[str, pd.DataFrame]:
    """Return the sheets of the coders and that of the decisions, by the name of the file.

    Parameters
    ----------
    rng : numpy.random.Generator
        Source of the sample and of the errors.
    feedback, truth : pandas.DataFrame
        The texts and what each truly speaks of, in one order.
    coders : Coders
        How many texts are coded, by whom, and how often they err.
    """
    size = min(coders.texts, len(feedback))
    chosen = rng.choice(len(feedback), size, replace=False)
    sample = _sample(feedback, truth, chosen)
    true = _true_codes(truth.iloc[chosen])
    chance = np.where(true == 1, coders.misses, coders.adds)
    codes = {name: true ^ (rng.random(true.shape) < chance) for name in coders.names}
    sheets = {
        f"codes_{name}": _coded(sample, found, name, size / len(feedback) if size else math.nan)
        for name, found in codes.items()
    }
    decisions = {"decisions": _decisions(sample, true, codes)}
    return sheets | decisions | _emotion_sheets(rng, feedback, truth, coders)


def _emotion_sheets(
    rng: np.random.Generator, feedback: pd.DataFrame, truth: pd.DataFrame, coders: Coders
) -> dict[str, pd.DataFrame]:
    """Return the sheets on which two people name the emotion of each text, or none."""
    size = min(coders.emotions, len(feedback))
    chosen = rng.choice(len(feedback), size, replace=False)
    names = np.array(["none", *emotions()], dtype=object)
    true = truth["emotion"].iloc[chosen].replace("", "none").to_numpy(dtype=object)
    sheets = {}
    for coder in coders.names:
        other = names[rng.integers(0, len(names), size)]
        said = np.where(rng.random(size) < coders.confuses, other, true)
        sample = _sample(feedback, truth, chosen)
        sheets[f"emotions_{coder}"] = sample.assign(emotion=said, coder=coder, drawn="random")
    return sheets


def _sample(feedback: pd.DataFrame, truth: pd.DataFrame, chosen: Ints) -> pd.DataFrame:
    """Return the sampled texts as a sheet shows them; none tells who wrote it."""
    texts, known = feedback.iloc[chosen], truth.iloc[chosen]
    shown = texts["text"].map(harmless).to_numpy(dtype=object)
    return pd.DataFrame(
        {
            "text_id": texts["text_id"].to_numpy(),
            "text": np.where(known["personal_data"], _WITHHELD, shown),
            "language": known["language"].to_numpy(),
        }
    )


def _true_codes(truth: pd.DataFrame) -> Ints:
    """Return a row per text and a column per theme, 1 where the text speaks of it."""
    found = [set(of_text.split("|")) for of_text in truth["themes"]]
    codes = [[int(theme in of_text) for theme in themes()] for of_text in found]
    return np.array(codes, dtype=np.int64).reshape(len(truth), len(themes()))


def _coded(sample: pd.DataFrame, codes: Ints, coder: str, probability: float) -> pd.DataFrame:
    """Return the sheet of one coder."""
    found = pd.DataFrame(codes, columns=list(themes()))
    return pd.concat([sample, found], axis=1).assign(
        comment="", coder=coder, probability=probability, drawn="random"
    )


def _decisions(sample: pd.DataFrame, true: Ints, codes: dict[str, Ints]) -> pd.DataFrame:
    """Return a row per text and theme on which the coders differ, settled to what is true."""
    first, second = codes.values()
    text, theme = np.nonzero(first != second)
    rows = pd.DataFrame(
        {
            "text_id": sample["text_id"].to_numpy()[text],
            "text": sample["text"].to_numpy()[text],
            "theme": np.array(themes(), dtype=object)[theme],
            **{name: found[text, theme].astype(float) for name, found in codes.items()},
            "decision": true[text, theme],
        }
    )
    return rows.sort_values(["text_id", "theme"], ignore_index=True)
