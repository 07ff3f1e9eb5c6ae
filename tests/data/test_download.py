"""The downloader against a server on this machine that misbehaves in every way a real one does."""

import errno
import hashlib
import io
import json
from collections import Counter
from pathlib import Path

import numpy as np
import pytest
from local_server import serving
from PIL import Image

from face2sketch.data import cuhk, download
from face2sketch.data.download import Fetch, is_good, read_checksums
from face2sketch.errors import DataError, DownloadError


def jpeg(level: int, colour: bool) -> bytes:
    buffer = io.BytesIO()
    Image.fromarray(np.full((10, 8, 3) if colour else (10, 8), level, np.uint8)).save(buffer, "JPEG")
    return buffer.getvalue()


@pytest.fixture
def server(monkeypatch):
    with serving(monkeypatch) as server:
        yield server


@pytest.fixture
def fetch(server, tmp_path):
    """Ten small pictures in two folders, on the server and in a list of checksums."""
    names = [f"{side}/f-{n:03d}.jpg" for side in ("photos", "sketches") for n in range(5)]
    contents = {name: jpeg(n * 20, name.startswith("photos")) for n, name in enumerate(names)}
    server.files |= {f"repo/{name}": data for name, data in contents.items()}
    checksums = {name: hashlib.sha256(data).hexdigest() for name, data in contents.items()}
    return Fetch(
        server.address, checksums, tmp_path / "cache", "Use your own copy.", backoff=0.01, progress=False
    )


def stored(folder: Path) -> list[str]:
    return sorted(path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file())


def test_checksum_lists_are_read_as_sha256sum_writes_them():
    text = "AB12  one/a b.jpg\ncd34 *two.jpg\n\n"
    assert read_checksums(text) == {"one/a b.jpg": "ab12", "two.jpg": "cd34"}


def test_everything_arrives_once(server, fetch):
    assert fetch.run() == fetch.folder
    assert stored(fetch.folder) == sorted(fetch.checksums)
    assert fetch.missing() == []
    for name in fetch.checksums:
        assert (fetch.folder / name).read_bytes() == server.files[f"repo/{name}"]
    asked = server.asked.total()
    assert asked == 10
    fetch.run()
    assert server.asked.total() == asked, "a complete folder asks for nothing"


@pytest.mark.parametrize("fault", ["500", "503", "429", "truncate", "garble"])
def test_failures_that_may_pass_are_tried_again(server, fetch, fault):
    server.faults = {"repo/photos/f-000.jpg": [fault], "repo/sketches/f-003.jpg": [fault, fault]}
    fetch.run()
    assert stored(fetch.folder) == sorted(fetch.checksums)
    assert server.asked["repo/sketches/f-003.jpg"] == 3


def test_an_address_that_does_not_exist_is_not_asked_again(server, fetch):
    del server.files["repo/photos/f-000.jpg"]
    with pytest.raises(DownloadError, match=r"f-000\.jpg: the server answered 404(.|\n)*Use your own copy"):
        fetch.run()
    assert server.asked == Counter({"repo/photos/f-000.jpg": 1}), "the first failure ends it for all"


def test_a_lasting_mismatch_is_refused_and_nothing_bad_is_stored(server, fetch):
    server.files["repo/photos/f-000.jpg"] = b"another file"
    with pytest.raises(DownloadError, match=r"photos/f-000\.jpg: has another SHA-256 than the expected"):
        fetch.run()
    assert stored(fetch.folder) == []
    assert server.asked["repo/photos/f-000.jpg"] == 5


def test_an_interrupted_download_is_continued(server, fetch):
    fetch.workers = 1  # so that it is certain what came before the failure
    server.faults["repo/sketches/f-001.jpg"] = ["404"]
    with pytest.raises(DownloadError, match=r"6 of 10 files are complete(.|\n)*calling again continues"):
        fetch.run()
    assert len(stored(fetch.folder)) == 6
    assert not any(name.endswith(".part") for name in stored(fetch.folder))
    damaged = fetch.folder / "photos/f-002.jpg"
    damaged.write_bytes(damaged.read_bytes()[:-9])
    before = server.asked.copy()
    fetch.run()
    again = server.asked - before
    assert set(again) == {
        f"repo/{side}" for side in ("photos/f-002.jpg", *(f"sketches/f-00{n}.jpg" for n in range(1, 5)))
    }
    assert fetch.missing() == []


def test_an_interruption_by_the_user_leaves_whole_files_only(server, fetch, monkeypatch):
    fetch.workers = 1
    real, count = Fetch._get, Counter()

    def interrupted(self, address, part):
        count["calls"] += 1
        if count["calls"] == 4:
            part.write_bytes(b"half")
            raise KeyboardInterrupt
        real(self, address, part)

    monkeypatch.setattr(Fetch, "_get", interrupted)
    with pytest.raises(KeyboardInterrupt):
        fetch.run()
    assert len(stored(fetch.folder)) == 3
    assert all(is_good(fetch.folder / name, fetch.checksums[name]) for name in stored(fetch.folder))


