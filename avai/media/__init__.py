"""Files to arrays and timelines, and back. Knows nothing of networks, services or the page."""

from avai.media.chapters import Chapter, with_chapters
from avai.media.clock import FrameTimes, frame_times, snap
from avai.media.door import Source, open_clip
from avai.media.form import CropPath, Form, codecs
from avai.media.pictures import Frame, PictureCheck, frame_at, frames, frames_at, frames_twice
from avai.media.previews import filmstrip, peaks, preview
from avai.media.probing import probe
from avai.media.remux import with_sound
from avai.media.rendering import Rendered, render
from avai.media.smartcut import Refusal, smart_cut
from avai.media.sound import Sound, audio, audio_blocks
from avai.media.soundcheck import SoundCheck
from avai.media.stills import jpeg, still, webp, write_jpeg
from avai.media.timeline import Piece, Timeline, Track, crossfaded, joined, of_track
from avai.media.wav import write_wav

__all__ = [
    "Chapter",
    "CropPath",
    "Form",
    "Frame",
    "FrameTimes",
    "PictureCheck",
    "Piece",
    "Refusal",
    "Rendered",
    "Sound",
    "SoundCheck",
    "Source",
    "Timeline",
    "Track",
    "audio",
    "audio_blocks",
    "codecs",
    "crossfaded",
    "filmstrip",
    "frame_at",
    "frame_times",
    "frames",
    "frames_at",
    "frames_twice",
    "joined",
    "jpeg",
    "of_track",
    "open_clip",
    "peaks",
    "preview",
    "probe",
    "render",
    "smart_cut",
    "snap",
    "still",
    "webp",
    "with_chapters",
    "with_sound",
    "write_jpeg",
    "write_wav",
]
