"""How fast the page opens, how soon Stop stops, how much memory is held: the page and its worker as people run them."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import tempfile
import time
import urllib.request
from dataclasses import replace
from pathlib import Path

import psutil
from report import head

from avai.config import ASSETS, ROOT, settings
from avai.contracts import EditRequest, Request, SummarizeRequest
from avai.errors import Cancelled
from avai.jobs import Studio

REEL = ASSETS / "examples" / "reel.mp4"
MB = 1e6


def page() -> None:
    """Start ``app.py``: seconds until it answers, resident memory then."""
    with socket.socket() as free, tempfile.TemporaryDirectory() as jobs:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
        free.close()
        began = time.perf_counter()
        env = os.environ | {"GRADIO_SERVER_PORT": str(port), "AVAI_JOBS_DIR": jobs}
        app = subprocess.Popen([sys.executable, "app.py"], cwd=ROOT, env=env, stdout=subprocess.DEVNULL)
        while True:
            try:
                urllib.request.urlopen(f"http://127.0.0.1:{port}/", timeout=2).close()
                break
            except OSError:
                time.sleep(0.05)
        took = time.perf_counter() - began
        memory = psutil.Process(app.pid).memory_info().rss / MB
        app.terminate()
        app.wait(20)
    print(f"page answers after {took:.1f} s, web process {memory:.0f} MB")


def worker() -> None:
    """A studio with its worker: seconds until it is ready, memory, and how long real work takes to stop."""
    with tempfile.TemporaryDirectory() as jobs, Studio(replace(settings(), jobs_dir=jobs)) as studio:
        began = time.perf_counter()
        while studio.state != "ready":
            time.sleep(0.05)
        print(f"networks ready after {time.perf_counter() - began:.1f} s, workers {held(studio)}")
        work: list[Request] = [SummarizeRequest(clip=REEL, seconds=5), EditRequest(clip=REEL, target=5)]
        for request in work:
            for share in (0.1, 0.4, 0.7):
                stop(studio, request, share)
            studio.submit(request.task, request).result(timeout=300)
        print(f"after work, workers {held(studio)}")


def held(studio: Studio) -> str:
    return ", ".join(f"{psutil.Process(pid).memory_info().rss / MB:.0f} MB" for pid in studio.pids)


def stop(studio: Studio, request: Request, share: float) -> None:
    job = studio.submit(request.task, request)
    for update in job.updates():
        if update.done >= share:
            break
    began = time.perf_counter()
    job.stop()
    try:
        job.result(timeout=20)
        print(f"{request.task} was done before it could be stopped at {share:.0%}")
    except Cancelled:
        left = "nothing left" if not Path(job.folder).exists() else "FOLDER LEFT"
        print(f"{request.task} stopped at {share:.0%} in {time.perf_counter() - began:.2f} s, {left}")


def main() -> None:
    head("The studio as people run it", "gradio", "tensorflow", "psutil")
    page()
    worker()


if __name__ == "__main__":
    main()
