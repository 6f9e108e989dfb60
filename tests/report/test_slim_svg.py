"""A drawing keeps what is seen of it and loses what is not."""

from __future__ import annotations

from xml.etree import ElementTree as ET

from matplotlib import pyplot as plt

from cxresearch.report import figures, slim_svg


def slimmed(svg: str) -> ET.Element:
    root = ET.fromstring(svg)
    slim_svg.slim(root, prefix="f-")
    return root


def test_a_style_used_twice_is_a_class_and_one_used_once_stays() -> None:
    root = slimmed(
        '<svg><path style="fill: #fff"/><path style="fill: #fff"/><path style="fill: #000"/></svg>'
    )
    sheet, *paths = root
    assert sheet.text == ".f-0{fill: #fff}"
    assert [path.attrib for path in paths] == [
        {"class": "f-0"}, {"class": "f-0"}, {"style": "fill: #000"},
    ]  # fmt: skip


def test_links_and_clips_lead_to_what_they_led_to() -> None:
    root = slimmed(
        '<svg><g id="unused"><defs><path id="mark"/><clipPath id="box"/></defs>'
        '<g clip-path="url(#box)"><use href="#mark"/></g><path style="fill: #123456"/></g></svg>'
    )
    mark, box = root[0]
    assert root[1].attrib == {"clip-path": f"url(#{box.get('id')})"}
    assert root[1][0].get("href") == f"#{mark.get('id')}"
    assert mark.get("id") != box.get("id")
    assert root[2].attrib == {"style": "fill: #123456"}  # no link: a colour
    assert [one.tag for one in root.iter()].count("g") == 1


def test_what_is_read_keeps_its_spaces_and_its_digits() -> None:
    root = slimmed('<svg>\n <text x="1.23456"> 1.23456  L </text>\n</svg>')
    assert (root[0].text, root[0].get("x"), root[0].tail) == (" 1.23456  L ", "1.235", None)


def test_coordinates_stay_within_a_tenth_of_a_point_whatever_their_sign_and_size() -> None:
    root = slimmed(
        '<svg><path d="M -0.00012 555.59952 L 12.25 -7.2 z"/>'
        '<text transform="translate(85.213418 -244.300193) rotate(-0 85.2 244.3)"/>'
        '<text transform="rotate(-90 85.213418 244.300193)"/></svg>'
    )
    assert root[0].get("d") == "M-0.00012 555.6L12.25-7.2z"
    assert root[1].get("transform") == "translate(85.21 -244.3)"
    assert root[2].get("transform") == "rotate(-90 85.21 244.3)"


def test_level_and_upright_lines_name_what_moves() -> None:
    root = slimmed(
        '<svg><path d="M 1 2 L 5 2 L 5 -8 L 1 -8 z"/>'
        '<path d="M 1 2 C 3 4 5 6 7 8 L 7 9"/><path d="M 1 0.00001 L 2 0.00001 L 2 0.5"/></svg>'
    )
    assert [path.get("d") for path in root] == [
        "M1 2H5V-8H1z",
        "M1 2C3 4 5 6 7 8L7 9",  # a curve's last point is not its first
        "M1 1e-05H2V0.5",
    ]


def test_neighbours_share_their_clip_and_their_look_but_no_opacity() -> None:
    box = '<defs><clipPath id="box"/></defs>'
    one = '<path d="M 0 0" clip-path="url(#box)" style="fill: #123456"/>'
    clear = '<path d="M 0 0" clip-path="url(#box)" style="opacity: 0.5"/>'
    half = '<path d="M 0 0" clip-path="url(#box)" style="fill-opacity: 0.5"/>'
    root = slimmed(f"<svg>{box}{one * 3}{clear * 3}<text/>{half * 3}<text/>{one * 2}</svg>")
    _, _, both, _, halves, _, *two = root
    assert [sorted(group.attrib) for group in (both, halves)] == [["clip-path"]] * 2
    alike, *apart = both
    assert [sorted(path.attrib) for path in apart] == [["class", "d"]] * 3
    for group in (alike, *halves):
        assert sorted(group.attrib) == ["class"]
        assert [sorted(path.attrib) for path in group] == [["d"]] * 3
    assert [sorted(path.attrib) for path in two] == [["class", "clip-path", "d"]] * 2


def test_what_is_drawn_by_its_name_keeps_its_look() -> None:
    marks = "".join(f'<path id="{name}" style="fill: #123456"/>' for name in "abc")
    uses = "".join(f'<use href="#{name}"/>' for name in "abc")
    _, defs, *_ = slimmed(f"<svg><defs>{marks}</defs>{uses}</svg>")
    assert [sorted(path.attrib) for path in defs] == [["class", "id"]] * 3


def test_what_is_neither_filled_nor_drawn_is_left_out() -> None:
    root = slimmed(
        '<svg><path style="fill: none"/><path style="fill: none; stroke: #000000"/></svg>'
    )
    assert [path.attrib for path in root] == [{"style": "fill: none; stroke: #000000"}]


def test_a_drawing_of_matplotlib_is_less_than_half_as_large() -> None:
    _, axes = plt.subplots()
    axes.plot(range(24), [place**2 % 7 for place in range(24)], "o-")
    drawing = figures.render(axes.figure, None)
    whole = drawing.said("A", "B").payload
    small = figures.inlined(whole, prefix="f-")
    assert len(small) < len(whole) / 2
    written = [one.text for one in ET.fromstring(small).iter() if one.tag.endswith("text")]
    assert written == [one.text for one in ET.fromstring(whole).iter() if one.tag.endswith("text")]
