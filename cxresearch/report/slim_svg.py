"""A drawing in fewer bytes: what a page does not need of an SVG is taken out of it.

Matplotlib names every part, writes each style where it is used and gives coordinates to a
millionth of a point. A page that is one file carries all that to its reader.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Collection, Mapping
from itertools import groupby
from xml.etree import ElementTree as ET

_NUMBER = re.compile(r"-?\d+\.\d+(?:[eE][-+]?\d+)?")
#: Attributes that are coordinates and nothing else.
_PLACES = {"d", "points", "transform", "x", "y", "x1", "x2", "y1", "y2", "cx", "cy", "r", "width",
           "height", "viewBox"}  # fmt: skip
_LETTERS = {"text", "tspan", "title", "desc"}
#: "#name" and "url(#name)"; a colour in a style is neither.
_LINK = re.compile(r"(?:^#|(?<=url\()#)([^)]*)")
_FONT = re.compile(r"font-family: [^;]*;? ?")
#: A space beside the letter of a command, or before a minus, parts nothing.
_LOOSE = re.compile(r"\s*([A-Za-z])\s*|\s+(?=-)")
#: A command of a path with what follows it, and one point.
_STEP = re.compile(r"([A-DF-Za-df-z])([^A-DF-Za-df-z]*)")
_POINT = re.compile(r"(-?[\d.]+(?:e-?\d+)?) ?(-?[\d.]+(?:e-?\d+)?)")
#: With fewer a group is longer than what it saves.
_ENOUGH = 3
#: Of an element, not of its fill or its stroke.
_OPACITY = re.compile(r"(?<![-\w])opacity")
_NO_TURN = re.compile(r"\s*rotate\(-?0(?:\.0*)?(?: [^)]*)?\)")


def slim(root: ET.Element, *, prefix: str) -> None:
    """Take out of a drawing what its page does not need.

    Names that nothing refers to, groups that only hold, space between elements, digits beyond the
    fourth (a tenth of a point), the font, which the page gives; a style that is used twice is
    written once, and what neighbours have in common is said of their group.

    Parameters
    ----------
    root : xml.etree.ElementTree.Element
        The drawing, its tags without a namespace or with one; it is changed.
    prefix : str
        What its names begin with, unique in the page.

    Examples
    --------
    >>> drawing = ET.fromstring('<svg><g id="a"><path d="M 0 1.234567 L -2 3"/></g></svg>')
    >>> slim(drawing, prefix="f-")
    >>> ET.tostring(drawing, encoding="unicode")
    '<svg><path d="M0 1.235L-2 3" /></svg>'
    """
    named = {name: f"{prefix}{place}" for place, name in enumerate(_referred(root))}
    for element in root.iter():
        for name, value in list(element.attrib.items()):
            element.set(name, _renamed(name, value, named))
        if element.get("id") == "":
            del element.attrib["id"]
        for name in _PLACES & set(element.attrib):
            value = element.attrib[name]
            if name == "transform":
                value = _NO_TURN.sub("", value)
                if not value.strip():
                    del element.attrib[name]
                    continue
            rounded = _NUMBER.sub(lambda found: f"{float(found[0]):.4g}", value)
            is_path = name == "d"
            element.set(name, _LOOSE.sub(r"\1", rounded).strip() if is_path else rounded)
        if "style" in element.attrib:
            element.set("style", _FONT.sub("", element.attrib["style"]))
        if not _is_written(element):
            element.text = None
            for child in element:
                child.tail = None
        if "d" in element.attrib:
            element.set("d", _straightened(element.attrib["d"]))
    _unwrap(root)
    _gather(root, _share_styles(root, prefix))


def _straightened(path: str) -> str:
    """Return a path whose level and upright lines name the one coordinate that moves."""
    said, before = [], ("", "")
    for letter, rest in _STEP.findall(path):
        found = _POINT.fullmatch(rest)
        x, y = found.groups() if found and letter in "ML" else ("", "")
        if letter == "L" and y and y == before[1]:
            said.append(f"H{x}")
        elif letter == "L" and x and x == before[0]:
            said.append(f"V{y}")
        else:
            said.append(letter + rest)
        before = (x, y)
    return "".join(said)


def _gather(parent: ET.Element, whole: Collection[str]) -> None:
    """Put neighbours that one box clips, or of one look, in a group that says so once.

    Looks that are `whole` stay with each: said of a group they hold for what it is together. What
    is drawn elsewhere, by its name, takes nothing from a group.
    """
    for child in parent:
        if _local(child) not in ("defs", "clipPath"):
            _gather(child, whole)
    _group(parent, "clip-path", _clip)
    for box in (parent, *(one for one in parent if _local(one) == "g")):
        _group(box, "class", lambda one: "" if one.get("class") in whole else one.get("class", ""))


def _group(parent: ET.Element, name: str, key: Callable[[ET.Element], str]) -> None:
    """Say of a group what enough neighbours have in common."""
    held: list[ET.Element] = []
    for value, run in groupby(list(parent), key=lambda one: "" if "id" in one.attrib else key(one)):
        neighbours = list(run)
        if value and len(neighbours) >= _ENOUGH:
            for one in neighbours:
                del one.attrib[name]
            group = ET.Element(parent.tag[: -len(_local(parent))] + "g", {name: value})
            group.extend(neighbours)
            neighbours = [group]
        held += neighbours
    parent[:] = held


def _clip(element: ET.Element) -> str:
    """Return what clips an element in the coordinates of those around it."""
    return "" if "transform" in element.attrib else element.get("clip-path", "")


def _referred(root: ET.Element) -> list[str]:
    """Return the names that a link or a clip of the drawing refers to, in order."""
    values = (value for element in root.iter() for value in element.attrib.values())
    return list(dict.fromkeys(one for value in values for one in _LINK.findall(value)))


def _renamed(attribute: str, value: str, named: Mapping[str, str]) -> str:
    """Return an attribute with the names of the page; a name nothing refers to is empty."""
    if attribute == "id":
        return named.get(value, "")
    return _LINK.sub(lambda found: f"{found[0][: -len(found[1])]}{named[found[1]]}", value)


def _local(element: ET.Element) -> str:
    return str(element.tag).rpartition("}")[2]


def _is_written(element: ET.Element) -> bool:
    return _local(element) in _LETTERS


def _unwrap(parent: ET.Element) -> None:
    """Put in the place of each group without attributes what it holds; drop what shows nothing."""
    held: list[ET.Element] = []
    for child in list(parent):
        _unwrap(child)
        tag = _local(child)
        if tag == "g" and not child.attrib:
            held += list(child)
        elif (tag != "defs" or len(child)) and child.get("style") != "fill: none":
            held.append(child)
    if held != list(parent):
        parent[:] = held


def _share_styles(root: ET.Element, prefix: str) -> set[str]:
    """Write each style that is used more than once as a class; return those of an opacity."""
    used = Counter(element.get("style", "") for element in root.iter())
    shared = [style for style, times in used.items() if style and times > 1]
    names = {style: f"{prefix}{place}" for place, style in enumerate(shared)}
    for element in root.iter():
        if name := names.get(element.get("style", "")):
            del element.attrib["style"]
            element.set("class", name)
    if names:
        sheet = ET.Element(root.tag.replace("svg", "style"))
        sheet.text = "".join(f".{name}{{{style}}}" for style, name in names.items())
        root.insert(0, sheet)
    return {name for style, name in names.items() if _OPACITY.search(style)}
