"""Open a study: its manifest, its tables as lazy frames, and what became of every row.

A table is loaded from its export files when it is first asked for and kept as Parquet in
``data/<study>/.cache/``, under a name made of everything that decides its content.
"""

from __future__ import annotations

import hashlib
import json
import shutil
from collections.abc import Hashable, Mapping
from dataclasses import dataclass, field
from datetime import date
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from cxresearch.core import cached, disk, validate
from cxresearch.core.documented import documented
from cxresearch.errors import MissingTableError, SchemaError
from cxresearch.study import schema
from cxresearch.study.manifest import Manifest, path_of, read

if TYPE_CHECKING:
    import pandas as pd

    from cxresearch.study.loaders.outcome import Loaded
    from cxresearch.study.table_rows import Rows


def open_study(name: str | Path) -> Study:
    """Open a study, a folder below ``data/`` with a ``study.yaml``.

    Parameters
    ----------
    name : str or Path
        The folder's name; a path is any folder.

    Returns
    -------
    Study
        Its tables are loaded when they are first asked for.

    Raises
    ------
    ManifestError
        If there is no such study or its manifest has faults; all are listed.
    """
    manifest = read(name)
    disk.note_read(path_of(name))
    return Study(str(name), manifest)


@dataclass(frozen=True, repr=False)
class Study:
    """A study that was opened by :func:`open_study`.

    Parameters
    ----------
    name : str
        Its folder below ``data/``.
    manifest : Manifest
        What its ``study.yaml`` says.
    """

    name: str
    manifest: Manifest
    _loaded: dict[str, Loaded] = field(default_factory=dict, compare=False)
    _keys: dict[str, str] = field(default_factory=dict, compare=False)
    _blank: dict[str, list[str]] = field(default_factory=dict, compare=False)
    _asked: dict[Hashable, dict[Hashable, Any]] = field(default_factory=dict, compare=False)
    _known: dict[tuple[str, str], bool] = field(default_factory=dict, compare=False)

    @property
    def title(self) -> str:
        """The title in the study's own language."""
        return self.manifest.title_in(self.language)

    @property
    def currency(self) -> str:
        """The ISO 4217 code of the currency its money is in."""
        return self.manifest.currency

    @property
    def time_zone(self) -> str:
        """The IANA time zone in which its days begin and end."""
        return self.manifest.time_zone

    @property
    def language(self) -> str:
        """The main language of its pages."""
        return (*self.manifest.languages, self.manifest.language)[0]

    @property
    def languages(self) -> tuple[str, ...]:
        """The languages of its pages, the main one first; none where its manifest names none."""
        return self.manifest.languages

    def labels(self, lang: str) -> dict[str, str]:
        """Return what a reader calls each value that has a label, in a language."""
        return self.manifest.labels_in(lang)

    @property
    def tables(self) -> tuple[str, ...]:
        """The canonical tables it has, in the order of the schema."""
        return tuple(table for table in schema.TABLES if table in self.manifest.tables)

    def has(self, table: str, column: str | None = None) -> bool:
        """Return whether the study has a canonical table, and any value in a column of it.

        Raises
        ------
        ValueError
            If there is no such canonical table, or it has no such column.
        """
        columns = schema.table(table).names
        is_there = table in self.manifest.tables
        if column is None or not is_there:
            return is_there
        validate.one_of("column", column, columns)
        self.loaded(table)
        key = self._cached(table, ".parquet").name, column
        if key not in self._known:
            known = self.frame(table).select(column).drop_nulls().head(1)
            self._known[key] = len(known.collect()) == 1
        return self._known[key]

    @documented
    def frame(self, table: str, *traits: str) -> Rows:
        """Return the accepted rows of a table as a lazy frame; nothing is read until collected.

        It has the table's canonical columns, each time ``x`` also as ``x_us`` (microseconds since
        1970, UTC), and ``day``, the study's local day of the first time.

        Parameters
        ----------
        table : str
            The canonical table.
        *traits : str
            Columns of the customers table to have beside each row, by its customer: of several
            records of one the least value by name counts.

        Raises
        ------
        %(load_errors)s
        """
        import narwhals as nw

        from cxresearch import engine
        from cxresearch.study.table_rows import Rows

        self.loaded(table)
        rows = engine.scan(self._cached(table, ".parquet"))
        for trait in traits:
            validate.one_of("trait", trait, schema.table("customers").names)
            people = engine.scan(self._people()).select("customer_id", trait).drop_nulls()
            least = people.group_by("customer_id").agg(nw.col(trait).min())
            rows = rows.drop(trait, strict=False).join(least, on="customer_id", how="left")
        if traits:
            return Rows.of(rows)
        key = self._cached(table, ".parquet").name, rows.implementation
        return Rows.of(rows, partial(self._maybe_blank, table), self._asked.setdefault(key, {}))

    def _maybe_blank(self, table: str) -> list[str]:
        """Return which ids of a table may be blank in some rows; each table is looked at once."""
        from cxresearch import engine
        from cxresearch.engine import frames

        kept = self._cached(table, ".parquet")
        if kept.name not in self._blank:
            rows = engine.scan(kept)
            own = [name for name in frames.IDS if name in rows.collect_schema()]
            self._blank[kept.name] = frames.maybe_blank(rows, own) if own else []
        return self._blank[kept.name]

    def _people(self) -> Path:
        self.loaded("customers")
        return self._cached("customers", ".parquet")

    @documented
    def cache(self, table: str) -> disk.Cache:
        """Return where what is made of a table is kept, and what decides the table's content.

        Raises
        ------
        %(load_errors)s
        """
        self.loaded(table)
        return disk.Cache(self._folder / ".cache", self._key(table))

    @documented
    def loaded(self, table: str) -> Loaded:
        """Return the counts and findings of a table, loading it where that was not done yet.

        Raises
        ------
        %(load_errors)s
        """
        if not self.has(table):
            has = ", ".join(self.tables) or "none"
            raise MissingTableError(f"study {self.name!r} has no table {table!r}; it has: {has}")
        if table not in self._loaded or cached.is_changed(self._kept_files(table)):
            self._loaded[table] = self._load(table)
        return self._loaded[table]

    def quarantine(self, table: str) -> pd.DataFrame:
        """Return the rejected rows of a table: file, place, rule, column and record as it came."""
        self.loaded(table)
        import pandas as pd  # not before: a table that cannot be loaded costs no import

        return pd.read_csv(self._cached(table, ".csv"), dtype={"line": "Int64", "row": "Int64"})

    def counts(self, *tables: str) -> pd.DataFrame:
        """Return one row per table and file, of `tables` or all: rows in and their fate."""
        import pandas as pd

        rows = [
            {"table": table, "file": c.file, "rows_in": c.rows_in}
            | {"rows_accepted": c.rows_accepted, "rows_rejected": c.rows_rejected}
            | {"rows_left_out": c.rows_left_out}
            for table in tables or self.tables
            for c in self.loaded(table).files
        ]
        columns = ["table", "file", "rows_in", "rows_accepted", "rows_rejected", "rows_left_out"]
        return pd.DataFrame(rows, columns=columns)

    def findings(self) -> pd.DataFrame:
        """Return one row per table, rule and column: what was rejected or flagged, and how often.

        `of` says what is counted; the example is empty for free text and identifiers.
        """
        import pandas as pd

        columns = ["table", "rule", "action", "column", "of", "rows", "example"]
        rows = [
            [table, f.rule, f.action, f.column, f.of, f.rows, f.example]
            for table in self.tables
            for f in self.loaded(table).findings
        ]
        return pd.DataFrame(rows, columns=columns)

    def summary(self) -> pd.DataFrame:
        """Return one row per table: rows, first and last local day, rows in and rejected.

        A table of people covers no days: a birthday is not when a record was made.
        """
        import pandas as pd

        return pd.DataFrame([self.summary_of(table) for table in self.tables])

    def __repr__(self) -> str:
        return f"<Study {self.name!r} with {', '.join(self.tables) or 'no table'}>"

    def _repr_html_(self) -> str:
        from html import escape

        return f"<p>{escape(self.title)}</p>" + self.summary().to_html(index=False, na_rep="")

    def summary_of(self, table: str) -> dict[str, Any]:
        """Return the row of :meth:`summary` of one table."""
        import narwhals as nw

        loaded = self.loaded(table)
        first = last = None
        if schema.table(table).covers_days:
            day = nw.col("day")
            ends = self.frame(table).select(first=day.min(), last=day.max()).collect()
            first, last = ends.item(0, "first"), ends.item(0, "last")
        return {
            "table": table,
            "rows": loaded.rows,
            "first_day": first,
            "last_day": last,
            "rows_in": sum(count.rows_in for count in loaded.files),
            "rows_rejected": sum(count.rows_rejected for count in loaded.files),
        }

    def days_read(self) -> tuple[date, date] | None:
        """Return the first and the last local day of the tables read so far; None of no table."""
        rows = [self.summary_of(table) for table in self.tables if table in self._loaded]
        first = [row["first_day"] for row in rows if row["first_day"] is not None]
        last = [row["last_day"] for row in rows if row["last_day"] is not None]
        return (min(first), max(last)) if first else None

    @property
    def _folder(self) -> Path:
        return path_of(self.name).parent

    def _cached(self, table: str, suffix: str) -> Path:
        return self._folder / ".cache" / f"{table}-{self._key(table)}{suffix}"

    def _key(self, table: str) -> str:
        """Return a digest of all that decides the content of a table, taken when first asked.

        An open study goes on showing the files as it found them.
        """
        if table not in self._keys:
            self._keys[table] = _key_of(table, self.manifest, self._paths(table))
        return self._keys[table]

    def _paths(self, table: str) -> dict[str, Path]:
        names = [name for source in self.manifest.tables[table] for name in source.files]
        raw = self.manifest.raw
        found = {name: disk.raw_file(self.name, name, raw) for name in names}
        faults = [
            disk.not_there(self.name, name, raw) for name, path in found.items() if path is None
        ]
        if faults:
            raise SchemaError(table, faults)
        return {name: path for name, path in found.items() if path is not None}

    def _load(self, table: str) -> Loaded:
        from cxresearch.study.loaders.outcome import Loaded

        kept = self._cached(table, ".json")
        if found := cached.read(kept, self._kept_files(table)):
            return Loaded.from_dict(found)
        return self._fill_cache(table, kept)

    def _kept_files(self, table: str) -> list[Path]:
        """Return where the accepted and the rejected rows of a table are kept."""
        return [self._cached(table, suffix) for suffix in (".parquet", ".csv")]

    def _fill_cache(self, table: str, kept: Path) -> Loaded:
        """Load a table and keep it."""
        from cxresearch import engine
        from cxresearch.study.loaders.loading import load
        from cxresearch.study.loaders.rules import Setting

        manifest = self.manifest
        setting = Setting(
            currency=self.currency,
            time_zone=self.time_zone,
            events=tuple(manifest.touchpoints),
            as_of=manifest.as_of,
        )
        cached.make_room(kept.parent)
        with disk.scratch(kept.parent, ".load-") as scratch:
            accepted, rejected = scratch / "accepted.parquet", scratch / "rejected.csv"
            with engine.connect(scratch / "load.duckdb") as connection:
                loaded = load(
                    connection,
                    table,
                    manifest.tables[table],
                    self._paths(table),
                    setting=setting,
                    accepted=accepted,
                    rejected=rejected,
                    scratch=scratch,
                )
            with disk.replacing(self._folder / "quarantine" / f"{table}.csv") as shown:
                shutil.copyfile(rejected, shown)
            made = zip(self._kept_files(table), (accepted, rejected), strict=True)
            cached.write(kept, loaded.to_dict(), dict(made))
        disk.prune(kept.parent, f"{table}-*", keep=f"{kept.stem}.")
        return loaded


def _key_of(table: str, manifest: Manifest, paths: Mapping[str, Path]) -> str:
    """Return a digest of all that decides what a table holds; its files are noted as read."""
    import duckdb

    decides = {
        "files": [disk.note_read(path) for path in paths.values()],
        "sources": [source.model_dump(mode="json") for source in manifest.tables[table]],
        "study": [manifest.currency, manifest.time_zone, manifest.as_of],
        "events": sorted(manifest.touchpoints),
        "code": _loader_code(),
        "duckdb": duckdb.__version__,
    }
    return hashlib.sha256(json.dumps(decides, sort_keys=True).encode()).hexdigest()[:16]


def _loader_code() -> str:
    """Return a digest of the code that decides what a loaded table holds."""
    paths = sorted(
        [
            *(disk.PACKAGE / name for name in ("study/schema.py", "engine/backends.py")),
            *(disk.PACKAGE / "study" / "loaders").glob("*.py"),
        ]
    )
    return hashlib.sha256("".join(map(disk.sha256, paths)).encode()).hexdigest()
