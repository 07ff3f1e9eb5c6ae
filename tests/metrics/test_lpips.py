"""LPIPS: against its formula in NumPy, against values printed in a published package, and as a distance should behave."""

import hashlib
import sys
from dataclasses import replace

import numpy as np
import pytest
import torch
from numpy.lib.stride_tricks import sliding_window_view

import face2sketch as f2s
from face2sketch import metrics, weights
from face2sketch.metrics import perceptual
from face2sketch.metrics.lpips_network import BACKBONES, LPIPS, load


def published(backbone: str) -> LPIPS:
    """The network with the published weights; the test is skipped where they are not on this machine."""
    try:
        return load(backbone, download=False)
    except f2s.DownloadError as error:
        pytest.skip(f"needs the published weights of LPIPS ({backbone}): {error}")


def drawn(backbone: str, seed: int = 0) -> dict[str, np.ndarray]:
    """A state of random weights, as large as trained ones and with linear weights above 0, as published."""
    rng = np.random.default_rng(seed)
    state = {}
    for name, value in LPIPS(backbone).state_dict().items():
        scale = np.sqrt(2 / np.prod(value.shape[1:])) if value.ndim == 4 else 0.1
        values = rng.normal(0, scale, value.shape)
        state[name] = (
            np.abs(values).astype(np.float32) if name.startswith("lin") else values.astype(np.float32)
        )
    return state


@pytest.fixture
def folder(tmp_path, monkeypatch):
    """A reader's folder with the files of arrays, whose weights are random; registered with their checksums."""
    for backbone, chosen in BACKBONES.items():
        if chosen.bundle is None:
            continue
        entry = weights.get(chosen.bundle)
        np.savez(tmp_path / entry.file, **drawn(backbone), note=np.array("random"))
        checksum = hashlib.sha256((tmp_path / entry.file).read_bytes()).hexdigest()
        monkeypatch.setitem(weights.FILES, entry.name, replace(entry, checksum=f"sha256:{checksum}"))
    monkeypatch.setenv(weights.VARIABLE, str(tmp_path))
    yield tmp_path
    perceptual._network.cache_clear()


def pictures(
    number: int = 3, size: tuple[int, int] = (40, 36), channels: int = 3, seed: int = 0
) -> np.ndarray:
    rng = np.random.default_rng(seed)
    return rng.integers(0, 256, (number, *size, channels), dtype=np.uint8)


# -- the formula, in NumPy ---------------------------------------------------------------------------------------------


def convolve(x, kernel, bias, stride=1, padding=0):
    """(C, H, W), (O, C, k, k), (O,) -> (O, h, w)."""
    x = np.pad(x, [(0, 0), (padding, padding), (padding, padding)])
    side = kernel.shape[-1]
    windows = sliding_window_view(x, (side, side), axis=(1, 2))[:, ::stride, ::stride]
    return np.einsum("chwij,ocij->ohw", windows, kernel, optimize=True) + bias[:, None, None]


def pool(x, all_covered: bool):
    """Largest of 3 x 3, every second; `all_covered`: a last window may hang over the border, as in SqueezeNet."""
    if all_covered:
        more = [(0, (side - 3) % 2) for side in x.shape[1:]]
        x = np.pad(x, [(0, 0), *more], constant_values=-np.inf)
    return sliding_window_view(x, (3, 3), axis=(1, 2))[:, ::2, ::2].max((3, 4))


def relu(x):
    return np.maximum(x, 0)


def alex_features(x, state):
    def conv(x, number, **options):
        return relu(
            convolve(x, state[f"features.{number}.weight"], state[f"features.{number}.bias"], **options)
        )

    first = conv(x, 0, stride=4, padding=2)
    second = conv(pool(first, False), 3, padding=2)
    third = conv(pool(second, False), 6, padding=1)
    fourth = conv(third, 8, padding=1)
    return [first, second, third, fourth, conv(fourth, 10, padding=1)]


