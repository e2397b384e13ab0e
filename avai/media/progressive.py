"""Interlaced pictures made whole ones, as they are read."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator
from fractions import Fraction
from typing import cast

import av
from av.filter import Graph
from av.video.frame import VideoFrame

Timed = tuple[Fraction, VideoFrame]


def progressive(frames: Iterator[Timed]) -> Iterator[Timed]:
    """The same frames at the same times; from the first that is marked as interlaced on, such ones without their comb.

    FFmpeg's ``bwdif`` (after Weston 3-field and w3fdif) makes one whole frame of each, from its neighbors. Nothing is
    done, and no time lost, as long as no frame is interlaced.
    """
    graph: Graph | None = None
    times: deque[Fraction] = deque()  # the filter holds a frame back, and gives as many as it takes
    for time, frame in frames:
        if graph is None and not frame.interlaced_frame:
            yield time, frame
            continue
        graph = graph or _filter(frame)
        times.append(time)
        graph.push(frame)
        yield from _made(graph, times)
    if graph is not None:
        graph.push(None)
        yield from _made(graph, times)


def _made(graph: Graph, times: deque[Fraction]) -> Iterator[Timed]:
    while times:
        try:
            frame = cast(VideoFrame, graph.pull())
        except (av.error.BlockingIOError, av.error.EOFError):
            return
        yield times.popleft(), frame


def _filter(frame: VideoFrame) -> Graph:
    graph = Graph()
    kind = f"width={frame.width}:height={frame.height}:pix_fmt={frame.format.name}:time_base={frame.time_base}"
    source = graph.add("buffer", kind)
    return graph.link_nodes(source, graph.add("bwdif", "mode=send_frame:deint=interlaced"), graph.add("buffersink"))
