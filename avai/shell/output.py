"""The folder that ``--out`` names: results come into it whole or not at all, and replace nothing unasked."""

from __future__ import annotations

import json
import os
import shutil
import tempfile
from collections.abc import Iterable
from pathlib import Path
from types import TracebackType
from typing import Self

from avai.errors import RequestError

JSON_OF = {
    "recognize": "recognition.json",
    "recognize_many": "recognitions.json",
    "storyboard": "storyboard.json",
    "summarize": "summary.json",
    "plan": "plan.json",
    "edit": "edit.json",
    "compose": "composition.json",
    "train": "training.json",
}


class Output:
    """A context manager: a service writes into ``unfinished``, ``keep()`` moves it all in; without that, nothing stays.
    ``main`` is what a person is told to look at: the file that was asked for, else the JSON.

    Raises ``RequestError`` when the folder cannot be used, or has a result of the same task and ``overwrite`` is off,
    or when one of ``sources``, the files worked on, would be replaced. Where a ``file`` is asked for, it comes into the
    folder with the JSON beside it, and what a former run made there under other names stays.
    """

    def __init__(
        self, folder: Path, task: str, overwrite: bool, sources: Iterable[Path] = (), file: str | None = None
    ) -> None:
        self.json = folder / JSON_OF[task]
        self.unfinished = Path()
        self.main = folder / (file or JSON_OF[task])
        self._folder = folder
        self._overwrite = overwrite
        self._sources = {source.resolve() for source in sources}
        self._made: list[Path] = []

    def __enter__(self) -> Self:
        goals = {self.json, self.main}
        self._refuse_taken(goals)
        self._refuse_sources([*self._former(), *goals])
        try:
            for folder in (*reversed(self._folder.parents), self._folder):
                if not folder.exists():
                    folder.mkdir()
                    self._made.append(folder)
            self.unfinished = Path(tempfile.mkdtemp(prefix=".unfinished-", dir=self._folder))
        except OSError as error:
            self.discard()
            raise RequestError("shell.out", folder=str(self._folder), why=error.strerror or "") from error
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.discard()

    def keep(self) -> None:
        """Move the finished files in, in place of a former run's; the JSON last, so that what it names is there."""
        made = [path.relative_to(self.unfinished) for path in self.unfinished.rglob("*") if path.is_file()]
        goals = sorted((self._folder / name for name in made), key=lambda goal: goal == self.json)
        former = self._former()
        self._refuse_taken(goals)
        self._refuse_sources(goals)
        for old in former:
            old.unlink(missing_ok=True)
            if old.parent != self._folder and not any(old.parent.iterdir()):
                old.parent.rmdir()
        for goal in goals:
            goal.parent.mkdir(exist_ok=True, parents=True)
            os.replace(self.unfinished / goal.relative_to(self._folder), goal)
        self._made.clear()

    def discard(self) -> None:
        """Remove what was not kept, and the folders that were made for it."""
        if self.unfinished != Path():
            shutil.rmtree(self.unfinished, ignore_errors=True)
        for folder in reversed(self._made):
            if not any(folder.iterdir()):
                folder.rmdir()
        self._made.clear()

    def _former(self) -> list[Path]:
        """The files that a former run of the task says it wrote here, and that go with its JSON."""
        if self.main != self.json:
            return []
        try:
            said = json.loads(self.json.read_text(encoding="utf-8"))
            files = [self._folder / str(name) for name in said["files"]]
            rows = said["clips"] if said.keys() >= {"clips", "unread"} else ()
            files += [self._folder / str(row["folder"]) / str(name) for row in rows for name in row["files"]]
        except (OSError, ValueError, KeyError, TypeError):
            return []
        home = self._folder.resolve()
        return [file for file in files if file.is_file() and home in file.resolve().parents]

    def _refuse_taken(self, goals: Iterable[Path]) -> None:
        for goal in goals:
            if goal.is_dir():
                raise RequestError("shell.exists_folder", file=str(goal))
            if goal.exists() and not self._overwrite:
                raise RequestError("shell.exists", file=str(goal))
            if goal.parent.is_file():
                raise RequestError("shell.exists_not_folder", file=str(goal.parent))

    def _refuse_sources(self, files: Iterable[Path]) -> None:
        for file in files:
            if file.resolve() in self._sources:
                raise RequestError("shell.replaces_source", file=str(file))
