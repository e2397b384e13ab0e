"""The studio's own services in its own workers, with the real networks."""

from __future__ import annotations

import time
import zipfile
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import psutil
import pytest
import soundfile

from avai.config import Settings
from avai.contracts import Recognition, RecognizeRequest, SummarizeRequest, Training, TrainRequest
from avai.errors import Cancelled, RequestError
from avai.jobs import Studio


@pytest.fixture(scope="module")
def studio(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Studio]:
    with Studio(Settings(jobs_dir=str(tmp_path_factory.mktemp("jobs")))) as studio:
        yield studio


def test_a_job_given_while_networks_load_is_done_when_they_have(studio: Studio, gradio_media: Path) -> None:
    assert studio.state == "waking"
    job = studio.submit("recognize", RecognizeRequest(clip=gradio_media / "audio" / "sax.wav", split=False))
    updates = list(job.updates())
    assert updates[0].state == "queued"
    assert updates[0].position == 1
    assert studio.state == "ready"
    result = job.result()
    assert isinstance(result, Recognition)
    assert sum(span.end - span.start for span in result.layers["music"]) > result.duration / 2
    assert (job.folder / "recognition.json").exists()
    running = [update.done for update in updates if update.state == "running"]
    assert len(set(running)) > 2, "progress is told"


def test_stop_in_the_midst_of_real_work(studio: Studio, gradio_media: Path) -> None:
    job = studio.submit("summarize", SummarizeRequest(clip=gradio_media / "videos" / "world.mp4"))
    for update in job.updates():
        if update.done > 0.05:
            break
    else:
        pytest.fail("it was over before it could be stopped")
    began = time.monotonic()
    job.stop()
    with pytest.raises(Cancelled):
        job.result(timeout=10)
    assert time.monotonic() - began < 1.0
    assert not job.folder.exists()


def test_teaching_leaves_the_model_alone_and_a_stop_nothing(studio: Studio, tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "sounds.zip", "w") as archive:
        for number in range(8):
            rng = np.random.default_rng(number)
            bell = np.sin(np.arange(8000) * (0.3 + 0.01 * number)) * np.linspace(1, 0, 8000)
            soundfile.write(tmp_path / "one.wav", 0.3 * (bell if number < 4 else rng.standard_normal(8000)), 16_000)
            archive.write(tmp_path / "one.wav", f"{'bell' if number < 4 else 'hiss'}/{number}.wav")
    job = studio.submit("train", TrainRequest(material=(tmp_path / "sounds.zip",)))
    for update in job.updates():
        if update.what == "doing.listening":
            job.finish()  # the quick way has nothing to cut short
    result = job.result()
    assert isinstance(result, Training)
    assert {path.name for path in job.folder.iterdir()} == {"request.json", *result.files}
    assert not job.folder.with_suffix(".tmp").exists()

    stopped = studio.submit("train", TrainRequest(material=(tmp_path / "sounds.zip",), thorough=True))
    for update in stopped.updates():
        if update.what == "doing.listening":
            break
    stopped.stop()
    with pytest.raises(Cancelled):
        stopped.result(timeout=10)
    assert not stopped.folder.exists()
    assert not stopped.folder.with_suffix(".tmp").exists()


def test_a_refusal_comes_through_with_its_sentence(studio: Studio, gradio_media: Path) -> None:
    job = studio.submit("summarize", SummarizeRequest(clip=gradio_media / "audio" / "sax.wav"))
    with pytest.raises(RequestError) as refused:
        job.result(timeout=120)
    assert refused.value.sentence("zh") != refused.value.sentence("en")


def test_a_warm_worker_stays_far_below_its_limit(studio: Studio) -> None:
    assert all(psutil.Process(pid).memory_info().rss < Settings().worker_memory * 2 / 3 for pid in studio.pids)
