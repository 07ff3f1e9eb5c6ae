"""Reading pictures: what is broken is refused by name, what is unusual is converted and said so."""

import struct
import warnings
import zlib

import numpy as np
import pytest
from PIL import Image, ImageFile

from face2sketch.data import PictureWarning, read_picture, read_pictures
from face2sketch.data.images import Reader, eight_bit
from face2sketch.errors import DataError

RAMP = np.arange(20 * 16 * 3, dtype=np.uint32).reshape(20, 16, 3).astype(np.uint8)


def quiet(path, channels=3):
    """Read, and fail on any warning."""
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        return read_picture(path, channels)


def told(path, match, channels=3):
    with pytest.warns(PictureWarning, match=match):
        return read_picture(path, channels)


def png_16_bit(path, values: np.ndarray) -> None:
    """A 16-bit RGB PNG written by hand, since Pillow writes none (PNG specification, colour type 2, depth 16)."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    height, width, _ = values.shape
    rows = b"".join(b"\0" + row.astype(">u2").tobytes() for row in values)
    header = struct.pack(">IIBBBBB", width, height, 16, 2, 0, 0, 0)
    content = chunk(b"IHDR", header) + chunk(b"IDAT", zlib.compress(rows)) + chunk(b"IEND", b"")
    path.write_bytes(b"\x89PNG\r\n\x1a\n" + content)


def test_ordinary_pictures_come_as_they_are_and_in_silence(tmp_path):
    Image.fromarray(RAMP).save(tmp_path / "photo.png")
    Image.fromarray(RAMP[..., 0]).save(tmp_path / "sketch.png")
    assert np.array_equal(quiet(tmp_path / "photo.png"), RAMP)
    assert np.array_equal(quiet(tmp_path / "sketch.png", 1), RAMP[..., :1])


def test_a_scanners_tint_is_no_colour_but_red_is(tmp_path):
    tinted = np.stack([RAMP[..., 0] // 2 + 10, RAMP[..., 0] // 2 + 4, RAMP[..., 0] // 2], axis=2)
    Image.fromarray(tinted).save(tmp_path / "tinted.png")
    grey = quiet(tmp_path / "tinted.png", 1)
    by_hand = tinted @ np.array([0.299, 0.587, 0.114])
    assert np.abs(grey[..., 0] - by_hand).max() <= 0.51
    Image.new("RGB", (4, 4), (255, 0, 0)).save(tmp_path / "red.png")
    assert set(np.unique(told(tmp_path / "red.png", "colour sketch turned grey", 1))) == {76}  # 0.299 * 255


@pytest.mark.parametrize(
    ("name", "content", "why"),
    [
        ("empty.jpg", b"", "empty"),
        ("text.jpg", b"<html>404</html>", "not a picture"),
        ("noise.png", b"\x89PNG\r\n\x1a\n" + b"\0" * 40, "broken|not a picture"),
    ],
)
def test_files_without_a_picture(tmp_path, name, content, why):
    (tmp_path / name).write_bytes(content)
    with pytest.raises(DataError, match=rf"(?s){name}.*({why})"):
        read_picture(tmp_path / name)


def test_missing_files_and_folders(tmp_path):
    with pytest.raises(DataError, match=r"nobody\.jpg: does not exist"):
        read_picture(tmp_path / "nobody.jpg")
    with pytest.raises(DataError, match="is a folder"):
        read_picture(tmp_path)


@pytest.mark.parametrize("kept", [0.2, 0.5, 0.9, 0.999])
def test_a_truncated_jpeg_is_refused_at_every_length(tmp_path, kept, monkeypatch):
    random = np.random.default_rng(0).integers(0, 256, (250, 200, 3), dtype=np.uint8)
    Image.fromarray(random).save(tmp_path / "whole.jpg")
    data = (tmp_path / "whole.jpg").read_bytes()
    (tmp_path / "cut.jpg").write_bytes(data[: int(len(data) * kept)])
    # Another library may have told Pillow to pad truncated files with grey; that must not reach us, nor be undone.
    monkeypatch.setattr(ImageFile, "LOAD_TRUNCATED_IMAGES", True)
    with pytest.raises(DataError, match=r"cut\.jpg: is (broken or )?truncated"):
        read_picture(tmp_path / "cut.jpg")
    assert ImageFile.LOAD_TRUNCATED_IMAGES is True


def test_a_jpeg_that_only_lacks_its_end_is_refused(tmp_path):
    Image.fromarray(RAMP).save(tmp_path / "whole.jpg")
    (tmp_path / "cut.jpg").write_bytes((tmp_path / "whole.jpg").read_bytes()[:-2])
    with pytest.raises(DataError, match="truncated"):
        read_picture(tmp_path / "cut.jpg")


def test_bytes_after_the_end_of_a_jpeg_are_no_damage(tmp_path):
    """Phones append previews and notes to the picture."""
    Image.fromarray(RAMP).save(tmp_path / "whole.jpg")
    (tmp_path / "more.jpg").write_bytes((tmp_path / "whole.jpg").read_bytes() + b"note" * 50_000)
    assert np.array_equal(quiet(tmp_path / "more.jpg"), quiet(tmp_path / "whole.jpg"))


def test_a_truncated_png_is_refused(tmp_path):
    Image.fromarray(np.random.default_rng(0).integers(0, 256, (99, 99, 3), dtype=np.uint8)).save(
        tmp_path / "a.png"
    )
    data = (tmp_path / "a.png").read_bytes()
    (tmp_path / "cut.png").write_bytes(data[: len(data) // 2])
    with pytest.raises(DataError, match="broken or truncated"):
        read_picture(tmp_path / "cut.png")


def test_16_bit_grey_is_divided_by_257(tmp_path):
    values = np.array([[0, 257, 128 * 257, 65535]], np.uint16)
    Image.fromarray(values).save(tmp_path / "deep.png")
    assert told(tmp_path / "deep.png", "16 bits reduced to 8", 1).ravel().tolist() == [0, 1, 128, 255]


def test_16_bit_colour_is_noticed(tmp_path):
    values = (RAMP[:4, :4].astype(np.uint16)) * 257
    png_16_bit(tmp_path / "deep.png", values)
    assert np.array_equal(told(tmp_path / "deep.png", "16 bits per channel"), RAMP[:4, :4])


def test_floats_and_what_cannot_be_guessed(tmp_path):
    Image.fromarray(np.array([[0.0, 0.5, 1.0]], np.float32)).save(tmp_path / "unit.tif")
    assert told(tmp_path / "unit.tif", "floats", 1).ravel().tolist() == [0, 128, 255]
    Image.fromarray(np.array([[0.0, 300.0]], np.float32)).save(tmp_path / "wild.tif")
    with pytest.raises(DataError, match=r"wild\.tif: holds values from 0 to 300"):
        read_picture(tmp_path / "wild.tif")


def test_cmyk(tmp_path):
    Image.new("CMYK", (8, 8), (0, 255, 255, 0)).save(tmp_path / "print.jpg", quality=100)
    red = told(tmp_path / "print.jpg", "CMYK turned into RGB")
    assert red.shape == (8, 8, 3)
    assert np.abs(red.astype(int) - [255, 0, 0]).max() <= 4


def test_transparency_is_laid_on_white(tmp_path):
    picture = np.zeros((4, 4, 4), np.uint8)
    picture[0, 0] = (10, 20, 30, 255)
    picture[0, 1] = (0, 0, 0, 127)
    Image.fromarray(picture).save(tmp_path / "glass.png")
    read = told(tmp_path / "glass.png", "transparency laid on white")
    assert read[0, 0].tolist() == [10, 20, 30]
    assert np.abs(read[0, 1].astype(int) - 128).max() <= 1
    assert (read[1:] == 255).all()
    picture[..., 3] = 255
    Image.fromarray(picture).save(tmp_path / "opaque.png")
    assert np.array_equal(quiet(tmp_path / "opaque.png"), picture[..., :3]), (
        "nothing to say where nothing changes"
    )


def test_palettes(tmp_path):
    image = Image.new("P", (4, 4), 1)
    image.putpalette([9, 9, 9, 200, 100, 50])
    image.save(tmp_path / "p.png")
    assert told(tmp_path / "p.png", "palette")[0, 0].tolist() == [200, 100, 50]
    image.save(tmp_path / "t.png", transparency=1)
    assert told(tmp_path / "t.png", "transparency")[0, 0].tolist() == [255, 255, 255]


def test_exif_orientation(tmp_path):
    exif = Image.Exif()
    exif[0x0112] = 6  # "rotate 90 degrees clockwise to view"
    Image.fromarray(RAMP).save(tmp_path / "side.png", exif=exif)
    assert np.array_equal(told(tmp_path / "side.png", "EXIF"), np.rot90(RAMP, -1))


def test_a_grey_photo_gets_three_channels(tmp_path):
    Image.fromarray(RAMP[..., 0]).save(tmp_path / "grey.png")
    assert np.array_equal(told(tmp_path / "grey.png", "grey photo"), RAMP[..., :1].repeat(3, axis=2))


def test_animations_give_their_first_frame(tmp_path):
    frames = [Image.new("L", (4, 4), level) for level in (0, 255)]
    frames[0].save(tmp_path / "film.gif", save_all=True, append_images=frames[1:])
    assert (told(tmp_path / "film.gif", "first frame", 1) == 0).all()


def test_a_bomb_is_refused_before_it_is_unpacked(tmp_path, monkeypatch):
    Image.new("1", (400, 400)).save(tmp_path / "bomb.png")
    monkeypatch.setattr(Image, "MAX_IMAGE_PIXELS", 1000)
    with pytest.raises(DataError, match="too large"):
        read_picture(tmp_path / "bomb.png")


def test_a_batch_ends_with_one_account_of_everything(tmp_path):
    for name in ("a.png", "b.png"):
        Image.fromarray(RAMP[..., 0]).save(tmp_path / name)
    Image.fromarray(RAMP).save(tmp_path / "c.png")
    (tmp_path / "bad.jpg").write_bytes(b"")
    with pytest.warns(PictureWarning) as warned:
        read = read_pictures([tmp_path / name for name in ("a.png", "c.png", "b.png")])
    assert len(read) == 3
    assert len(warned) == 1
    assert "2 (a.png, b.png)" in str(warned[0].message)
    with pytest.raises(DataError) as caught:
        read_pictures([tmp_path / name for name in ("bad.jpg", "a.png", "gone.jpg")])
    assert "2 of 3 pictures" in str(caught.value)
    assert "bad.jpg: is empty" in str(caught.value)
    assert "gone.jpg: does not exist" in str(caught.value)


def test_the_reader_resizes_while_reading(tmp_path):
    Image.fromarray(RAMP).save(tmp_path / "c.png")
    reader = Reader()
    assert reader.read(tmp_path / "c.png", 3, (5, 7)).shape == (5, 7, 3)
    reader.conclude()


def test_eight_bits_are_rounded_and_clipped():
    found = eight_bit(np.array([-0.1, 0.0, 0.499 / 255, 0.501 / 255, 1.0, 1.2]))
    assert found.dtype == np.uint8
    assert found.tolist() == [0, 0, 0, 1, 255, 255]
    kept = np.array([3, 200], np.uint8)
    assert eight_bit(kept) is kept
