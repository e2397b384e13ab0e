"""An edit as project files of editors: text out, from what is asked of it; nothing is opened or written here.

``Cut`` says what was kept of one clip; ``otio``, ``edl``, ``final_cut_7`` and ``fcpxml`` give the file's text. All
count in whole frames of one clock (``clock_of``), so that they agree with each other to the frame. ``retimed`` moves
spans of the clip to where they are in the edit, for captions.
"""

from avai.handover.counting import Event, Mark, clock_of, events
from avai.handover.cut import Cut, CutPiece, Marker, placed
from avai.handover.edl import edl
from avai.handover.fcpxml import fcpxml
from avai.handover.final_cut_7 import final_cut_7
from avai.handover.otio import otio
from avai.handover.retiming import retimed
from avai.handover.timecode import drops, frame_of, timecode

__all__ = [
    "Cut",
    "CutPiece",
    "Event",
    "Mark",
    "Marker",
    "clock_of",
    "drops",
    "edl",
    "events",
    "fcpxml",
    "final_cut_7",
    "frame_of",
    "otio",
    "placed",
    "retimed",
    "timecode",
]