def squeeze_features(x, state):
    def conv(x, name, **options):
        return relu(convolve(x, state[f"features.{name}.weight"], state[f"features.{name}.bias"], **options))

    def fire(x, number):
        x = conv(x, f"{number}.squeeze")
        return np.concatenate([conv(x, f"{number}.expand1x1"), conv(x, f"{number}.expand3x3", padding=1)])

    features = [conv(x, "0", stride=2)]
    features.append(fire(fire(pool(features[-1], True), 3), 4))
    features.append(fire(fire(pool(features[-1], True), 6), 7))
    features.append(fire(pool(features[-1], True), 9))
    for number in (10, 11, 12):
        features.append(fire(features[-1], number))
    return features


def vgg_features(x, state):
    """Simonyan and Zisserman's configuration D: convolutions of 3 x 3; largest of 2 x 2 before each level but the first."""
    features = []
    for level, numbers in enumerate([(0, 2), (5, 7), (10, 12, 14), (17, 19, 21), (24, 26, 28)]):
        if level:
            x = sliding_window_view(x, (2, 2), axis=(1, 2))[:, ::2, ::2].max((3, 4))
        for number in numbers:
            weight, bias = (state[f"features.{number}.{kind}"] for kind in ("weight", "bias"))
            x = relu(convolve(x, weight, bias, padding=1))
        features.append(x)
    return features


def by_hand(target, output, state, features) -> float:
    """Zhang et al., Eq. 1, for one pair of uint8 pictures (H, W, 3)."""
    shift, scale = np.array([-0.030, -0.088, -0.188]), np.array([0.458, 0.448, 0.450])
    maps = [features(((p / 127.5 - 1 - shift) / scale).transpose(2, 0, 1), state) for p in (target, output)]
    total = 0.0
    for level, (a, b) in enumerate(zip(*maps)):
        weight = state[f"lin{level}"].ravel()
        height, width = a.shape[1:]
        for row in range(height):
            for column in range(width):
                one, other = (v / (np.linalg.norm(v) + 1e-10) for v in (a[:, row, column], b[:, row, column]))
                total += weight @ (one - other) ** 2 / (height * width)
    return total


@pytest.mark.parametrize(
    ("backbone", "features", "size"),
    [
        ("alex", alex_features, (47, 64)),
        ("squeeze", squeeze_features, (30, 25)),
        ("squeeze", squeeze_features, (17, 32)),
        ("vgg", vgg_features, (19, 34)),
    ],
)
def test_the_formula_worked_in_numpy(folder, monkeypatch, backbone, features, size):
    state = at_hand(backbone, folder, monkeypatch)
    target, output = pictures(2, size, seed=1), pictures(2, size, seed=2)
    expected = [by_hand(a, b, state, features) for a, b in zip(target, output)]
    assert min(expected) > 0.01
    np.testing.assert_allclose(metrics.lpips(target, output, backbone), expected, rtol=1e-5)


def test_the_formula_with_the_published_alexnet():
    state = {name: value.numpy() for name, value in published("alex").state_dict().items()}
    target, output = pictures(1, (48, 40), seed=3), pictures(1, (48, 40), seed=4)
    expected = by_hand(target[0], output[0], state, alex_features)
    np.testing.assert_allclose(metrics.lpips(target, output)[0], expected, rtol=1e-4)


def test_values_printed_in_torchmetrics_documentation():
    """`learned_perceptual_image_patch_similarity(..., net_type="squeeze")`: its docstring prints results for random
    pictures of given seeds. No such example is published for AlexNet; the authors' own needs their picture files.
    """
    network = published("squeeze")

    def of_noise(number: int, generator: torch.Generator) -> torch.Tensor:
        target = torch.rand(number, 3, 100, 100, generator=generator) * 2 - 1
        return network(target, torch.rand(number, 3, 100, 100, generator=generator) * 2 - 1)

    assert of_noise(10, torch.Generator().manual_seed(123)).mean().item() == pytest.approx(0.1008, abs=5e-5)
    assert of_noise(10, torch.Generator().manual_seed(42)).mean().item() == pytest.approx(0.1005, abs=5e-5)
    expected = torch.tensor([0.1024, 0.0938])
    torch.testing.assert_close(of_noise(2, torch.Generator().manual_seed(42)), expected, atol=5e-5, rtol=0)


