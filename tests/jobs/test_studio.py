"""Workers that do well, and workers that crash, hang, grow and are killed, with real processes."""

from __future__ import annotations

import itertools
import json
import logging
import os
import signal
import stat
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace

import psutil
import pytest
from broken_services import SERVICES

from avai.config import ROOT, Settings
from avai.contracts import ClipInfo, PreviewRequest, ProbeRequest
from avai.errors import Cancelled, Enough, Fault, RequestError
from avai.jobs import Job, Studio, limits
from avai.jobs.waiting import WaitingLine

ASK = ProbeRequest(clip=Path("/nowhere"))
LIMITS = Settings(worker_memory=400_000_000, queue=3)


def studio_in(folder: Path, settings: Settings = LIMITS, services: dict[str, str] | None = SERVICES) -> Studio:
    measure = "avai.services:seconds_of" if services is None else None
    return Studio(replace(settings, jobs_dir=str(folder)), services, warm=None, measure=measure)


@pytest.fixture(scope="module")
def studio(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Studio]:
    with studio_in(tmp_path_factory.mktemp("jobs")) as studio:
        yield studio


def until_running(job: Job) -> None:
    for update in job.updates():
        if update.state == "running" and update.what == "job.reading":
            return
    raise AssertionError("the job ended before it ran")


def wait_for(condition, seconds: float = 10.0) -> None:
    until = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < until, "it did not happen"
        time.sleep(0.02)


def files_under(folder: Path) -> list[str]:
    return sorted(str(path.relative_to(folder)) for path in folder.rglob("*"))


def test_progress_goes_up_with_time_left_and_ends_in_a_result(studio: Studio) -> None:
    job = studio.submit("work", ASK)
    moments, updates = [], []
    for update in job.updates():
        moments.append(time.monotonic())
        updates.append(update)
    gaps = [after - before for before, after in itertools.pairwise(moments)]
    assert max(gaps) < 0.5, "an update at least twice a second"
    shares = [update.done for update in updates]
    assert shares == sorted(shares)
    assert shares[-1] == 1.0
    assert updates[-1].state == "done"
    halfway = [update for update in updates if update.done >= 0.6 and update.left is not None]
    assert halfway, "time left is told"
    assert halfway[0].left == pytest.approx(2.0 * (1 - halfway[0].done), abs=0.5)

    result = job.result()
    assert isinstance(result, ClipInfo)
    assert result.warnings[0].code == "job.stopped"
    assert files_under(job.folder) == ["made.txt", "request.json"]
    assert json.loads((job.folder / "request.json").read_text())["clip"] == "/nowhere"
    assert stat.S_IMODE(job.folder.stat().st_mode) == 0o700
    assert len(job.folder.name) == 32


@pytest.mark.parametrize("service", ["hang_politely", "hang", "swallow"])
def test_stop_ends_the_work_within_a_second_and_leaves_nothing(studio: Studio, service: str) -> None:
    job = studio.submit(service, ASK)
    until_running(job)
    began = time.monotonic()
    job.stop()
    with pytest.raises(Cancelled):
        job.result(timeout=5)
    took = time.monotonic() - began
    assert took < (0.5 if service == "hang_politely" else 1.0)
    assert not job.folder.exists()
    assert not job.folder.with_suffix(".tmp").exists()
    assert list(job.updates())[-1].state == "stopped"


def test_a_finish_keeps_what_there_is_and_the_worker_lives(studio: Studio) -> None:
    job = studio.submit("improve", ASK)
    until_running(job)
    pid = studio.pids[0]
    began = time.monotonic()
    job.finish()
    job.finish()
    assert isinstance(job.result(timeout=10), ClipInfo)
    assert time.monotonic() - began > 1.4, "it is told once, and has its time to end well"
    assert studio.pids[0] == pid


def test_a_stop_ends_what_was_asked_to_finish(studio: Studio) -> None:
    job = studio.submit("improve", ASK)
    until_running(job)
    job.finish()
    assert any(update.what == "job.drawing" for update in job.updates())
    job.stop()
    with pytest.raises(Cancelled):
        job.result(timeout=2)
    assert not job.folder.exists()


def test_a_finish_of_what_has_nothing_yet_is_a_stop_that_says_so(studio: Studio) -> None:
    job = studio.submit("hang_politely", ASK)
    until_running(job)
    waiting = studio.submit("work", ASK)
    waiting.finish()
    job.finish()
    for each in (waiting, job):
        with pytest.raises(Cancelled):
            each.result(timeout=5)
        assert not each.folder.exists()
    with pytest.raises(Enough):
        job.result(timeout=5)


