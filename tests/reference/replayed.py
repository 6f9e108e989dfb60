"""Show nbval what a notebook has shown in a build, for it not to be run again."""

from __future__ import annotations

from collections import deque
from pathlib import Path
from typing import Any

import nbformat
from nbval.kernel import RunningKernel
from nbval.plugin import IPyNbFile

from tests import demo
from tests.reference.refresh import ALONE, is_injected


class Replay(RunningKernel):
    """A kernel that answers each cell with what that has shown in an earlier run.

    Parameters
    ----------
    path : Path
        The notebook as it ran.
    """

    def __init__(self, path: Path) -> None:
        cells = nbformat.read(path, as_version=4).cells
        self._cells = deque(
            cell for cell in cells if cell.cell_type == "code" and not is_injected(cell)
        )
        self._messages: deque[dict[str, Any]] = deque()

    def execute_cell_input(self, cell_input: str, **_: object) -> str:
        """Lay ready what the next cell has shown, which must be the cell that is asked for."""
        cell = self._cells.popleft()
        assert cell.source == cell_input, "another cell has run"
        said = [(one.output_type, one) for one in cell.outputs]
        self._messages.extend(
            {"msg_type": kind, "content": content, "parent_header": {"msg_id": cell.id}}
            for kind, content in [*said, ("status", {"execution_state": "idle"})]
        )
        return str(cell.id)

    def get_message(self, *_: object, **__: object) -> dict[str, Any]:
        """Return the next thing that the cell has shown."""
        return self._messages.popleft()

    def await_reply(self, *_: object, **__: object) -> None:
        """Return at once."""

    def is_alive(self) -> bool:
        """Return whether it answers: always."""
        return True

    def stop(self) -> None:
        """End nothing: there is no process."""


class BuiltNotebook(IPyNbFile):
    """A reference that is held against what a build of the demo has run."""

    def setup(self) -> None:
        """Take the run of the build; a notebook that is run alone has a kernel of its own."""
        if self.path.stem == ALONE:
            super().setup()
            return
        # The cells of a notebook are no functions, so they can have no fixture.
        _, ran = demo.built(demo.folder_of_run(self.config._tmp_path_factory))
        self.kernel = Replay(ran / self.path.name)
        self.setup_sanitize_files()