# -- as a metric -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["lpips", "lpips_squeeze"])
def test_a_distance_of_looks(folder, name):
    metric = metrics.get(name)
    target = pictures()
    rng = np.random.default_rng(9)
    noise = rng.normal(0, 1, target.shape)
    little, much = (np.clip(target / 255 + noise * amount, 0, 1) for amount in (0.02, 0.3))
    assert not metric.higher_is_better
    np.testing.assert_array_equal(metric.function(target, target), 0)
    np.testing.assert_allclose(metric.function(target, little), metric.function(little, target), rtol=1e-5)
    assert (metric.function(target, little) < metric.function(target, much)).all()
    assert metric.function(target, much).dtype == np.float64


def test_what_is_scored_together_and_how_it_is_stored_does_not_matter(folder):
    """More pictures than are computed at a time; bytes or numbers in [0, 1]; grey or three equal channels."""
    target, output = pictures(23, channels=1, seed=5), pictures(23, channels=1, seed=6)
    together = metrics.lpips(target, output)
    alone = [metrics.lpips(target[i : i + 1], output[i : i + 1])[0] for i in (0, 9, 10, 22)]
    np.testing.assert_allclose(together[[0, 9, 10, 22]], alone, rtol=1e-5)
    np.testing.assert_allclose(metrics.lpips(target / 255, output / 255), together, rtol=1e-5)
    np.testing.assert_allclose(metrics.lpips(target.repeat(3, -1), output.repeat(3, -1)), together, rtol=1e-5)


@pytest.mark.parametrize("backbone", BACKBONES)
def test_the_smallest_pictures(folder, monkeypatch, backbone):
    at_hand(backbone, folder, monkeypatch)
    smallest = BACKBONES[backbone].smallest
    target, output = (pictures(1, (smallest, smallest + 3), seed=seed) for seed in (1, 2))
    assert metrics.lpips(target, output, backbone) > 0
    with pytest.raises(f2s.DataError, match=f"sides of {smallest} px"):
        metrics.lpips(target[:, :-1], output[:, :-1], backbone)
    with pytest.raises(RuntimeError):  # the limit is the network's own
        LPIPS(backbone)(*torch.rand(2, 1, 3, smallest - 1, smallest))


def test_gradients_reach_the_pictures_and_stop_at_the_weights():
    network = LPIPS("squeeze")
    target, output = torch.rand(2, 1, 3, 32, 32)
    output.requires_grad_()
    network(target, output).sum().backward()
    assert output.grad.abs().sum() > 0
    assert not any(weight.requires_grad for weight in network.parameters())


# -- the weights -------------------------------------------------------------------------------------------------------


def official_files(backbone: str, folder, monkeypatch, damage=None) -> dict[str, np.ndarray]:
    """Random weights in files such as torchvision and the authors publish; the folder has no file of arrays."""
    state = drawn(backbone, seed=7)
    chosen = BACKBONES[backbone]
    if chosen.bundle:
        (folder / weights.get(chosen.bundle).file).unlink()
    network = {name: torch.from_numpy(value) for name, value in state.items() if not name.startswith("lin")}
    network["classifier.1.weight"] = torch.zeros(4, 4)
    linear = {
        f"{name}.model.1.weight": torch.from_numpy(value)
        for name, value in state.items()
        if name.startswith("lin")
    }
    for name, content in zip(chosen.official, damage or (network, linear)):
        entry = weights.get(name)
        torch.save(content, folder / entry.file)
        checksum = hashlib.sha256((folder / entry.file).read_bytes()).hexdigest()
        monkeypatch.setitem(weights.FILES, name, replace(entry, checksum=f"sha256:{checksum}"))
    return state