@pytest.mark.parametrize(
    ("service", "error", "key"),
    [
        ("exit_at_once", Fault, "job.crashed"),
        ("segfault", Fault, "job.crashed"),
        ("killed", Fault, "job.crashed"),
        ("grow", Fault, "job.memory"),
        ("bug", Fault, "job.fault"),
        ("scribble", Fault, "job.fault"),
        ("disk_full", Fault, "job.disk_full"),
        ("no_libgl", Fault, "job.no_libgl"),
        ("bad_request", RequestError, "job.queue_full"),
    ],
)
def test_trouble_fails_its_own_job_with_one_sentence(
    studio: Studio, caplog: pytest.LogCaptureFixture, service: str, error: type[Exception], key: str
) -> None:
    with caplog.at_level(logging.ERROR, "avai.jobs"):
        job = studio.submit(service, ASK)
        next_one = studio.submit("quick", ASK)
        with pytest.raises(error) as caught:
            job.result(timeout=20)
    assert caught.value.key == key
    for language in ("en", "zh"):
        sentence = caught.value.sentence(language)
        assert "\n" not in sentence
        assert "Traceback" not in sentence
        assert "secret" not in sentence
        if "id" in caught.value.values:
            assert job.id in sentence
    if error is Fault:
        assert job.id in caplog.text
    if service == "bug":
        assert "ZeroDivisionError: the secret of the bug" in caplog.text
    if service == "segfault":
        assert "SIGSEGV" in caplog.text
    assert not job.folder.exists()
    assert isinstance(next_one.result(timeout=20), ClipInfo), "the next job runs on a new worker"


def test_a_worker_that_somebody_kills_is_replaced(studio: Studio) -> None:
    wait_for(lambda: studio.state == "ready")
    pid = studio.pids[0]
    os.kill(pid, signal.SIGKILL)
    wait_for(lambda: studio.state == "waking", 2)
    wait_for(lambda: studio.state == "ready")
    assert studio.pids[0] != pid

    os.kill(studio.pids[0], signal.SIGKILL)
    assert studio.submit("quick", ASK).result(timeout=20), "a job that had not begun is not lost with the worker"


def test_the_line_says_places_and_refuses_when_full(studio: Studio) -> None:
    running = studio.submit("hang_politely", ASK)
    until_running(running)
    waiting = [studio.submit("work", ASK) for _ in range(3)]
    assert [job.update().position for job in waiting] == [1, 2, 3]
    assert waiting[0].update().state == "queued"
    before = files_under(running.folder.parent)
    with pytest.raises(RequestError) as refused:
        studio.submit("work", ASK)
    assert refused.value.key == "job.queue_full"
    assert files_under(running.folder.parent) == before, "a refused job leaves no folder"

    waiting[0].stop()
    assert waiting[0].update().state == "stopped"
    assert [job.update().position for job in waiting] == [0, 1, 2]
    for job in (*waiting, running):
        job.stop()
    for job in (*waiting, running):
        with pytest.raises(Cancelled):
            job.result(timeout=5)
        assert not job.folder.exists()


def test_a_job_that_takes_too_long_is_ended(tmp_path: Path, gradio_media: Path) -> None:
    """The limit follows the clips: 0.5 s and a tenth of the length of a real one."""
    settings = Settings(base_seconds=0.5, seconds_per_second=0.1, jobs_dir=str(tmp_path))
    ask = ProbeRequest(clip=gradio_media / "videos" / "world.mp4")
    with Studio(settings, SERVICES, warm=None) as studio:
        job = studio.submit("hang", ask)
        until_running(job)
        began = time.monotonic()
        with pytest.raises(Fault) as caught:
            job.result(timeout=20)
        assert caught.value.key == "job.too_long"
        assert time.monotonic() - began < 0.5 + 0.1 * 40


