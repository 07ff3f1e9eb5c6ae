"""The transfer autoencoder against the paper's counts, Keras' own VGG, and a convolution written out in NumPy."""

import itertools
import os
import subprocess

import numpy as np
import pytest

from face2sketch import weights as weight_files
from face2sketch.errors import DownloadError, MethodError, SavedFileError
from face2sketch.keras_quietly import keras
from face2sketch.models import transfer


def pictures(count: int, side: int, seed: int = 0) -> np.ndarray:
    return np.random.default_rng(seed).random((count, side, side, 3), dtype=np.float32)


def kernels(encoder: str, seed: int = 0) -> dict[str, tuple[np.ndarray, np.ndarray]]:
    """Random kernels and biases for every layer of an encoder, in Keras' layout."""
    rng = np.random.default_rng(seed)
    return {
        name: (rng.normal(0, 0.1, shape).astype("f"), rng.normal(0, 0.1, shape[-1:]).astype("f"))
        for name, shape in transfer._kernel_shapes(transfer.ENCODERS[encoder]).items()
    }


def write_oihw(path, found) -> None:
    """As PyTorch has them: (outputs, inputs, height, width), and red first in the first layer."""
    arrays = {}
    for name, (kernel, bias) in found.items():
        block, number = name.removeprefix("block").split("_conv")
        kernel = kernel[:, :, ::-1] if name == "block1_conv1" else kernel
        arrays[f"conv{block}_{number}_w"] = kernel.transpose(3, 2, 0, 1)
        arrays[f"conv{block}_{number}_b"] = bias
    np.savez(path, **arrays)


def write_h5(path, found) -> None:
    """As Keras' published files are: a group a layer, data sets named as in 2016, and pooling layers without any."""
    import h5py

    with h5py.File(path, "w") as file:
        names = sorted([*found, "block1_pool"])
        file.attrs["layer_names"] = [name.encode() for name in names]
        for name in names:
            group = file.create_group(name)
            labels = [f"{name}_W_1:0", f"{name}_b_1:0"] if name in found else []
            group.attrs["weight_names"] = [label.encode() for label in labels]
            for label, array in zip(labels, found.get(name, ()), strict=True):
                group.create_dataset(label, data=array)


# -- shapes and counts ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("kernel", "total"), [(3, 16_286_947), (5, 14_714_688 + 4_366_499)])
def test_weights_of_the_papers_network(kernel, total):
    """3x3 gives the text's "close to 16.3 million, 14.7 million frozen"; 5x5, as in Table II, gives 19.1 million."""
    with keras.StatelessScope(initialize_variables=False):
        model = transfer.transfer_autoencoder((224, 224, 3), kernel=kernel)
    count = {layer.name: sum(int(np.prod(v.shape)) for v in layer.weights) for layer in model.layers}
    assert count["encoder"] == 14_714_688
    assert sum(count.values()) == total
    assert model.output_shape == (None, 224, 224, 3)
    assert model.get_layer("encoder").output_shape == (None, 7, 7, 512)


def test_decoder_is_counted_by_hand():
    """k * k * in * out + out for every transposed convolution of Table II."""
    channels = (512, 256, 128, 64, 32, 16, 3)
    by_hand = sum(9 * below * above + above for below, above in itertools.pairwise(channels))
    assert transfer.transposed_decoder((7, 7, 512), 5).count_params() == by_hand == 1_572_259


@pytest.mark.parametrize(
    ("encoder", "code"), [("vgg19-3", (8, 8, 256)), ("vgg19-2", (16, 16, 128)), ("small", (4, 4, 128))]
)
def test_smaller_encoders_go_down_and_up_again(encoder, code):
    model = transfer.transfer_autoencoder((64, 64, 3), encoder)
    assert model.get_layer("encoder").output_shape[1:] == code
    output = np.asarray(model(pictures(2, 64)))
    assert output.shape == (2, 64, 64, 3)
    assert 0 <= output.min() <= output.max() <= 1


def test_sides_and_names_that_do_not_fit_are_told():
    with pytest.raises(MethodError, match=r"'vgg16' wants sides divisible by 32"):
        transfer.transfer_autoencoder((48, 64, 3))
    with pytest.raises(MethodError, match="vgg19-3"):
        transfer.transfer_autoencoder((64, 64, 3), "vgg17")


