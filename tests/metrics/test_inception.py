"""FID's Inception-v3: against another library's network with the same made-up weights; and FID and KID of pictures.

The published weights are not needed: a formula gives every tensor, here and where the values were recorded.
"""

import hashlib
import sys
from dataclasses import replace

import numpy as np
import pytest
import torch
from pairs_for_tests import waves

import face2sketch as f2s
from face2sketch import metrics, weights
from face2sketch.metrics import inception
from face2sketch.metrics.distributions import frechet_distance, kernel_distance

# torch-fidelity 0.4.0 (PyTorch 2.13.0, float32), FeatureExtractorInceptionV3 with the weights of `made_up`, its fully
# connected layer zero: output "2048" for waves(*shape, 0.3), grey repeated to three channels. The numbers at PLACES, one in
# each branch of the last block, then mean and standard deviation over all 2,048.
PLACES = [12, 341, 715, 1101, 1502, 1887]
TORCH_FIDELITY = {
    (250, 200, 3): [2.739568, 0.975865, 3.638670, 0.711421, 3.965313, 4.227455, 1.909539, 2.549549],
    (64, 48, 1): [2.289415, 0.795237, 2.441993, 0.621567, 3.000228, 2.794219, 1.376578, 1.838357],
}


def made_up() -> dict[str, np.ndarray]:
    """All tensors but the counters, by their order: fractions of 43758.5453 sin(12.9898 k), as large as trained ones."""
    state = {}
    for number, (name, value) in enumerate(inception.Inception().state_dict().items()):
        if name.endswith("num_batches_tracked"):
            continue
        k = np.arange(1, value.numel() + 1) + 1_000_003 * number
        centred = (43758.5453 * np.sin(12.9898 * k)) % 1 - 0.5
        if name.endswith("running_var"):
            values = 1 + centred
        elif name.endswith("bn.weight"):
            values = 1 + centred / 2
        elif value.ndim == 1:
            values = centred / 2
        else:
            values = np.sqrt(24 / np.prod(value.shape[1:])) * centred
        state[name] = values.reshape(value.shape).astype(np.float32)
    return state


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """A reader's folder with a file laid out as pytorch-fid's, classes and all, registered with its checksum."""
    folder = tmp_path_factory.mktemp("weights")
    entry = weights.get("inception-fid")
    state = {name: torch.from_numpy(value) for name, value in made_up().items()}
    torch.save(
        {**state, "fc.weight": torch.zeros(1008, 2048), "fc.bias": torch.zeros(1008)}, folder / entry.file
    )
    checksum = hashlib.sha256((folder / entry.file).read_bytes()).hexdigest()
    with pytest.MonkeyPatch.context() as patch:
        patch.setitem(weights.FILES, entry.name, replace(entry, checksum=f"sha256:{checksum}"))
        patch.setenv(weights.VARIABLE, str(folder))
        yield folder
    inception._network.cache_clear()


@pytest.mark.parametrize(("shape", "expected"), TORCH_FIDELITY.items())
def test_the_features_are_those_of_another_library(folder, shape, expected):
    features = inception.inception_features(waves(*shape, 0.3))
    assert features.shape == (1, 2048)
    found = [*features[0, PLACES], features.mean(), features.std()]
    np.testing.assert_allclose(found, expected, atol=2e-4)


def test_how_pictures_come_does_not_matter(folder, monkeypatch):
    """More than are computed at a time; bytes or numbers in [0, 1]; grey or three equal channels."""
    monkeypatch.setattr(inception, "_TOGETHER", 2)
    many = np.concatenate([waves(40, 30, 1, phase) for phase in (0, 1, 2)])
    together = inception.inception_features(many)
    alone = inception.inception_features((many[2:] / 255).repeat(3, -1))
    np.testing.assert_allclose(together[2:], alone, atol=1e-4)
    assert np.abs(together[0] - together[2]).max() > 0.1


