"""One module per area of the reference cases: `answer(case input) -> dict with the case's keys`."""
