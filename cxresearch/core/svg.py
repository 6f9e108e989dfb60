"""What whoever draws a figure and the page that shows it must agree on."""

from __future__ import annotations

#: A matplotlib artist whose gid begins so keeps its greys on a dark page: for surfaces whose colour
#: is data, and for what is written on them, since a page turns over the greys of everything else.
AS_DRAWN = "as-drawn"
