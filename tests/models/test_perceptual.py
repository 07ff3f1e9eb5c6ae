"""VGG-19's first layers by hand, and what the perceptual loss relies on."""

import numpy as np
import pytest
import torch
from numpy.lib.stride_tricks import sliding_window_view

from face2sketch.errors import DownloadError, MethodError, SavedFileError
from face2sketch.models.perceptual import LAYERS, VggFeatures, read_arrays, vgg_features


@pytest.fixture(scope="module")
def arrays():
    random = np.random.default_rng(4)
    sizes = zip(LAYERS, (3, 64, 64, 128), (64, 64, 128, 128), strict=True)
    return {
        name: (random.normal(0, 0.05, (o, i, 3, 3)).astype("f4"), random.normal(0, 5, o).astype("f4"))
        for name, i, o in sizes
    }


@pytest.fixture(scope="module")
def picture():
    return np.random.default_rng(5).random((1, 3, 12, 8)).astype("f4") * 2 - 1


def by_hand(picture, arrays):
    """conv1_1, conv1_2, pool1, conv2_1, conv2_2, pool2 on 0..255 minus VGG's mean."""
    x = (picture[0].astype(np.float64) + 1) * 127.5 - np.array([123.68, 116.779, 103.939])[:, None, None]
    found = []
    for name in LAYERS:
        kernel, bias = arrays[name]
        windows = sliding_window_view(np.pad(x, ((0, 0), (1, 1), (1, 1))), (3, 3), (1, 2))
        x = np.maximum(np.einsum("ihwkl,oikl->ohw", windows, kernel) + bias[:, None, None], 0)
        if name.endswith("_2"):
            channels, height, width = x.shape
            x = x.reshape(channels, height // 2, 2, width // 2, 2).max((2, 4))
            found.append(x)
    return found


def test_features_by_hand(picture, arrays):
    for got, wanted in zip(
        VggFeatures(arrays, "caffe")(torch.from_numpy(picture)), by_hand(picture, arrays), strict=True
    ):
        assert np.allclose(got[0], wanted, rtol=1e-4, atol=1e-2)


def test_the_scale_divides_the_features(picture, arrays):
    x = torch.from_numpy(picture)
    plain = VggFeatures(arrays, 1.0)(x)
    for scale, divisor in (("torch", 255 * (0.229 + 0.224 + 0.225) / 3), (10.0, 10.0)):
        for got, wanted in zip(VggFeatures(arrays, scale)(x), plain, strict=True):
            assert torch.allclose(got * divisor, wanted, rtol=1e-3, atol=1e-2)
    for wrong in ("vgg", 0.0):
        with pytest.raises(MethodError, match="feature scale"):
            VggFeatures(arrays, wrong)


def test_grey_pictures_are_three_equal_channels():
    features = vgg_features("random")
    grey = torch.rand(2, 1, 8, 8) * 2 - 1
    for one, three in zip(features(grey), features(grey.expand(-1, 3, -1, -1)), strict=True):
        assert torch.equal(one, three)
    assert [tuple(f.shape) for f in features(grey)] == [(2, 16, 4, 4), (2, 32, 2, 2)]


def test_frozen_but_transparent():
    features = vgg_features("random")
    assert not list(features.parameters())
    x = (torch.rand(1, 3, 8, 8) * 2 - 1).requires_grad_()
    sum(f.square().mean() for f in features(x)).backward()
    assert x.grad.abs().max() > 0


def test_random_weights_keep_the_scale_of_what_comes_in():
    """He et al.: variance 2 / fan-in keeps the mean square through a ReLU layer."""
    kernel = vgg_features("random", seed=1).conv2_1_kernel
    assert kernel.square().mean().item() == pytest.approx(2 / (9 * 16), rel=0.05)
    assert not torch.equal(kernel, vgg_features("random", seed=2).conv2_1_kernel)
    assert torch.equal(kernel, vgg_features("random", seed=1).conv2_1_kernel)


def test_both_kinds_of_files_hold_the_same(tmp_path, arrays):
    h5py = pytest.importorskip("h5py")
    np.savez(
        tmp_path / "vgg.npz",
        **{f"{n}_w": a[0] for n, a in arrays.items()},
        **{f"{n}_b": a[1] for n, a in arrays.items()},
    )
    with h5py.File(tmp_path / "vgg.h5", "w") as file:
        for name, (kernel, bias) in arrays.items():
            layer = f"block{name[4]}_conv{name[6]}"
            if name == "conv1_1":
                kernel = kernel[:, ::-1]  # Keras' file expects blue, green, red
            group = file.create_group(layer)
            group.attrs["weight_names"] = [f"{layer}/kernel".encode(), f"{layer}/bias".encode()]
            group.create_dataset(f"{layer}/kernel", data=kernel.transpose(2, 3, 1, 0))
            group.create_dataset(f"{layer}/bias", data=bias)
    for file in ("vgg.npz", "vgg.h5"):
        read = read_arrays(tmp_path / file)
        for name, pair in arrays.items():
            assert all(np.array_equal(a, b) for a, b in zip(read[name], pair, strict=True))


def test_wrong_files_are_refused(tmp_path, arrays):
    with pytest.raises(SavedFileError, match="no such file"):
        vgg_features(tmp_path / "none.npz")
    np.savez(tmp_path / "other.npz", conv1_1_w=np.zeros(3))
    with pytest.raises(SavedFileError, match="does not hold"):
        vgg_features(tmp_path / "other.npz")
    broken = {f"{n}_w": a[0] for n, a in arrays.items()} | {f"{n}_b": a[1] for n, a in arrays.items()}
    np.savez(tmp_path / "shapes.npz", **broken | {"conv2_1_w": np.zeros((128, 3, 3, 3))})
    with pytest.raises(SavedFileError, match="conv2_1"):
        vgg_features(tmp_path / "shapes.npz")


def test_missing_weights_are_an_error_not_random_ones(monkeypatch, tmp_path):
    monkeypatch.delenv("FACE2SKETCH_WEIGHTS", raising=False)
    monkeypatch.setenv("FACE2SKETCH_CACHE", str(tmp_path))
    with pytest.raises(DownloadError, match="not on this machine"):
        vgg_features("imagenet", download=False)
