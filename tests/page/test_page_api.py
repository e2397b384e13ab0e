"""The API: its arguments are the requests' fields, it gives the result and its files, and it takes uploads only."""

from __future__ import annotations

from pathlib import Path

import av
import numpy as np
import pytest
import soundfile
from gradio_client import Client, handle_file
from gradio_client.exceptions import AppError
from page_serve import Served

from avai.contracts import (
    CardRequest,
    ComposeRequest,
    EditRequest,
    JudgeRequest,
    MaterialRequest,
    PlanRequest,
    RecognizeManyRequest,
    RecognizeRequest,
    Request,
    StoryboardRequest,
    SummarizeRequest,
    TrainRequest,
)

KINDS: tuple[type[Request], ...] = (
    RecognizeRequest,
    RecognizeManyRequest,
    StoryboardRequest,
    SummarizeRequest,
    PlanRequest,
    EditRequest,
    ComposeRequest,
    MaterialRequest,
    TrainRequest,
    CardRequest,
    JudgeRequest,
)


@pytest.fixture(scope="module")
def client(served: Served, tmp_path_factory: pytest.TempPathFactory) -> Client:
    return Client(served.url, verbose=False, download_files=tmp_path_factory.mktemp("got"))


def test_endpoints_are_the_requests(client: Client) -> None:
    named = client.view_api(return_format="dict", print_info=False)["named_endpoints"]
    assert set(named) == {f"/{kind.task}" for kind in KINDS}
    for kind in KINDS:
        given = [each["parameter_name"] for each in named[f"/{kind.task}"]["parameters"]]
        required = [name for name, field in kind.model_fields.items() if field.is_required()]
        assert given[: len(required)] == required
        assert sorted(given) == sorted(kind.model_fields)


def test_recognize(client: Client, gradio_media: Path) -> None:
    sax = gradio_media / "audio" / "sax.wav"
    result, files = client.predict(clip=handle_file(str(sax)), split=False, api_name="/recognize")
    assert result["duration"] == pytest.approx(16.0, abs=0.1)
    assert result["layers"]["music"]
    assert [Path(each).name for each in files] == [name for name in result["files"]]


def test_many_files_give_one_table_and_one_zip(client: Client, gradio_media: Path) -> None:
    given = [handle_file(str(gradio_media / each)) for each in ("audio/sax.wav", "images/lion.jpg")]
    result, files = client.predict(clips=given, split=False, api_name="/recognize_many")
    assert [each["name"] for each in result["clips"]] == ["sax.wav"]
    assert [(each["name"], each["reason"]["code"]) for each in result["unread"]] == [("lion.jpg", "media.is_picture")]
    assert [Path(each).name for each in files] == ["recognitions.json", "recognitions.csv", "recognitions.zip"]


def test_a_storyboard_keeps_the_pictures_at_given_times(client: Client, gradio_media: Path) -> None:
    video = gradio_media / "videos" / "a.mp4"
    result, _ = client.predict(clip=handle_file(str(video)), pictures=1, pinned=[0.5, 2], api_name="/storyboard")
    assert [picture["time"] for picture in result["pictures"]] == pytest.approx([0.5, 2], abs=0.05)


def test_edit_gives_a_film(client: Client, gradio_media: Path) -> None:
    video = gradio_media / "videos" / "b.mp4"
    result, files = client.predict(clip=handle_file(str(video)), target=2, prefer=["sharp"], api_name="/edit")
    film = next(each for each in files if each.endswith(".mp4"))
    with av.open(film) as container:
        assert float(container.duration / av.time_base) == pytest.approx(result["duration"], abs=0.1)


def test_clips_with_their_classes_become_a_model_that_judges(client: Client, tmp_path: Path) -> None:
    clips, labels = [], []
    for number in range(6):
        rng = np.random.default_rng(number)
        bell = np.sin(np.arange(8000) * (0.3 + 0.01 * number)) * np.linspace(1, 0, 8000)
        path = tmp_path / f"{number}.wav"
        soundfile.write(path, 0.3 * (bell if number < 3 else rng.standard_normal(8000)), 16_000)
        clips.append(handle_file(str(path)))
        labels.append("bell" if number < 3 else "hiss")
    result, files = client.predict(material=clips, labels=labels, api_name="/train")
    assert result["classes"] == ["bell", "hiss"]
    model = next(each for each in files if each.endswith(".avai"))
    card, _ = client.predict(model=handle_file(model), api_name="/card")
    assert card["accuracy"] == pytest.approx(result["accuracy"], abs=1e-4)
    judged, _ = client.predict(model=handle_file(model), clips=[clips[0], clips[5]], api_name="/judge")
    best = [each["scores"][0]["label"] for each in judged["clips"]]
    assert best[0] in ("bell", "other")
    assert best[1] in ("hiss", "other")


def test_a_value_out_of_its_limits_is_refused_in_a_sentence(client: Client, gradio_media: Path) -> None:
    with pytest.raises(AppError, match="give a number from 1 to 7200"):
        client.predict(clip=handle_file(str(gradio_media / "videos" / "b.mp4")), target=0.1, api_name="/edit")


@pytest.mark.parametrize("address", ["http://127.0.0.1:9/a.mp4", "https://example.org/a.mp4"])
def test_addresses_are_not_fetched(client: Client, address: str) -> None:
    given = {"path": address, "meta": {"_type": "gradio.FileData"}}
    with pytest.raises(AppError, match="addresses are not fetched"):
        client.predict(clip=given, api_name="/recognize")


def test_paths_of_the_server_are_not_opened(client: Client) -> None:
    given = {"path": "/etc/hostname", "meta": {"_type": "gradio.FileData"}}
    with pytest.raises(AppError):
        client.predict(clip=given, api_name="/recognize")
