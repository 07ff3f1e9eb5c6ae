"""Weight files: found in order, checked, downloaded from a server on this machine, and never replaced by others."""

import hashlib
import os
from dataclasses import replace
from pathlib import Path

import pytest
from local_server import serving

from face2sketch import weights
from face2sketch.errors import DownloadError

CONTENT = b"sixteen layers of numbers" * 100


@pytest.fixture
def server(monkeypatch):
    with serving(monkeypatch) as server:
        yield server


@pytest.fixture
def vgg(server, tmp_path, monkeypatch):
    """The entry "vgg16" with other bytes, at the address of the server; an empty cache, no folder of the reader's."""
    from face2sketch.data.download import Fetch

    entry = replace(
        weights.FILES["vgg16"], folder=server.address, checksum=f"md5:{hashlib.md5(CONTENT).hexdigest()}"
    )
    monkeypatch.setitem(weights.FILES, "vgg16", entry)
    monkeypatch.setenv("FACE2SKETCH_CACHE", str(tmp_path / "cache"))
    monkeypatch.delenv("FACE2SKETCH_WEIGHTS", raising=False)
    server.files[f"repo/{entry.file}"] = CONTENT

    def impatient(*arguments, **options):
        return Fetch(*arguments, retries=1, backoff=0.01, **options)

    monkeypatch.setattr(weights, "Fetch", impatient)
    return entry


def locate(**options) -> Path:
    return weights.locate("vgg16", progress=False, **options)


def test_downloaded_once_and_checked(server, vgg, tmp_path):
    path = locate()
    assert path == tmp_path / "cache" / "weights" / vgg.file
    assert path.read_bytes() == CONTENT
    assert locate() == path
    assert locate(download=False) == path
    assert server.asked.total() == 1
    assert [p.name for p in path.parent.iterdir()] == [vgg.file], "no remains of the download"


def test_the_readers_folder_comes_before_cache_and_network(server, vgg, tmp_path, monkeypatch):
    folder = tmp_path / "mine"
    folder.mkdir()
    (folder / vgg.file).write_bytes(CONTENT)
    cached = locate()
    monkeypatch.setenv("FACE2SKETCH_WEIGHTS", str(folder))
    assert locate() == folder / vgg.file != cached
    assert weights.table().loc["vgg16", "found"] == str(folder / vgg.file)


def test_an_explicit_path_comes_first_and_nothing_else_is_tried(server, vgg, tmp_path):
    path = tmp_path / "renamed.h5"
    path.write_bytes(CONTENT)
    assert locate(path=path) == path
    with pytest.raises(DownloadError, match="no such file"):
        locate(path=tmp_path / "absent.h5")
    assert server.asked.total() == 0


def test_a_local_file_of_another_content_is_an_error_and_not_passed_over(server, vgg, tmp_path, monkeypatch):
    monkeypatch.setenv("FACE2SKETCH_WEIGHTS", str(tmp_path))
    (tmp_path / vgg.file).write_bytes(CONTENT[:-1])
    with pytest.raises(DownloadError, match=rf"(?s){vgg.file} is not the file.*{vgg.checksum}"):
        locate()
    assert server.asked.total() == 0
    assert "another checksum" in weights.table().loc["vgg16", "found"]


def test_a_folder_that_does_not_exist_is_an_error(vgg, tmp_path, monkeypatch):
    monkeypatch.setenv("FACE2SKETCH_WEIGHTS", str(tmp_path / "nowhere"))
    with pytest.raises(DownloadError, match=r"nowhere, which is no folder"):
        locate()


def test_offline_the_message_says_what_is_missing_and_what_to_do(vgg, tmp_path, monkeypatch):
    with pytest.raises(DownloadError) as caught:
        locate(download=False)
    told = str(caught.value)
    for part in (vgg.file, vgg.address, vgg.checksum, "FACE2SKETCH_WEIGHTS (not set)", "cache", "58.9 MB"):
        assert part in told
    monkeypatch.setitem(weights.FILES, "vgg16", replace(vgg, folder="http://127.0.0.1:9/"))
    with pytest.raises(
        DownloadError, match=rf"(?s)127\.0\.0\.1:9/{vgg.file}: no connection.*FACE2SKETCH_WEIGHTS"
    ):
        locate()


