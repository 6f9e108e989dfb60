"""What customers wrote, as much as one likes, from a seed: `python -m ... TENS_OF_THOUSANDS FILE`.

One row per text, no two alike: the text, its language, the themes that it is truly of, and the
customer. Every second text is English, the others Italian. Each has slips of the finger, so that
there are many different words, as where people write without templates.
"""

from __future__ import annotations

import random
import sys
from pathlib import Path

import pandas as pd

from cxresearch.simulate import person_names
from cxresearch.simulate.customer_texts import Mention, compose, themes
from cxresearch.simulate.planted import Texts
from tests.bench.texts.tools import texts_of

LANGUAGES = ("en", "it")
#: Between the themes of a text.
SEPARATOR = "|"
_TRAITS = Texts()
#: With three a text, 15,000 texts have 11,000 different words; as many tweets have 17,000.
_SLIPS = 3
_TEXTS_PER_CUSTOMER = 1.5


def write(count: int, path: Path, seed: int = 17) -> None:
    """Write so many texts."""
    rng = random.Random(seed)
    rows: dict[str, dict[str, object]] = {}
    while len(rows) < count:
        language = LANGUAGES[len(rows) % 2]
        mentions = [Mention(theme, rng.choice((-1, 0, 1))) for theme in rng.sample(themes(), 2)]
        first, second = mentions
        overall = first.polarity if first.polarity == second.polarity else 0
        text = compose(rng, language, mentions, overall, _TRAITS).text
        for _ in range(_SLIPS):
            text = person_names.swapped(rng, text)
        if text not in rows:
            rows[text] = {
                "text": text,
                "language": language,
                "themes": SEPARATOR.join(one.theme for one in mentions),
                "customer": rng.randrange(round(count / _TEXTS_PER_CUSTOMER)),
            }
    pd.DataFrame(list(rows.values())).to_parquet(path, index=False)


def texts_in(rows: pd.DataFrame, language: str) -> list[str]:
    """Return the texts of one language."""
    return rows.loc[rows["language"] == language, "text"].tolist()


if __name__ == "__main__":
    write(texts_of(float(sys.argv[1])), Path(sys.argv[2]))
