"""Plant each fault in a copy of the project, run its room's tests, and print who noticed."""

import argparse
import os
import shutil
import subprocess
import sys
import tempfile
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from queue import SimpleQueue

from tests.mutants.planted import PROJECT, Mutant, planted

FAILED = 1  # pytest: a test failed; other codes say that the tests could not run
VERDICTS = {0: "SURVIVED", FAILED: "caught"}


def main() -> int:
    """Run the faults; the exit code is 1 when one of them is not noticed."""
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("rooms", nargs="*", help="only these rooms (default: all)")
    options.add_argument("--jobs", type=int, default=os.cpu_count() or 1)
    chosen = options.parse_args()
    mutants = [m for m in planted() if not chosen.rooms or m.room in chosen.rooms]
    with tempfile.TemporaryDirectory() as folder:
        copies: SimpleQueue[Path] = SimpleQueue()
        for number in range(chosen.jobs):
            copies.put(copy_of_project(Path(folder) / str(number)))
        with ThreadPoolExecutor(chosen.jobs) as pool:
            sound = list(pool.map(lambda tests: run(copies, tests), tests_of(mutants)))
            if any(sound):
                say("the tests fail without a fault planted")
                return 1
            verdicts = list(pool.map(lambda mutant: verdict(copies, mutant), mutants))
    say("| room | planted | |\n| --- | --- | --- |")
    for mutant, said in zip(mutants, verdicts, strict=True):
        say(f"| {mutant.room} | {mutant.name} | {said} |")
    caught = verdicts.count("caught")
    say(f"\n{caught} of {len(mutants)} caught")
    return 0 if caught == len(mutants) else 1


def copy_of_project(target: Path) -> Path:
    """Copy what git knows, and the demo's files, so that the checkout itself stays as it is."""
    listed = subprocess.run(
        ["git", "ls-files", "--cached", "--others", "--exclude-standard"],
        cwd=PROJECT,
        capture_output=True,
        text=True,
        check=True,
    ).stdout.splitlines()
    demo = [path.relative_to(PROJECT).as_posix() for path in (PROJECT / "data/demo").glob("*.*")]
    for name in {*listed, *demo}:
        if (PROJECT / name).is_file():
            (target / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(PROJECT / name, target / name)
    return target


def say(line: str) -> None:
    """Print a line at once, also into a pipe."""
    print(line, flush=True)  # noqa: T201


def tests_of(mutants: list[Mutant]) -> list[tuple[str, ...]]:
    """Return each set of tests once."""
    return sorted({mutant.tests for mutant in mutants})


def run(copies: "SimpleQueue[Path]", tests: tuple[str, ...], mutant: Mutant | None = None) -> int:
    """Run tests in one of the copies, with a fault or without, and return pytest's exit code."""
    copy = copies.get()
    try:
        if mutant is not None:
            (copy / mutant.file).write_text(mutant.text(PROJECT), encoding="utf-8")
        return subprocess.run(
            [sys.executable, "-B", "-m", "pytest", "-x", "-q", "-p", "no:cacheprovider", *tests],
            cwd=copy,
            capture_output=True,
            env=os.environ | {"PYTHONPATH": str(copy)},
            check=False,
        ).returncode
    finally:
        if mutant is not None:
            shutil.copy2(PROJECT / mutant.file, copy / mutant.file)
        copies.put(copy)


def verdict(copies: "SimpleQueue[Path]", mutant: Mutant) -> str:
    """Return in a word whether the room's tests noticed the fault."""
    code = run(copies, mutant.tests, mutant)
    return VERDICTS.get(code, f"tests did not run (exit {code})")


if __name__ == "__main__":
    sys.exit(main())
