"""Known exports: what their columns are called and which rows count, one YAML file each.

A profile is data. It recognises a file by headings that no other export has, and says for each
table what a ``study.yaml`` would have to say of the file.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from functools import cache
from importlib.resources import files
from typing import Annotated, Any

from pydantic import BaseModel, BeforeValidator, Field

from cxresearch.core import validate, yaml_files
from cxresearch.core.yaml_files import STRICT, as_list

_FOLDER = files("cxresearch.study") / "profile_files"
#: The mappings of a source in which its own entries stand beside those of its profile.
_JOINED = ("constants", "values")


class Profile(BaseModel):
    """One known export.

    Parameters
    ----------
    title : str
        What it is, as a menu of the vendor calls it.
    source : str
        Where its layout is documented or was seen.
    headings : list of list of str
        Headings of which a file has all of one list; one that ends with ``*`` begins like that, one
        that begins with ``^`` is the first, letter for letter.
    ask : list of str
        What the file does not say, so that ``study.yaml`` has to.
    tables : dict of str to dict
        For each canonical table what a source says, but for its file.
    """

    model_config = STRICT

    title: str
    source: str
    headings: Annotated[list[list[str]], Field(min_length=1)]
    ask: Annotated[list[str], BeforeValidator(as_list)] = []
    tables: dict[str, dict[str, Any]]


@cache
def profiles() -> dict[str, Profile]:
    """Return every profile by name, sorted."""
    named = {one.name.removesuffix(".yaml"): one for one in _FOLDER.iterdir()}
    return {
        name: Profile.model_validate(yaml_files.load(named[name].read_text("utf-8")))
        for name in sorted(named)
    }


def recognised(headings: Iterable[str]) -> list[str]:
    """Return the profiles whose headings a file has, those that ask for most first.

    Examples
    --------
    >>> recognised(["Name", "Financial Status", "Lineitem quantity", "Total"])
    ['shopify']
    """
    own = [" ".join(one.split()) for one in headings]
    found = {
        name: max((len(one) for one in profile.headings if _has_all(own, one)), default=0)
        for name, profile in profiles().items()
    }
    return sorted((name for name, size in found.items() if size), key=lambda name: -found[name])


def _has_all(own: Sequence[str], wanted: Iterable[str]) -> bool:
    folded = [one.casefold() for one in own]

    def there(name: str) -> bool:
        if name.startswith("^"):
            return bool(own) and own[0] == name[1:]
        if name.endswith("*"):
            return any(one.startswith(name[:-1].casefold()) for one in folded)
        return name.casefold() in folded

    return all(map(there, wanted))


def with_profile(table: str, source: Mapping[str, Any]) -> dict[str, Any]:
    """Return what a source says together with what its profile says of a table, its own word first.

    A column of the profile that a file does not have is left empty, as if nobody had named it.

    Raises
    ------
    ValueError
        If there is no such profile, or it does not give the table.
    """
    name = source.get("profile")
    if name is None:
        return dict(source)
    known = profiles()
    if name not in known:
        near = validate.meant(str(name), known)
        raise ValueError(f"profile must be one of {', '.join(known)}; got {name!r}{near}")
    gives = known[name].tables
    if table not in gives:
        raise ValueError(f"profile {name} gives {', '.join(gives)}; not {table}")
    below = dict(gives[table])
    merged = {**below, **source}
    for key in _JOINED:
        both = {**below.get(key, {}), **(source.get(key) or {})}
        if key == "values":
            both = {
                column: {**below.get(key, {}).get(column, {}), **(own or {})}
                for column, own in both.items()
            }
        if both:
            merged[key] = both
    own_columns = source.get("columns") or {}
    merged["offered"] = below.get("columns", {})
    merged["columns"] = own_columns
    if "constants" in merged:
        merged["constants"] = {
            column: value
            for column, value in merged["constants"].items()
            if column not in own_columns
        }
    return merged