def test_many_clips_may_take_their_time_to_be_measured_and_a_stop_is_heard_meanwhile(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(limits, "UNTIL_MEASURED", 1.0)
    settings = Settings(base_seconds=0.5, seconds_per_second=1.0, jobs_dir=str(tmp_path))
    with Studio(settings, SERVICES, warm=None, measure="broken_services:measure") as studio:
        job = studio.submit("quick", ASK)
        assert job.result(timeout=20).duration == 1.0
        stopped = studio.submit("quick", ASK)
        pids = studio.pids
        assert any(update.what == "job.measuring" for update in stopped.updates())
        stopped.stop()
        with pytest.raises(Cancelled):
            stopped.result(timeout=1)
        assert studio.pids == pids


def test_a_worker_that_hangs_is_replaced_and_its_job_tried_once_more(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("avai.jobs.limits.STILL", 1.5)
    with studio_in(tmp_path) as studio:
        again = studio.submit("hang_once", ProbeRequest(clip=tmp_path / "been_here"))
        assert isinstance(again.result(timeout=30), ClipInfo)
        never = studio.submit("hang", ASK)
        with pytest.raises(Fault) as caught:
            never.result(timeout=30)
        assert caught.value.key == "job.hung"
        assert not never.folder.exists()


def test_folders_go_when_their_time_is_over_but_not_under_a_running_job(tmp_path: Path) -> None:
    with studio_in(tmp_path, replace(LIMITS, keep_minutes=0.5 / 60)) as studio:
        first = studio.submit("quick", ASK)
        first.result(timeout=20)
        running = studio.submit("hang_politely", ASK)
        until_running(running)
        assert first.folder.exists()
        wait_for(lambda: not first.folder.exists(), 5)
        time.sleep(0.8)
        assert (running.folder / "half.txt").exists()
    assert files_under(tmp_path) == [], "closing leaves nothing"


def test_what_was_remembered_does_not_shorten_the_time_left(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    clock = 100.0
    monkeypatch.setattr("avai.jobs.job.time", SimpleNamespace(monotonic=lambda: clock))
    job = Job("edit", ASK, tmp_path, WaitingLine(1))
    job.begin()
    for done in (0.0, 0.5, 0.51, 0.52, 0.53, 0.54, 0.56, 0.6):  # the first half is known by now
        job.report(done, "doing.rendering")
        clock += 0.1
    clock += 1.3
    job.report(0.6, "doing.rendering")
    assert job.update().left == pytest.approx(2.1 * 0.4 / 0.1, abs=0.1)


def test_a_start_sweeps_what_dead_runs_left_and_no_other(tmp_path: Path) -> None:
    me = psutil.Process()
    dead = tmp_path / f"{me.pid}-12345"  # this process id, but started at another time
    living = tmp_path / f"{os.getppid()}-{round(psutil.Process(os.getppid()).create_time() * 100)}"
    foreign = tmp_path / "photographs"
    for folder in (dead / "a", living / "b", foreign):
        folder.mkdir(parents=True)
        (folder / "file").write_text("x")
    with studio_in(tmp_path):
        assert not dead.exists()
        assert (living / "b" / "file").exists()
        assert (foreign / "file").exists()


def test_workers_end_when_the_web_process_is_killed(tmp_path: Path) -> None:
    program = (
        "import sys, time; from pathlib import Path; sys.path.insert(0, sys.argv[1])\n"
        "from avai.jobs import Studio; from avai.config import Settings; from avai.contracts import ProbeRequest\n"
        "from broken_services import SERVICES\n"
        "studio = Studio(Settings(jobs_dir=sys.argv[2]), SERVICES, warm=None, measure=None)\n"
        "studio.start()\n"
        "job = studio.submit('hang', ProbeRequest(clip=Path('/x')))\n"
        "any(update.what == 'job.reading' for update in job.updates())\n"
        "print(*studio.pids, flush=True)\n"
        "time.sleep(600)\n"
    )
    command = [sys.executable, "-c", program, str(Path(__file__).parent), str(tmp_path)]
    web = subprocess.Popen(command, stdout=subprocess.PIPE, text=True, cwd=ROOT)
    assert web.stdout is not None
    pids = [int(pid) for pid in web.stdout.readline().split()]
    assert pids
    assert all(psutil.pid_exists(pid) for pid in pids)
    web.kill()
    web.wait()
    web.stdout.close()
    wait_for(lambda: not any(_alive(pid) for pid in pids), 3)


def _alive(pid: int) -> bool:
    try:
        return psutil.Process(pid).status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False


def test_a_folder_of_another_user_is_not_used(tmp_path: Path) -> None:
    (tmp_path / "real").mkdir()
    (tmp_path / "link").symlink_to(tmp_path / "real")
    with pytest.raises(RequestError, match="AVAI_JOBS_DIR"):
        studio_in(tmp_path / "link").start()


def test_workers_that_cannot_start_are_said_to_those_who_wait(tmp_path: Path) -> None:
    settings = Settings(jobs_dir=str(tmp_path))
    with Studio(settings, SERVICES, warm="os:abort", measure=None) as studio:
        job = studio.submit("work", ASK)
        with pytest.raises(Fault) as caught:
            job.result(timeout=20)
        assert caught.value.key == "job.no_worker"
        assert studio.state == "waking"


def test_real_clips_are_looked_at_while_networks_load(tmp_path: Path, gradio_media: Path) -> None:
    """Probe and preview have a worker that needs no network."""
    settings = Settings(jobs_dir=str(tmp_path))
    with Studio(settings, warm="time:sleep") as studio:  # never done warming: sleep wants an argument, so it fails
        clip = gradio_media / "videos" / "world.mp4"
        job = studio.submit("probe", ProbeRequest(clip=clip))
        info = job.result(timeout=30)
        assert isinstance(info, ClipInfo)
        assert info.kind == "video"
        assert info.duration > 1
        job = studio.submit("preview", PreviewRequest(clip=clip))
        job.result(timeout=60)
        strip = json.loads((job.folder / "strip.json").read_text())
        assert strip["duration"] == pytest.approx(info.duration)
        assert strip["tiles"] > 0
        assert (job.folder / strip["film"]).read_bytes()[:2] == b"\xff\xd8"
        with pytest.raises(RequestError):
            studio.submit("probe", ProbeRequest(clip=tmp_path / "missing.mp4")).result(timeout=30)


def test_the_web_process_loads_no_network_and_opens_no_media() -> None:
    program = (
        "import sys, avai.jobs, avai.ui\n"
        "heavy = {'tensorflow', 'keras', 'librosa', 'av', 'cv2', 'moviepy', 'sklearn'} & set(sys.modules)\n"
        "sys.exit(' '.join(sorted(heavy)) or 0)"
    )
    subprocess.run([sys.executable, "-c", program], check=True, cwd=ROOT)
