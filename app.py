"""What a hosted Space, and ``make run``, start: the workers and the page."""

from __future__ import annotations

import importlib
import os
import signal
import socket
import sys
from importlib.util import find_spec
from pathlib import Path

NEEDED = ("gradio", "tensorflow", "keras", "librosa", "av", "cv2", "sklearn", "psutil", "safetensors")


def complaint() -> str:
    """One sentence on why the studio cannot start here, or an empty text."""
    if not (3, 11) <= sys.version_info[:2] <= (3, 13):
        return f"The studio needs Python 3.11 to 3.13; this is {sys.version_info[0]}.{sys.version_info[1]}."
    missing = [name for name in NEEDED if find_spec(name) is None]
    if missing:
        return f"Not installed: {', '.join(missing)}. Run: pip install -r requirements.txt (or: make run)."
    try:
        importlib.import_module("cv2")
    except ImportError as error:
        return f"OpenCV does not load ({error}). On Debian or Ubuntu: apt-get install libgl1 libglib2.0-0."
    from avai.config import settings
    from avai.errors import RequestError
    from avai.jobs.folders import run_folder

    try:
        run_folder(Path(settings().jobs_dir))
    except (ValueError, RequestError) as error:
        return str(error)
    return ""


def port() -> int:
    """The port to serve on; ends with one sentence when it is not a number, or another program has it."""
    asked = os.environ.get("GRADIO_SERVER_PORT") or "7860"
    if not asked.isdigit():
        sys.exit(f"GRADIO_SERVER_PORT should be a number, not {asked!r}.")
    with socket.socket() as probe:
        if probe.connect_ex(("127.0.0.1", int(asked))) == 0:
            sys.exit(f"Port {asked} is taken by another program. Set GRADIO_SERVER_PORT to a free one.")
    return int(asked)


def main() -> None:
    """Start the workers, then serve the page until it is interrupted."""
    from avai.config import settings

    limits, serve_on = settings(), port()
    os.environ["GRADIO_ANALYTICS_ENABLED"] = "False"
    from avai.jobs import Studio

    address = "0.0.0.0" if "SPACE_ID" in os.environ else "127.0.0.1"
    with Studio(limits) as studio:
        # what comes in lies beside what goes out: a result is served in place, and all of it goes with the run
        os.environ["GRADIO_TEMP_DIR"] = str(studio.folder)

        from avai.ui import page, theme
        from avai.ui.language import translations

        blocks = page.build(studio)
        blocks.queue(max_size=limits.queue + 20, default_concurrency_limit=None)
        blocks.launch(
            server_name=os.environ.get("GRADIO_SERVER_NAME") or address,
            server_port=serve_on,
            max_file_size=limits.max_bytes,
            allowed_paths=[],
            ssr_mode=False,
            footer_links=["api", "settings"],
            theme=theme.theme(),
            head=theme.head(),
            i18n=translations(),
        )


if __name__ == "__main__":
    # a polite end, as containers ask for it, closes workers and folders like Ctrl-C does
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    try:
        if problem := complaint():
            sys.exit(problem)
        main()
    except KeyboardInterrupt:  # while it starts; once it serves, gradio hears it
        sys.exit(130)