def test_freezing_the_encoder_leaves_the_decoder_to_train():
    model = transfer.transfer_autoencoder((32, 32, 3), "small")
    model.get_layer("encoder").trainable = False
    before = model.get_layer("encoder").get_weights()
    model.compile(optimizer="adam", loss="mse", jit_compile=False)
    decoder = model.get_layer("decoder").get_weights()
    model.train_on_batch(pictures(2, 32), pictures(2, 32, 1))
    assert all(
        np.array_equal(a, b) for a, b in zip(before, model.get_layer("encoder").get_weights(), strict=True)
    )
    assert any(
        not np.array_equal(a, b)
        for a, b in zip(decoder, model.get_layer("decoder").get_weights(), strict=True)
    )
    assert (
        sum(int(np.prod(v.shape)) for v in model.trainable_weights)
        == model.get_layer("decoder").count_params()
    )


def test_the_code_is_normalised_except_in_the_papers_network():
    model = transfer.transfer_autoencoder((32, 32, 3), "vgg19-2")
    code = keras.Model(model.input, model.get_layer("normalise").output)(pictures(2, 32))
    code = np.asarray(code).reshape(2, -1)
    np.testing.assert_allclose(code.mean(axis=1), 0, atol=1e-4)
    np.testing.assert_allclose(code.std(axis=1), 1, atol=1e-2)
    with keras.StatelessScope(initialize_variables=False):
        assert "normalise" not in [layer.name for layer in transfer.transfer_autoencoder((32, 32, 3)).layers]


# -- against Keras' own VGG, and against a convolution by hand ------------------------------------------------------------


def test_encoder_is_keras_vgg16(tmp_path):
    """Weights of keras.applications.VGG16, saved as Keras' own code saves the published file, give the same features."""
    import h5py
    from keras.src.legacy.saving import legacy_h5_format

    reference = keras.applications.VGG16(include_top=False, weights=None, input_shape=(32, 32, 3))
    with h5py.File(tmp_path / "vgg.h5", "w") as file:
        legacy_h5_format.save_weights_to_hdf5_group(file, reference)
    encoder = transfer.convolutional_encoder((32, 32, 3), "vgg16")
    transfer.load_encoder(encoder, tmp_path / "vgg.h5")
    x = pictures(2, 32)
    wanted = reference(keras.applications.vgg16.preprocess_input(255 * x))
    found = np.asarray(encoder(x))
    assert np.abs(found).max() > 0
    np.testing.assert_allclose(found, np.asarray(wanted), rtol=1e-4, atol=1e-5)


def test_first_layer_is_the_original_convention(tmp_path):
    """Red, green, blue in 0..255 minus the mean, correlated with the (outputs, inputs, 3, 3) kernels: SciPy, by hand."""
    from scipy.signal import correlate

    rng = np.random.default_rng(3)
    original, bias = rng.normal(0, 0.1, (64, 3, 3, 3)).astype("f"), rng.normal(0, 1, 64).astype("f")
    found = kernels("vgg19-2")
    found["block1_conv1"] = (original.transpose(2, 3, 1, 0)[:, :, ::-1], bias)
    write_oihw(tmp_path / "vgg.npz", found)
    with np.load(tmp_path / "vgg.npz") as file:
        np.testing.assert_array_equal(file["conv1_1_w"], original)  # the file holds the original convention
    encoder = transfer.convolutional_encoder((32, 32, 3), "vgg19-2")
    transfer.load_encoder(encoder, tmp_path / "vgg.npz")
    picture = pictures(1, 32)
    first = keras.Model(encoder.input, encoder.get_layer("block1_conv1").output)
    centred = 255.0 * picture[0].astype(np.float64) - (123.68, 116.779, 103.939)
    padded = np.pad(centred, ((1, 1), (1, 1), (0, 0)))
    for unit in (0, 17, 63):
        by_hand = (
            sum(correlate(padded[..., c], original[unit, c], mode="valid") for c in range(3)) + bias[unit]
        )
        np.testing.assert_allclose(
            np.asarray(first(picture))[0, ..., unit], np.maximum(by_hand, 0), rtol=1e-4, atol=2e-4
        )