def test_no_network(fetch, tmp_path):
    fetch.address, fetch.retries = "http://127.0.0.1:9/", 1  # the discard port: nobody listens
    with pytest.raises(
        DownloadError, match=r"127\.0\.0\.1:9/photos/f-000\.jpg: no connection(.|\n)*Use your own copy"
    ):
        fetch.run()


@pytest.mark.parametrize(
    ("number", "told"),
    [(errno.ENOSPC, "the disk is full"), (errno.EROFS, "read-only"), (errno.EACCES, "not permitted")],
)
def test_a_full_or_read_only_disk_names_the_file_and_the_way_out(fetch, monkeypatch, number, told):
    def refuse(self, address, part):
        part.write_bytes(b"begun")
        raise OSError(number, "as the system says it")

    monkeypatch.setattr(Fetch, "_get", refuse)
    with pytest.raises(
        DownloadError, match=rf"(?s)could not store .*f-000\.jpg: .*{told}.*FACE2SKETCH_CACHE"
    ):
        fetch.run()
    assert stored(fetch.folder) == []


def test_a_folder_that_cannot_be_made(fetch, monkeypatch):
    def refuse(self, *_, **__):
        raise PermissionError(errno.EACCES, "Permission denied")

    monkeypatch.setattr(Path, "mkdir", refuse)
    with pytest.raises(DownloadError, match="writing there is not permitted"):
        fetch.run()


def test_files_that_moved_within_the_repository_are_found(server, fetch):
    for name in list(server.files):
        server.files[name.replace("repo/", "repo/data set/").replace(" ", "%20")] = server.files.pop(name)
    tree = {"tree": [{"path": "README.md"}, *({"path": f"data set/{name}"} for name in fetch.checksums)]}
    server.files["listing"] = json.dumps(tree).encode()
    fetch.listing = server.address.replace("repo/", "listing?recursive=1")
    fetch.run()
    assert fetch.missing() == []
    assert server.asked["listing"] == 1


def test_old_remains_are_swept_and_young_ones_left(fetch, monkeypatch):
    import os

    folder = fetch.folder / "photos"
    folder.mkdir(parents=True)
    for name, age in (("old.1.part", 2 * download._STALE_AFTER), ("young.1.part", 0)):
        (folder / name).write_bytes(b"x")
        stamp = (folder / name).stat().st_mtime - age
        os.utime(folder / name, (stamp, stamp))
    fetch.run()
    assert [name for name in stored(fetch.folder) if name.endswith(".part")] == ["photos/young.1.part"]


def test_progress_is_shown_where_it_is_wanted(fetch, capsys):
    fetch.progress = True
    fetch.run()
    assert "10/10" in capsys.readouterr().err


# ---- cuhk_student() on such a server


@pytest.fixture
def small_cuhk(server, tmp_path, monkeypatch):
    """cuhk_student() with a list of four generated pairs, an empty cache and no FACE2SKETCH_DATA."""
    people = {"training": [("f-005-01", "F2-005-01-sz1"), ("m-008-01", "M2-008-01-sz1")],
              "testing": [("f-039-01", "f-039-01-sz1"), ("m1-002-01", "m1-002-01-sz1")]}  # fmt: skip
    contents = {}
    for split, names in people.items():
        for level, (photo, sketch) in enumerate(names):
            contents[f"CUHK_{split}_cropped_photos/{photo}.jpg"] = jpeg(level * 50, True)
            contents[f"CUHK_{split}_cropped_sketches/{sketch}.jpg"] = jpeg(level * 50, False)
    server.files |= {f"repo/{name}": data for name, data in contents.items()}
    sums = {name: hashlib.sha256(data).hexdigest() for name, data in contents.items()}
    monkeypatch.setattr(cuhk, "checksums", lambda: sums)
    cuhk.standard_split.cache_clear()
    monkeypatch.setattr(cuhk, "ADDRESS", server.address)
    monkeypatch.setattr(cuhk, "LISTING", None)
    monkeypatch.setenv("FACE2SKETCH_CACHE", str(tmp_path / "cache"))
    monkeypatch.delenv("FACE2SKETCH_DATA", raising=False)
    yield contents
    cuhk.standard_split.cache_clear()


