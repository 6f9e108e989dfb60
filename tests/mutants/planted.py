"""The faults that are planted: where, what for what, and whose tests must notice."""

from dataclasses import dataclass
from pathlib import Path

import yaml

HERE = Path(__file__).parent
PROJECT = HERE.parent.parent


@dataclass(frozen=True)
class Mutant:
    """One fault: in `file`, `find` is replaced; the files in `tests` must fail."""

    room: str
    name: str
    file: str
    find: str
    replace: str
    tests: tuple[str, ...]

    def text(self, project: Path) -> str:
        """Return the file with the fault in it; `find` must stand there exactly once."""
        source = (project / self.file).read_text(encoding="utf-8")
        times = source.count(self.find)
        if times != 1:
            raise ValueError(f"{self.room}: {self.name}: {self.file} has {times} of {self.find!r}")
        return source.replace(self.find, self.replace)


def planted(rooms: Path = HERE) -> list[Mutant]:
    """Return the faults of every room: `<room>.yaml` lists them, its tests are in tests/<room>."""
    return [
        Mutant(
            room.stem, row["name"], row["file"], row["find"], row["replace"], tuple(row["tests"])
        )
        for room in sorted(rooms.glob("*.yaml"))
        for row in yaml.safe_load(room.read_text(encoding="utf-8"))
    ]