def test_an_address_that_has_gone(server, vgg):
    server.files.clear()
    with pytest.raises(DownloadError, match=rf"(?s)answered 404.*{vgg.checksum}.*FACE2SKETCH_WEIGHTS"):
        locate()


def test_a_download_of_another_content_is_refused_and_not_stored(server, vgg, tmp_path):
    server.files[f"repo/{vgg.file}"] = b"a login page"
    with pytest.raises(DownloadError, match=r"has another MD5 than the expected"):
        locate()
    assert list((tmp_path / "cache" / "weights").iterdir()) == []


def test_a_damaged_file_in_the_cache_is_fetched_anew_but_an_error_offline(server, vgg):
    path = locate()
    path.write_bytes(b"half")
    with pytest.raises(DownloadError, match="is not the file of the weights"):
        locate(download=False)
    assert locate().read_bytes() == CONTENT


@pytest.mark.skipif(os.name != "posix", reason="permissions as POSIX has them")
def test_a_cache_that_cannot_be_written(vgg, monkeypatch):
    def refuse(self, *_, **__):
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(Path, "mkdir", refuse)
    with pytest.raises(DownloadError, match=r"(?s)writing there is not permitted.*FACE2SKETCH_CACHE"):
        locate()


def test_the_first_of_equals_that_is_here_is_taken_and_the_official_one_downloaded(
    vgg, tmp_path, monkeypatch
):
    """Equals: a local file without an address, and one that can be fetched."""
    names = ("vgg19-first-blocks", "vgg16")
    assert weights.locate_first(names)[0] == "vgg16"
    local = replace(weights.FILES[names[0]], checksum=f"sha256:{hashlib.sha256(b'arrays').hexdigest()}")
    monkeypatch.setitem(weights.FILES, names[0], local)
    (tmp_path / local.file).write_bytes(b"arrays")
    monkeypatch.setenv("FACE2SKETCH_WEIGHTS", str(tmp_path))
    assert weights.locate_first(names) == (names[0], tmp_path / local.file)


def test_weights_without_an_address_say_so(vgg, tmp_path):
    with pytest.raises(DownloadError, match="no official address"):
        weights.locate("vgg19-first-blocks")
    with pytest.raises(DownloadError, match="the library knows vgg16"):
        weights.locate("vgg61")


def test_what_is_published_agrees_with_the_installed_keras():
    """Address and MD5 stand in Keras' own source; if Keras changes them, this says so."""
    pytest.importorskip("keras")
    import inspect
    from importlib import import_module

    for name in ("vgg16", "vgg19"):
        module, entry = import_module(f"keras.src.applications.{name}"), weights.get(name)
        assert entry.address == module.WEIGHTS_PATH_NO_TOP
        source = inspect.getsource(module)
        assert entry.file in source
        assert entry.checksum.removeprefix("md5:") in source


def test_digits_in_a_file_name_are_those_of_its_checksum():
    """PyTorch's rule: "name-<first eight digits of the SHA-256>.pth"."""
    named = [entry for entry in weights.FILES.values() if entry.file.endswith(".pth") and "-" in entry.file]
    assert {entry.name for entry in named} >= {
        "alexnet",
        "squeezenet1_1",
        "vgg16-torchvision",
        "inception-fid",
    }
    for entry in named:
        digits = entry.file.removesuffix(".pth").rpartition("-")[2]
        assert len(digits) == 8
        assert entry.checksum.startswith(f"sha256:{digits}")
    for kind, digest in (entry.checksum.split(":") for entry in weights.FILES.values()):
        assert len(digest) == {"md5": 32, "sha256": 64}[kind]


def test_the_table_downloads_nothing_and_names_every_file(server, vgg):
    table = weights.table()
    assert list(table.index) == list(weights.FILES)
    assert (table["found"] == "not on this machine").all()
    assert table.loc["vgg16", "address"] == vgg.address
    assert server.asked.total() == 0


@pytest.mark.realdata
@pytest.mark.skipif(
    not os.environ.get("FACE2SKETCH_WEIGHTS"), reason="needs weights: set FACE2SKETCH_WEIGHTS"
)
def test_real_first_blocks_of_vgg19_are_as_registered():
    assert weights.locate("vgg19-first-blocks", download=False).is_file()