def test_resizing_is_tensorflow_1s():
    """From the corner: of two pixels made four, the second lies halfway, and the last two are both the last."""
    x = torch.tensor([[[[0.0, 8.0], [4.0, 12.0]]]])
    expected = [[0.0, 4, 8, 8], [2, 6, 10, 10], [4, 8, 12, 12], [4, 8, 12, 12]]
    torch.testing.assert_close(inception.resized(x, 4)[0, 0], torch.tensor(expected))
    x = torch.rand(1, 3, 299, 299)
    torch.testing.assert_close(inception.resized(x), x, rtol=0, atol=0)
    ends = inception.scaled(np.array([0.0, 1.0]).reshape(2, 1, 1, 1))
    assert ends.shape == (2, 3, 299, 299)
    assert ends.unique().tolist() == [-1, 127 / 128]


def test_the_network_has_as_many_numbers_as_the_official_file():
    """Of its 95,628,359 bytes, 95,541,568 are numbers of the network and of the layer of 1,008 classes, the rest names."""
    numbers = sum(v.numel() for n, v in inception.Inception().state_dict().items() if "num_batches" not in n)
    size = 4 * (numbers + 1008 * 2048 + 1008)
    assert size == 95_541_568
    assert 0 < weights.get("inception-fid").megabytes * 1e6 - size < 1e5


def test_fid_and_kid_are_the_distances_of_these_features(folder, monkeypatch):
    pictures = np.concatenate([waves(40, 30, 1, phase) for phase in (0, 0.5, 1, 1.5, 2)])
    target, output = pictures[:2], pictures[2:]
    features = {len(part): inception.inception_features(part) for part in (target, output)}
    assert metrics.fid(target, output) == pytest.approx(frechet_distance(features[2], features[3]), rel=1e-3)
    monkeypatch.setattr(inception, "inception_features", lambda some: features[len(some)])
    assert metrics.kid(target, output) == pytest.approx(kernel_distance(features[2], features[3])[0])
    assert metrics.get_set("fid").function(target, target) == pytest.approx(0, abs=1e-6)
    assert isinstance(metrics.get_set("kid").function(target, output), float)


def test_sets_too_small_or_no_pictures_are_refused_before_weights_are_looked_for(monkeypatch, tmp_path):
    monkeypatch.setenv(weights.VARIABLE, str(tmp_path / "nowhere"))
    for metric in metrics.SET_METRICS.values():
        with pytest.raises(f2s.DataError, match="at least 2 of each"):
            metric.function(np.zeros((1, 40, 40, 1)), np.zeros((4, 40, 40, 1)))
        with pytest.raises(f2s.DataError, match="divide 8-bit pictures"):
            metric.function(np.zeros((4, 40, 40, 1)), np.full((4, 40, 40, 1), 99.0))


def test_without_weights_the_message_says_where_they_are(tmp_path, monkeypatch):
    monkeypatch.setenv(weights.VARIABLE, str(tmp_path))
    monkeypatch.setenv("FACE2SKETCH_CACHE", str(tmp_path / "cache"))
    with pytest.raises(
        f2s.DownloadError, match=r"pt_inception-2015-12-05-6726825d\.pth.*mseitzer/pytorch-fid"
    ):
        inception.load(download=False)


def test_a_file_of_another_network_is_refused(tmp_path, monkeypatch):
    entry = weights.get("inception-fid")
    torch.save({"Conv2d_1a_3x3.conv.weight": torch.zeros(32, 3, 3, 3)}, tmp_path / entry.file)
    checksum = hashlib.sha256((tmp_path / entry.file).read_bytes()).hexdigest()
    monkeypatch.setitem(weights.FILES, entry.name, replace(entry, checksum=f"sha256:{checksum}"))
    monkeypatch.setenv(weights.VARIABLE, str(tmp_path))
    with pytest.raises(f2s.DownloadError, match="does not hold the weights of FID's Inception-v3"):
        inception.load(download=False)


def test_without_pytorch_the_message_says_so(monkeypatch):
    monkeypatch.setitem(sys.modules, "torch", None)
    pictures = np.zeros((2, 40, 40, 1))
    for metric in metrics.SET_METRICS.values():
        with pytest.raises(f2s.MethodError, match="pip install torch"):
            metric.function(pictures, pictures)
