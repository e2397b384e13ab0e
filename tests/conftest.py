"""Where real media is, and skips that say what is missing."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent


def shared_folder() -> Path:
    return Path(os.environ.get("AVAI_SHARED") or ROOT.parent / "shared")


@pytest.fixture(scope="session")
def shared() -> Path:
    """The folder of shared media and data; the test is skipped when it is not there."""
    folder = shared_folder()
    if not (folder / "media" / "SOURCES.csv").exists():
        pytest.skip(f"shared media not found at {folder}")
    return folder


@pytest.fixture(scope="session")
def gradio_media() -> Path:
    """Real videos, sounds and photographs that gradio's package carries (found without importing gradio)."""
    from importlib.util import find_spec

    spec = find_spec("gradio")
    assert spec
    assert spec.submodule_search_locations
    return Path(spec.submodule_search_locations[0]) / "media_assets"


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """With AVAI_NO_SKIPS a skipped test is a failure: say which."""
    for report in terminalreporter.stats.get("skipped", []) if os.environ.get("AVAI_NO_SKIPS") else []:
        terminalreporter.write_line(f"SKIPPED, and AVAI_NO_SKIPS is set: {report.nodeid}", red=True)


@pytest.hookimpl(trylast=True)
def pytest_sessionfinish(session: pytest.Session, exitstatus: int) -> None:
    reporter = session.config.pluginmanager.get_plugin("terminalreporter")  # none where half of the tests run
    if (
        os.environ.get("AVAI_NO_SKIPS")
        and exitstatus == pytest.ExitCode.OK
        and reporter
        and reporter.stats.get("skipped")
    ):
        session.exitstatus = pytest.ExitCode.TESTS_FAILED
