"""The kernel distance on AlexNet's features, which stands in for KID: with the published weights of LPIPS."""

import numpy as np
import pytest
import torch

import face2sketch as f2s
from face2sketch import metrics
from face2sketch.metrics.lpips_network import LPIPS, load
from face2sketch.metrics.perceptual import alexnet_features


@pytest.fixture(scope="module")
def network() -> LPIPS:
    try:
        return load("alex", download=False)
    except f2s.DownloadError as error:
        pytest.skip(f"needs the published weights of LPIPS (alex): {error}")


def test_the_features_are_means_of_the_fifth_map(network):
    sketches = f2s.data.synthetic(n=12, size=64, seed=1).sketches
    features = alexnet_features(sketches)  # more than are computed at a time
    assert features.shape == (12, 256)
    x = torch.from_numpy(sketches[11:] / 127.5 - 1).float().permute(0, 3, 1, 2)
    x = (x.repeat(1, 3, 1, 1) - network.shift) / network.scale
    for layer in network.features:
        x = layer(x)
    np.testing.assert_allclose(features[11], x[0].mean((1, 2)), atol=1e-4)
    with pytest.raises(f2s.DataError, match="sides of 31 px"):
        alexnet_features(sketches[:, :30])


def test_noise_puts_sets_apart_and_other_people_do_not(network):
    sketches = f2s.data.synthetic(n=60, size=64, seed=1).sketches
    noise = np.random.default_rng(0).normal(size=sketches.shape)
    noisy = [np.clip(sketches / 255 + size * noise, 0, 1) for size in (0.05, 0.1, 0.2)]
    distances = [metrics.kid_alex(sketches, other) for other in noisy]
    assert abs(metrics.kid_alex(sketches[:30], sketches[30:])) < distances[0] < distances[1] < distances[2]
