"""The columns that journeys' tables have of their own, so that no carried column takes their place.

A view lays its own columns beside the carried ones; of two with one name, one would be lost.
"""

from __future__ import annotations

#: What every prepared table has: whose event, when, and its code; the session it is in (a number
#: no other session has), its step in it, and whether it is the last; its step along the customer's
#: whole journey, the event after it there, and the time to that one.
COLUMNS = (
    "customer_id",
    "ts_us",
    "event",
    "session",
    "step",
    "last",
    "journey_step",
    "journey_next",
    "to_journey_next_us",
)
#: Sessions given by an export may overlap in time, so that the next event of the session is not
#: the next one of the customer.
GIVEN_COLUMNS = ("session_next", "to_session_next_us")
NEXT = ("next_event", "to_next_us")
#: What :meth:`Prepared.steps` gives of every event.
STEP_COLUMNS = ("customer_id", "unit", "ts_us", "event", "step", *NEXT, "journey_step")

_OF_UNITS = (
    "after_us came_back end entry_us events first_step forbidden goal_step goal_us gone_at half "
    "leg length out_step out_us outcome part reached start_0 start_step start_us steps time_0 "
    "wait_us waited_us moment own before latest_us time month"
)
_OF_CUSTOMERS = "at_start begins order orders visits followed starts spent times"
_OF_CELLS = (
    "again all_x all_y by ci_high ci_low code count counted customers having ids in_first "
    "in_second lacking median n of other other_step path paths pattern rows second_next "
    "share single source taken_once target units v x x1 x2 xx xy y y1 y2 yy"
)
_OF_TALLIES = "first_us last_us sessions tied without_session"

#: Names that no carried column can have, in small letters: an engine may not tell large ones apart.
RESERVED = frozenset(
    {
        *COLUMNS,
        *GIVEN_COLUMNS,
        *STEP_COLUMNS,
        *" ".join((_OF_UNITS, _OF_CUSTOMERS, _OF_CELLS, _OF_TALLIES)).split(),
    }
)
