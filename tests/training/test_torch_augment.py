"""The jitter of pix2pix: against Pillow, and by pictures that say from where each pixel came."""

import numpy as np
import pytest
import torch
from PIL import Image

from face2sketch.errors import DataError
from face2sketch.training.torch_augment import jitter


def generator(seed: int = 0) -> torch.Generator:
    return torch.Generator().manual_seed(seed)


def ramps(number: int, height: int, width: int) -> torch.Tensor:
    """Channel 0 grows by one a row, channel 1 by one a column, both scaled into [-1, 1]."""
    rows, columns = torch.meshgrid(torch.arange(height), torch.arange(width), indexing="ij")
    picture = torch.stack([rows, columns]).float() / max(height, width) * 1.8 - 0.9
    return picture.expand(number, -1, -1, -1).clone()


def test_the_enlarging_is_pillows_bicubic():
    values = np.random.default_rng(0).uniform(-0.5, 0.5, (64, 48)).astype(np.float32)
    larger = np.asarray(Image.fromarray(values).resize((54, 72), Image.Resampling.BICUBIC))
    (piece,) = jitter(torch.from_numpy(values)[None, None], generator=generator(), flip=0)
    piece = piece[0, 0].numpy()
    distances = {
        (top, left): np.abs(larger[top : top + 64, left : left + 48] - piece).max()
        for top in range(9)
        for left in range(7)
    }
    assert sorted(distances.values())[0] < 1e-5
    assert sorted(distances.values())[1] > 0.1


def test_both_sides_of_a_pair_move_alike():
    photo = torch.rand(6, 3, 32, 32, generator=generator(1)) - 0.5  # far from where values are clipped
    sketch = photo.mean(1, keepdim=True)
    new_photo, new_sketch = jitter(photo, sketch, generator=generator(2))
    torch.testing.assert_close(new_photo.mean(1, keepdim=True), new_sketch, atol=1e-5, rtol=0)
    assert not torch.allclose(new_sketch, sketch, atol=0.1)


def test_every_corner_and_both_directions_come_up_equally_often():
    """64 px enlarged to 72: nine places a way; read from where the middle of each piece came."""
    height = width = 64
    (pieces,) = jitter(ramps(2000, height, width), generator=generator(3))
    middle = (pieces[:, :, 31, 31] + pieces[:, :, 32, 32]) / 2
    places = (middle + 0.9) / 1.8 * 64 * 72 / 64 + (72 / 64 - 1) / 2  # position in the enlarged picture
    offsets = (places - 31.5).round().int()
    for way in range(2):
        found, counts = offsets[:, way].unique(return_counts=True)
        assert found.tolist() == list(range(9))
        assert counts.min() > 2000 / 9 * 0.75
    mirrored = pieces[:, 1, 32, 20] > pieces[:, 1, 32, 40]
    assert abs(mirrored.float().mean() - 0.5) < 0.05


def test_the_published_sizes():
    """At 256 px the enlarged picture has 286: a slope of one a column becomes 256/286."""
    (piece,) = jitter(ramps(1, 256, 256), generator=generator(), flip=0)
    slope = (piece[0, 1, 128, 200] - piece[0, 1, 128, 50]) / 150 * 256 / 1.8
    assert float(slope) == pytest.approx(256 / 286, rel=1e-4)


def test_nothing_to_do_changes_nothing_and_always_mirroring_mirrors():
    given = torch.rand(2, 3, 20, 25)
    (same,) = jitter(given, generator=generator(), enlarge=1, flip=0)
    assert torch.equal(same, given)
    (mirrored,) = jitter(given, generator=generator(), enlarge=1, flip=1)
    assert torch.equal(mirrored, given.flip(-1))


def test_values_stay_in_range_and_the_seed_decides():
    given = (torch.rand(3, 1, 40, 50, generator=generator()) > 0.5).float() * 2 - 1
    first, again, other = (jitter(given, generator=generator(seed))[0] for seed in (4, 4, 5))
    assert first.min() >= -1
    assert first.max() <= 1
    assert torch.equal(first, again)
    assert not torch.equal(first, other)


def test_the_order_in_memory_stays_and_changes_nothing():
    given = torch.rand(2, 3, 40, 30, generator=generator()) * 2 - 1
    (usual,) = jitter(given, generator=generator(6))
    (last,) = jitter(given.to(memory_format=torch.channels_last), generator=generator(6))
    assert usual.is_contiguous()
    assert last.is_contiguous(memory_format=torch.channels_last)
    torch.testing.assert_close(usual, last)


def test_what_cannot_be_jittered_is_refused():
    with pytest.raises(DataError, match="must agree"):
        jitter(torch.zeros(1, 3, 8, 8), torch.zeros(1, 1, 8, 9), generator=generator())
    with pytest.raises(DataError, match="at least 1"):
        jitter(torch.zeros(1, 3, 8, 8), generator=generator(), enlarge=0.5)