def test_both_kinds_of_file_give_the_same_encoder(tmp_path):
    found = kernels("vgg19-3")
    write_oihw(tmp_path / "vgg.npz", found)
    write_h5(tmp_path / "vgg.h5", found)
    encoders = [transfer.convolutional_encoder((32, 32, 3), "vgg19-3") for _ in range(2)]
    for encoder, name in zip(encoders, ("vgg.npz", "vgg.h5"), strict=True):
        assert transfer.load_encoder(encoder, tmp_path / name) == tmp_path / name
    for one, other in zip(*(encoder.get_weights() for encoder in encoders), strict=True):
        np.testing.assert_array_equal(one, other)


def test_the_first_two_blocks_take_their_part_of_a_longer_file(tmp_path):
    found = kernels("vgg19-3")
    write_h5(tmp_path / "vgg.h5", found)
    model = transfer.transfer_autoencoder((32, 32, 3), "vgg19-2")
    transfer.load_encoder(model, tmp_path / "vgg.h5")
    np.testing.assert_array_equal(
        model.get_layer("encoder").get_layer("block2_conv2").get_weights()[0], found["block2_conv2"][0]
    )


# -- loading ----------------------------------------------------------------------------------------------------------


def test_saved_encoders_come_back_and_the_decoder_stays(tmp_path):
    one, other = (transfer.transfer_autoencoder((32, 32, 3), "small") for _ in range(2))
    transfer.save_encoder(one, tmp_path / "own.npz", {"about": "a test"})
    decoder = other.get_layer("decoder").get_weights()
    transfer.load_encoder(other, tmp_path / "own.npz")
    for a, b in zip(
        one.get_layer("encoder").get_weights(), other.get_layer("encoder").get_weights(), strict=True
    ):
        np.testing.assert_array_equal(a, b)
    for a, b in zip(decoder, other.get_layer("decoder").get_weights(), strict=True):
        np.testing.assert_array_equal(a, b)


def test_a_network_of_several_models_is_loaded_through_what_is_trained(tmp_path):
    from face2sketch.models.networks import Networks

    one = transfer.transfer_autoencoder((32, 32, 3), "small")
    transfer.save_encoder(one, tmp_path / "own.npz", {})
    other = transfer.transfer_autoencoder((32, 32, 3), "small")
    transfer.load_encoder(Networks(other, other), tmp_path / "own.npz")
    np.testing.assert_array_equal(
        one.get_layer("encoder").get_weights()[0], other.get_layer("encoder").get_weights()[0]
    )


def test_none_leaves_the_random_start():
    model = transfer.transfer_autoencoder((32, 32, 3), "small")
    before = model.get_weights()
    assert transfer.load_encoder(model, None) is None
    assert all(np.array_equal(a, b) for a, b in zip(before, model.get_weights(), strict=True))


def test_weights_that_do_not_fit_say_what_fits(tmp_path):
    write_h5(tmp_path / "vgg.h5", kernels("vgg19-3"))
    small = transfer.transfer_autoencoder((32, 32, 3), "small")
    before = small.get_weights()
    with pytest.raises(
        MethodError, match=r"(?s)vgg\.h5 does not fit.*block1_conv1.*it fits vgg19-3 and vgg19-2"
    ):
        transfer.load_encoder(small, tmp_path / "vgg.h5")
    assert all(np.array_equal(a, b) for a, b in zip(before, small.get_weights(), strict=True)), (
        "nothing half loaded"
    )
    with pytest.raises(
        MethodError, match=r'weights="faces" fits it; "imagenet" fits vgg16, vgg19-3, vgg19-2'
    ):
        transfer.load_encoder(small, "imagenet")
    plain = keras.Sequential([keras.Input((8,)), keras.layers.Dense(2)], name="plain")
    with pytest.raises(MethodError, match="plain has no nested model"):
        transfer.load_encoder(plain, "imagenet")


def test_files_that_cannot_be_read_are_told(tmp_path):
    encoder = transfer.convolutional_encoder((32, 32, 3), "small")
    with pytest.raises(SavedFileError, match="no such file"):
        transfer.load_encoder(encoder, tmp_path / "absent.npz")
    for name in ("broken.npz", "broken.h5"):
        (tmp_path / name).write_bytes(b"PK nothing")
        with pytest.raises(SavedFileError, match=name):
            transfer.load_encoder(encoder, tmp_path / name)
    np.savez(tmp_path / "other.npz", header=np.array('{"format": "a shopping list"}'))
    with pytest.raises(SavedFileError, match="shopping list"):
        transfer.load_encoder(encoder, tmp_path / "other.npz")


