"""The jump cut of a talk: what is spoken, with a margin, and no pause longer than asked."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from avai.networks.sounding import STEP
from avai.services.hearing import SPEECH_STEP, Hearing
from avai.services.layers import music_spans
from avai.services.silences import CLICK, sounding
from avai.services.spans import (
    Stretch,
    closed,
    complement,
    covered,
    long_enough,
    overlap,
    padded,
    runs,
    touching,
    union,
)
from avai.services.voices import AROUND, BEFORE, HIDDEN_DB, PAUSE, RANGE_DB, speech_spans

# The constants were tuned by benchmarks/edit.py on its tuning readers, rooms and noises.
TALK = 0.2
"""A clip is a talk when at least so much of it is speech; else every sound in it counts."""
STANDS_DB, LOUD_DB = 10.0, 20.0
"""Another sound is kept with the words that is so far above what is heard between them, and within this of their loud
parts; a breath is softer. Music need only be that loud: it may go on all the time."""
OTHER = 0.15
"""Seconds; another sound that is shorter is a tick or a smack of the lips."""
CRISP_DB = 14.0
"""Consonants are within this of the loud parts, in the levels that rumble weighs little in."""
CLEAR_DB, PLAIN_DB = 4.0, 2.0
"""What sounds is so far above what is heard beside speech; what is plainly heard, so much further."""
SNATCH = 0.03
"""Seconds; what sounds for less is a peak of the noise."""
HEAD, TAIL = 0.04, 0.12
"""Seconds of a word's soft beginning and end that noise hides, where it hides ``HIDDEN_DB`` of the range of speech; of
less it hides less, by the square."""
BREATH = 0.12
"""Seconds; what is soft all through and further from the plain sounds of a word is a breath."""
CERTAIN, LINGERS = 0.9, 0.15
"""A probability at which there is speech whatever the levels say, and the seconds for which it stays on too long."""
SURE_PAUSE = 0.5
"""A gap inside a phrase is a pause where the probability of speech falls below this."""
SMALLEST_CUT = 0.05
"""Seconds; a cut that would save less is not worth the jump."""


def spoken_stretches(
    hearing: Hearing,
    threshold_db: float | None = None,
    shortest_silence: float = 0.4,
    before: float = 0.1,
    after: float = 0.1,
    shortest_piece: float = 0.3,
) -> list[Stretch]:
    """What a talk keeps when its silences go: sorted stretches of [0, where the sound ends) in seconds.

    A silence of at least ``shortest_silence`` is cut down to the margins, ``after`` what sounded and ``before`` what
    sounds next, but not where that would save less than ``SMALLEST_CUT``. A piece shorter than ``shortest_piece`` goes,
    unless somebody speaks in it: then it is made longer.
    With ``threshold_db`` all sounds that is as loud, and nothing else does; None: what is spoken, and what else clearly
    stands out, breaths left out. Empty when nothing sounds.
    """
    end = hearing.ends
    sounds = _loud(hearing, threshold_db) if threshold_db is not None else heard(hearing)
    phrases = closed(sounds, shortest_silence - 1e-6)
    pieces = closed(padded(phrases, before, after, end), SMALLEST_CUT)
    short = [(a, b) for a, b in pieces if b - a < shortest_piece - 1e-9]
    said = touching(short, speech_spans(hearing)) if threshold_db is None and short else []
    grown = [_grown(each, min(shortest_piece, end), end) for each in said]
    return union(closed(union(long_enough(pieces, shortest_piece), grown), SMALLEST_CUT))


def heard(hearing: Hearing) -> list[Stretch]:
    """What sounds in a clip, without a given threshold: of a talk the words and what stands out between them, of
    anything else all that is not silence."""
    speech = speech_spans(hearing)
    if sum(b - a for a, b in speech) < TALK * hearing.ends:
        return long_enough(sounding(hearing, None, 0.1, count_clicks=False), CLICK)
    beside = _beside(hearing, speech)
    words = _words(hearing, speech, beside)
    spoken = hearing.levels[covered(speech, len(hearing.levels), STEP)]
    level = float(np.percentile(spoken, 95)) - LOUD_DB
    played = overlap(music_spans(hearing), closed(runs(hearing.levels >= level, STEP), PAUSE))
    if beside.any():
        level = max(level, float(np.percentile(hearing.levels[beside], 25)) + STANDS_DB)
    loud = closed(runs(hearing.levels >= level, STEP), CLICK)
    other = long_enough(overlap(loud, complement(speech, hearing.ends)), OTHER)
    return union(words, other, long_enough(played, OTHER))


def _beside(hearing: Hearing, speech: list[Stretch]) -> NDArray[np.bool_]:
    """Which 10 ms are well away from speech."""
    return ~covered(padded(speech, 0.2, 0.2, hearing.ends), len(hearing.levels), STEP)


def _words(hearing: Hearing, speech: list[Stretch], beside: NDArray[np.bool_]) -> list[Stretch]:
    """The stretches of speech with edges where its sound begins and ends."""
    spoken = covered(speech, len(hearing.levels), STEP)
    found = [word for span in speech for word in _placed(hearing, span, spoken, beside)]
    return union([(max(0.0, a), min(hearing.ends, b)) for a, b in found])


def _placed(hearing: Hearing, span: Stretch, spoken: NDArray[np.bool_], beside: NDArray[np.bool_]) -> list[Stretch]:
    """One stretch of speech where the levels place it, in one or more phrases.

    Where the room hides the soft ends of words, the network fires late and lingers; there the levels of the sound and
    of its rise decide, with some allowance for what is hidden, and the network where it is certain.
    """
    start, end = span
    near = slice(max(0, round((start - AROUND) / STEP)), round((end + AROUND) / STEP))
    here = slice(max(0, round((start - BEFORE) / STEP)), round((end + PAUSE) / STEP))
    soft, clear = _bounds(hearing.levels, near, spoken, beside, RANGE_DB)
    levels, hidden = hearing.levels[here], min(max(clear - soft, 0.0) / HIDDEN_DB, 1.0)
    sure = levels >= max(soft, clear)
    if hidden and len(hearing.crisp) == len(hearing.levels):
        sure |= hearing.crisp[here] >= max(_bounds(hearing.crisp, near, spoken, beside, CRISP_DB))
    at = here.start * STEP
    sounds = [(at + a, at + b) for a, b in long_enough(runs(sure, STEP), SNATCH)]
    loud = runs(levels >= max(soft + RANGE_DB - LOUD_DB, clear + PLAIN_DB), STEP)
    plain = touching(sounds, [(at + a, at + b) for a, b in loud])
    sounds = overlap(sounds, padded(plain, BREATH, BREATH, hearing.ends))
    if hidden:
        sounds = union(sounds, overlap(_certain(hearing.speech, span), [span]))
    phrases = _phrases(closed(sounds, PAUSE), hearing.speech)
    return [(a - HEAD * hidden**2, b + TAIL * hidden**2) for a, b in phrases] or [span]


def _certain(speech: NDArray[np.float32], span: Stretch) -> list[Stretch]:
    """Where in a stretch the network is certain of speech, less the time for which it stays so."""
    first = round(span[0] / SPEECH_STEP)
    sure = runs(speech[first : round(span[1] / SPEECH_STEP) + 1] >= CERTAIN, SPEECH_STEP)
    at = first * SPEECH_STEP
    return [(at + a, at + b - LINGERS) for a, b in sure if b - a > LINGERS]


def _bounds(
    levels: NDArray[np.float64],
    near: slice,
    spoken: NDArray[np.bool_],
    beside: NDArray[np.bool_],
    below: float,
) -> tuple[float, float]:
    """The level of the softest speech nearby, and the one that what is heard beside it hardly reaches."""
    local, alone = levels[near], levels[near][beside[near]]
    soft = float(np.percentile(local[spoken[near]], 95)) - below
    room = np.percentile(alone, 90) if len(alone) > 20 else np.percentile(local, 5)
    return soft, float(room) + CLEAR_DB


def _phrases(sounds: list[Stretch], speech: NDArray[np.float32]) -> list[Stretch]:
    """The sounds of one stretch of speech, joined where the network hears it go on between them."""
    joined: list[Stretch] = []
    for start, end in sounds:
        if joined:
            between = speech[round(joined[-1][1] / SPEECH_STEP) : round(start / SPEECH_STEP) + 1]
            if between.min(initial=1.0) >= SURE_PAUSE:
                joined[-1] = (joined[-1][0], end)
                continue
        joined.append((start, end))
    return joined


def _loud(hearing: Hearing, threshold: float) -> list[Stretch]:
    """All that is as loud as the threshold in dB for at least ``CLICK``."""
    return long_enough(runs(hearing.levels >= threshold, STEP), CLICK)


def _grown(piece: Stretch, length: float, end: float) -> Stretch:
    """The piece made ``length`` long, at both sides alike where there is room."""
    start = min(max(0.0, (piece[0] + piece[1] - length) / 2), end - length)
    return start, start + length