def test_cuhk_student_downloads_once_and_tells_the_licence_once(server, small_cuhk, capsys):
    pairs = cuhk.cuhk_student(progress=False)
    assert pairs.identities.tolist() == ["f-005", "f-039", "m-008", "m1-002"]
    assert pairs.standard.tolist() == ["train", "test", "train", "test"]
    assert "research only" in capsys.readouterr().out
    asked = server.asked.total()
    again = cuhk.cuhk_student(size=(5, 4), progress=False)
    assert again.size == (5, 4)
    assert capsys.readouterr().out == ""
    assert server.asked.total() == asked


def test_cuhk_student_offline_says_where_it_looked(small_cuhk, tmp_path, monkeypatch):
    with pytest.raises(DataError, match=r"(?s)FACE2SKETCH_DATA \(not set\).*cache.*8 of 8 files missing"):
        cuhk.cuhk_student(download=False)
    monkeypatch.setenv("FACE2SKETCH_DATA", str(tmp_path))
    with pytest.raises(DataError, match="download=False"):
        cuhk.cuhk_student(download=False)


def test_a_folder_that_is_not_there_is_named_before_anything_is_fetched(
    server, small_cuhk, tmp_path, monkeypatch
):
    monkeypatch.setenv("FACE2SKETCH_DATA", str(tmp_path / "mistyped"))
    with pytest.raises(
        DataError, match=r"FACE2SKETCH_DATA names .*mistyped, which is no folder: correct it, or unset"
    ):
        cuhk.cuhk_student(progress=False)
    assert not server.asked
    monkeypatch.setenv("FACE2SKETCH_DATA", "")
    assert len(cuhk.cuhk_student(progress=False)) == 4


def test_a_folder_without_the_pairs_is_named_where_they_cannot_be_fetched_either(
    server, small_cuhk, tmp_path, monkeypatch
):
    (tmp_path / "others").mkdir()
    monkeypatch.setenv("FACE2SKETCH_DATA", str(tmp_path / "others"))
    known, server.files = server.files, {}
    with pytest.raises(
        DownloadError, match=r"FACE2SKETCH_DATA names .*others, which does not hold these pairs\."
    ):
        cuhk.cuhk_student(progress=False)
    server.files = known
    assert len(cuhk.cuhk_student(progress=False)) == 4


def test_cuhk_student_reads_a_folder_its_parent_or_the_official_layout(small_cuhk, tmp_path, monkeypatch):
    for name, data in small_cuhk.items():
        path = tmp_path / "data" / "cuhk_student" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data)
        flat = tmp_path / "official" / ("photos" if "photos" in name else "sketches") / Path(name).name
        flat.parent.mkdir(parents=True, exist_ok=True)
        flat.write_bytes(data)
    expected = cuhk.cuhk_student(tmp_path / "data" / "cuhk_student").checksum()
    assert cuhk.cuhk_student(tmp_path / "data").checksum() == expected
    assert cuhk.cuhk_student(tmp_path / "official").checksum() == expected, (
        "the split is known without its folders"
    )
    for folder in ("data", "data/cuhk_student", "official"):
        monkeypatch.setenv("FACE2SKETCH_DATA", str(tmp_path / folder))
        assert cuhk.cuhk_student(download=False).checksum() == expected


def test_cuhk_student_refuses_incomplete_and_foreign_folders(small_cuhk, tmp_path):
    for name, data in small_cuhk.items():
        if "f-005" not in name.lower().replace("f2", "f"):
            path = tmp_path / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(data)
    with pytest.raises(DataError, match=r"3 of the 4 CUHK student pairs; missing are f-005"):
        cuhk.cuhk_student(tmp_path)
    assert len(cuhk.cuhk_student(tmp_path, partial=True)) == 3
    for side in ("photos", "sketches"):
        (tmp_path / f"CUHK_testing_cropped_{side}" / "anna.jpg").write_bytes(jpeg(3, side == "photos"))
    with pytest.raises(DataError, match="not in CUHK student"):
        cuhk.cuhk_student(tmp_path, partial=True)
    with pytest.raises(DataError, match="does not exist"):
        cuhk.cuhk_student(tmp_path / "nowhere")


def test_verify_names_the_files_that_differ(small_cuhk, tmp_path):
    for name, data in small_cuhk.items():
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data)
    assert cuhk.verify(tmp_path) == tmp_path
    (tmp_path / "CUHK_testing_cropped_photos" / "f-039-01.jpg").write_bytes(jpeg(99, True))
    with pytest.raises(DownloadError, match=r"1 files are missing or differ(.|\n)*f-039-01\.jpg"):
        cuhk.verify(tmp_path)


def test_the_cache_is_pooches_unless_chosen(monkeypatch, tmp_path):
    import pooch

    monkeypatch.delenv("FACE2SKETCH_CACHE", raising=False)
    assert cuhk.cache_folder() == Path(pooch.os_cache("face2sketch"))
    monkeypatch.setenv("FACE2SKETCH_CACHE", str(tmp_path))
    assert cuhk.cache_folder() == tmp_path
