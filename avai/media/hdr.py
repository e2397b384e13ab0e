"""Pictures of high dynamic range on an ordinary screen."""

from __future__ import annotations

from typing import cast

from av.filter import Graph
from av.video.frame import VideoFrame

PQ, HLG = 16, 18  # transfer characteristics of SMPTE ST 2084 and ARIB STD-B67


def is_hdr(frame: VideoFrame) -> bool:
    """Whether a frame is marked as PQ or HLG."""
    return frame.color_trc in (PQ, HLG)


class ToneMap:
    """Makes PQ and HLG pictures BT.709 ones of 8 bits.

    libswscale does it by a table over all colours: into IPTPQc4, lightness rolled off from the peak that the file
    tells (1000 nits for HLG, 10,000 for PQ that tells none) to that of the screen, colours drawn into BT.709's. To make
    the table takes seconds, once a clip; 8-bit H.264 with HDR marks would show steps in skies, and wrong colours in
    every player that takes no notice of the marks.
    """

    def __init__(self) -> None:
        self._graph: Graph | None = None
        self._kind: tuple[object, ...] = ()

    def mapped(self, frame: VideoFrame, width: int, height: int) -> VideoFrame:
        """The frame as yuv420p, BT.709, of this size."""
        kind = (frame.width, frame.height, frame.format.name, frame.color_trc, width, height)
        if self._graph is None or kind != self._kind:
            self._graph, self._kind = _filter(frame, width, height), kind
        frame.colorspace = 9
        frame.color_primaries = 9
        self._graph.push(frame)
        return cast(VideoFrame, self._graph.pull())


def _filter(frame: VideoFrame, width: int, height: int) -> Graph:
    graph = Graph()
    kind = f"width={frame.width}:height={frame.height}:pix_fmt={frame.format.name}:time_base=1/1000"
    scale = (
        f"{width}:{height}:in_color_matrix=bt2020:out_color_matrix=bt709:out_primaries=bt709:out_transfer=bt709"
        ":out_range=tv:intent=perceptual"
    )
    return graph.link_nodes(
        graph.add("buffer", kind), graph.add("scale", scale), graph.add("format", "yuv420p"), graph.add("buffersink")
    )
