"""Answers in words: a question is rejected whole, never only the ends of its scale."""

from __future__ import annotations

import pytest

EN = ("Not at all likely", "Extremely likely")
IT = ("Per niente probabile", "Estremamente probabile")
NUMBERS = [str(number) for number in range(11)]
HEADER = "response_id,ts,metric,touchpoint,score,scale_min,scale_max\n"
IN_WORDS, UNREAD = ("answers_in_words", "score"), ("not_a_number", "score")


def rows(answers: list[str], *, touchpoint: str = "", first: int = 0) -> str:
    return "".join(
        f'R{i},2026-01-01,nps,{touchpoint},"{answer}",0,10\n'
        for i, answer in enumerate(answers, start=first)
    )


@pytest.fixture
def asked(bench):
    """Loads the answers to one question from 0 to 10."""

    def run(answers: list[str], **options):
        return bench("surveys", {"s.csv": HEADER + rows(answers)}, **options)

    return run


@pytest.mark.parametrize("ends", [EN, IT])
def test_ends_that_are_words_reject_their_question_whole(asked, ends):
    # Ten of the eleven steps once: two ends in words, nine numbers between them.
    outcome = asked([ends[0], *NUMBERS[1:10], ends[1]])
    assert outcome.counts() == [(11, 0, 11)]
    assert outcome.found() == {UNREAD: 2, IN_WORDS: 9}


@pytest.mark.parametrize("ends", [EN, IT])
def test_values_give_the_ends_their_numbers(asked, ends):
    answers = [ends[0]] * 3 + ["7", "8", "9"] + [ends[1]] * 5
    assert asked(answers).counts() == [(11, 0, 11)]
    outcome = asked(answers, values={"score": {ends[0]: 0, ends[1]: "10"}})
    assert outcome.found() == {}
    assert outcome.rows["score"].tolist() == [0, 0, 0, 7, 8, 9, 10, 10, 10, 10, 10]


def test_one_end_mapped_is_not_enough(asked):
    answers = [*[EN[0]] * 3, "7", "8", *[EN[1]] * 5]
    outcome = asked(answers, values={"score": {EN[1]: 10}})
    assert outcome.found() == {UNREAD: 3, IN_WORDS: 7}


def test_the_quarantine_names_the_words_and_the_remedy(asked):
    outcome = asked([*[EN[0]] * 2, "7", *[EN[1]] * 3])
    detail = outcome.rejected.set_index("row").loc[3, "detail"]
    assert detail == (
        "score must be of a question without words for numbers: 'Extremely likely' (3 rows), "
        "'Not at all likely' (2 rows) need values: {score: ...}; got 7"
    )


@pytest.mark.parametrize(
    "strays",
    [
        ["n/a"] * 40,
        ["N.D.", "n.d.", "#N/D"],
        ["Non so"] * 3 + ["Don't know"] * 3,
        ["?", "-", "?", "--"],
        ["Preferisco non rispondere"] * 2,
        ["Extremely likely"],  # one row alone
        ["boh", "asdf"],  # each once, and every number of the scale is written
    ],
)
def test_a_stray_text_is_rejected_alone(asked, strays: list[str]):
    outcome = asked([*NUMBERS, *strays])
    assert outcome.rows["score"].tolist() == list(range(11))
    assert outcome.found() == {UNREAD: len(strays)}


@pytest.mark.parametrize(
    "words",
    [
        ["Molto"] * 2,
        ["NEUTRAL", "neutral"],
        ["10/10"] * 2,
        ["\N{BLACK STAR}" * 5] * 2,
        ["\N{THUMBS UP SIGN}"] * 2,
        ["7,5"] * 2,
        ["Très probable"] * 2,
        ["très"] * 2,
        ["Può darsi"] * 2,
    ],
)
def test_words_that_repeat_reject_their_question_although_every_number_is_written(
    asked, words: list[str]
):
    assert asked([*NUMBERS, *words]).found() == {UNREAD: 2, IN_WORDS: 11}


def test_one_text_takes_no_question_away_though_a_number_is_written_by_nobody(asked):
    outcome = asked([*NUMBERS[1:], "Extremely likely"])
    assert outcome.found() == {UNREAD: 1}
    assert outcome.rows["score"].tolist() == list(range(1, 11))


def test_two_words_stand_for_the_numbers_that_nobody_wrote(asked):
    assert asked([*NUMBERS[1:], "low", "nothing"]).found() == {UNREAD: 2, IN_WORDS: 10}


def test_other_questions_are_kept(bench):
    text = HEADER + rows([EN[0], EN[0], "5"], touchpoint="chat")
    text += rows(["1", "2"], first=3) + rows(["3", "n/a"], touchpoint="shop", first=5)
    outcome = bench("surveys", {"s.csv": text})
    assert outcome.rows["score"].tolist() == [1, 2, 3]
    assert outcome.found() == {UNREAD: 3, IN_WORDS: 1}
    assert outcome.counts() == [(7, 3, 4)]


def test_a_question_in_two_files_is_one(bench):
    files = {"a.csv": HEADER + rows(["1", "9"]), "b.csv": HEADER + rows([IT[0]] * 2, first=2)}
    outcome = bench("surveys", files)
    assert outcome.counts() == [(2, 0, 2), (2, 0, 2)]


def test_an_empty_value_takes_a_text_out(asked):
    outcome = asked([*NUMBERS, "boh", "boh"], values={"score": {"boh": ""}})
    assert outcome.counts() == [(13, 11, 2)]
    assert outcome.found() == {("missing_value", "score"): 2}


def test_a_duplicate_among_the_rejected_is_not_kept(bench):
    text = HEADER + rows([EN[0], EN[0], "5"]) + rows(["5"], first=2)
    assert bench("surveys", {"s.csv": text}).counts() == [(4, 0, 4)]