def at_hand(backbone: str, folder, monkeypatch) -> dict[str, np.ndarray]:
    """The random weights in the folder: those of the file of arrays, or official files where there is none."""
    return drawn(backbone) if BACKBONES[backbone].bundle else official_files(backbone, folder, monkeypatch)


@pytest.mark.parametrize("backbone", BACKBONES)
def test_official_files_serve_as_well(folder, monkeypatch, backbone):
    state = official_files(backbone, folder, monkeypatch)
    network = load(backbone, download=False)
    for name, value in network.state_dict().items():
        np.testing.assert_array_equal(value, state[name])


class Greeting:
    def __reduce__(self):
        return (print, ("code from a weights file",))


def test_a_file_that_holds_code_is_not_run(folder, monkeypatch, capsys):
    official_files("squeeze", folder, monkeypatch, damage=({"features.0.weight": Greeting()}, {}))
    with pytest.raises(f2s.DownloadError, match="not a file of PyTorch tensors"):
        load("squeeze", download=False)
    assert "code from a weights file" not in capsys.readouterr().out


def test_a_file_of_another_network_is_refused(folder, monkeypatch):
    official_files("squeeze", folder, monkeypatch, damage=({"features.0.weight": torch.zeros(1)}, {}))
    with pytest.raises(f2s.DownloadError, match="does not hold the weights of LPIPS squeeze"):
        load("squeeze", download=False)


def test_without_weights_the_message_says_where_they_are(tmp_path, monkeypatch):
    monkeypatch.setenv(weights.VARIABLE, str(tmp_path))
    monkeypatch.setenv("FACE2SKETCH_CACHE", str(tmp_path / "cache"))
    with pytest.raises(f2s.DownloadError, match=r"alexnet-owt-7be5be79\.pth.*download\.pytorch\.org"):
        load("alex", download=False)
    with pytest.raises(f2s.DownloadError, match=r"vgg16-397923af\.pth \(553\.4 MB.*download\.pytorch\.org"):
        load("vgg", download=False)
    with pytest.raises(f2s.MethodError, match="expected one of alex, squeeze, vgg"):
        metrics.lpips(pictures(), pictures(), "resnet")


def test_the_linear_layers_alone_may_be_missing(folder, monkeypatch):
    official_files("vgg", folder, monkeypatch)
    monkeypatch.setenv("FACE2SKETCH_CACHE", str(folder / "cache"))
    (folder / "vgg.pth").unlink()
    with pytest.raises(f2s.DownloadError, match=r"lpips-vgg-linear.*v0\.1/vgg\.pth"):
        load("vgg", download=False)


def test_without_pytorch_the_message_says_so(monkeypatch):
    monkeypatch.setitem(sys.modules, "torch", None)
    with pytest.raises(f2s.MethodError, match="pip install torch"):
        metrics.lpips(pictures(), pictures())


@pytest.mark.parametrize("name", [name for chosen in BACKBONES.values() for name in chosen.official])
def test_checksums_agree_with_the_digits_in_torchvisions_names(name):
    """Torchvision's rule: "name-<first eight digits of the SHA-256>.pth". The authors' files carry none, but the re-releases
    of IQA-PyTorch do: LPIPS_v0.1_alex-df73285e.pth, LPIPS_v0.1_squeeze-4a5350f2.pth and LPIPS_v0.1_vgg-a78928a0.pth.
    """
    entry = weights.get(name)
    again = {"alex.pth": "df73285e", "squeeze.pth": "4a5350f2", "vgg.pth": "a78928a0"}
    digits = again.get(entry.file) or entry.file.removesuffix(".pth").rpartition("-")[2]
    assert len(digits) == 8
    assert entry.checksum.removeprefix("sha256:").startswith(digits)