def test_imagenet_weights_that_are_missing_are_never_replaced(tmp_path, monkeypatch):
    monkeypatch.setenv("FACE2SKETCH_CACHE", str(tmp_path))
    monkeypatch.delenv("FACE2SKETCH_WEIGHTS", raising=False)
    encoder = transfer.convolutional_encoder((32, 32, 3), "vgg19-2")
    with pytest.raises(DownloadError, match=r"vgg19_weights_tf_dim_ordering_tf_kernels_notop\.h5"):
        transfer.load_encoder(encoder, "imagenet", download=False)


# -- serialisation and the other backend ------------------------------------------------------------------------------


def test_saved_models_come_back(tmp_path):
    model = transfer.transfer_autoencoder((32, 32, 3), "vgg19-2")
    model.save(tmp_path / "model.keras")
    again = keras.models.load_model(tmp_path / "model.keras")
    x = pictures(1, 32)
    np.testing.assert_allclose(np.asarray(again(x)), np.asarray(model(x)), atol=1e-6)
    layer = transfer.ImageNetInput.from_config(transfer.ImageNetInput(name="prepare").get_config())
    np.testing.assert_allclose(
        np.asarray(layer(x)), keras.applications.vgg16.preprocess_input(255 * x), rtol=1e-5, atol=1e-4
    )


def test_torch_gives_the_same_pictures_and_pretrains(tmp_path, python):
    pytest.importorskip("torch")
    model = transfer.transfer_autoencoder((32, 32, 3), "vgg19-2")
    x = pictures(2, 32)
    arrays = {f"w{i:03d}": w for i, w in enumerate(model.get_weights())}
    np.savez(tmp_path / "given.npz", x=x, y=np.asarray(model(x)), **arrays)
    code = f"""
import numpy as np
from face2sketch.models import transfer
file = np.load({str(tmp_path / "given.npz")!r})
model = transfer.transfer_autoencoder((32, 32, 3), "vgg19-2")
model.set_weights([file[name] for name in sorted(file.files) if name.startswith("w")])
output = model(file["x"]).detach().cpu().numpy()
np.testing.assert_allclose(output, file["y"], atol=1e-4)
model.get_layer("encoder").trainable = False
model.compile(optimizer="adam", loss="mse")
model.train_on_batch(file["x"], file["x"])
from face2sketch import pretraining
pretraining.pretrain(n=8, size=32, epochs=1, batch_size=8, progress=False)
print("same")
"""
    run = subprocess.run(
        [python, "-c", code],
        env={**os.environ, "KERAS_BACKEND": "torch"},
        capture_output=True,
        text=True,
        timeout=300,
    )
    assert run.returncode == 0, run.stderr
    assert run.stdout.strip().endswith("same")


@pytest.mark.realdata
@pytest.mark.skipif(
    not os.environ.get("FACE2SKETCH_WEIGHTS"), reason="needs weights: set FACE2SKETCH_WEIGHTS"
)
def test_real_first_blocks_respond_as_torch_computes_them():
    """relu2_2 of the npz by PyTorch in its own convention (RGB minus the mean) and by our encoder."""
    torch = pytest.importorskip("torch")
    from torch.nn.functional import conv2d, max_pool2d, relu

    path = weight_files.locate("vgg19-first-blocks", download=False)
    encoder = transfer.convolutional_encoder((32, 32, 3), "vgg19-2")
    assert transfer.load_encoder(encoder, "imagenet", download=False) == path
    x = pictures(1, 32)
    with np.load(path) as file, torch.no_grad():
        y = torch.from_numpy((255 * x - file["mean_rgb_255"]).astype("f").transpose(0, 3, 1, 2))
        for block in (1, 2):
            for number in (1, 2):
                kernel, bias = (torch.from_numpy(file[f"conv{block}_{number}_{part}"]) for part in "wb")
                y = relu(conv2d(y, kernel, bias, padding=1))
            y = max_pool2d(y, 2)
    wanted = y.numpy().transpose(0, 2, 3, 1)
    np.testing.assert_allclose(np.asarray(encoder(x)), wanted, rtol=1e-3, atol=1e-2 * wanted.max() / 100)
