"""Layer tables are right when their parameter counts come out. Every number here stands in a paper's figure or text."""

from itertools import pairwise
from math import prod

import pytest

from face2sketch import methods, published

KERAS = [method for method in methods.all_methods() if method.framework == "keras"]


def shapes_of(method_id, size=None):
    """The network's layers with their weight counts, built without giving the weights any values."""
    from face2sketch.keras_quietly import keras
    from face2sketch.models.networks import as_networks

    method = methods.get(method_id)
    with keras.StatelessScope(initialize_variables=False):
        model = as_networks(method.build((*(size or method.size), 3))).translator
    return model, {layer.name: sum(prod(w.shape) for w in layer.weights) for layer in model.layers}


def test_the_register_holds_the_autoencoders_of_chapters_2_to_6_and_fcn():
    assert {method.id for method in KERAS} == {
        "huang-dae", "skubisz-sparse", "venkatesh-deep", "priovolos-dense", "skubisz-conv", "venkatesh-conv",
        "venkatesh-conv-bn", "priovolos-conv", "priovolos-mixed", "huang-vae", "huang-vae-corrected", "huang-vae-elbo",
        "venkatesh-vae", "conditional-vae", "huang-casq", "huang-casq-corrected", "skubisz-transfer", "faces-transfer",
        "fcn",
    }  # fmt: skip


@pytest.mark.parametrize("method_id", ["huang-vae", "huang-vae-corrected", "huang-vae-elbo"])
def test_huangs_vae_has_the_weights_of_its_notebook(method_id):
    """By hand at 200 px: 120000*128+128, twice 128*4+4, 4*128+128, 128*120000+120000."""
    assert methods.get(method_id).parameters() == 15_360_128 + 2 * 516 + 640 + 15_480_000 == 30_841_800


def test_huangs_casq_trains_the_convolutions_alone():
    """By hand: 3x3 convolutions 3-64-32-16 and 32-16-32-64-3; not the 1x1 convolution 16-32, nor the 128 codes of 32."""
    pairs = [(3, 64), (64, 32), (32, 16), (32, 16), (16, 32), (32, 64), (64, 3)]
    by_hand = sum(9 * a * b + b for a, b in pairs)
    method = methods.get("huang-casq")
    assert method.trained_parameters() == by_hand == 54_371
    assert method.parameters() == 54_371 + (16 * 32 + 32) + 128 * 32


def test_skubisz_transfer_has_close_to_16_3_million_weights():
    """Section III-D: 14.7 million of them the encoder's. With the 5x5 kernels of its Table II it would be 19.1 million."""
    method = methods.get("skubisz-transfer")
    assert method.parameters() == 14_714_688 + 1_572_259 == 16_286_947
    _, counts = shapes_of("skubisz-transfer")
    assert counts["encoder"] == 14_714_688  # Keras' and torchvision's VGG-16 without its classifier


@pytest.mark.parametrize(
    ("method_id", "total"),
    [
        ("venkatesh-conv", 5_486_787),  # Venkatesh, Fig. 8
        ("priovolos-mixed", 1_472_779),  # Priovolos, Fig. 7
        ("priovolos-dense", 425_086_880),  # sum of the lines of Priovolos, Fig. 5
        ("priovolos-conv", 9_786_347),  # sum of the lines of Priovolos, Fig. 6
    ],
)
def test_total_equals_the_published_one(method_id, total):
    assert methods.get(method_id).parameters() == total
    assert methods.get(method_id).published_parameters() == total


def test_sparse_autoencoder_has_roughly_201_million_weights():
    assert methods.get("skubisz-sparse").parameters() // 1_000_000 == 201  # Skubisz, section III-A


def test_published_parameters_are_none_where_the_paper_prints_none():
    assert methods.get("huang-dae").published_parameters() is None
    assert methods.get("mean-target").published_parameters() is None


def test_priovolos_dense_line_by_line():
    _, counts = shapes_of("priovolos-dense")
    lines = [201330688, 8390656, 2098176, 524800, 131328, 32896, 8256, 2080, 2112, 8320, 33024, 131584, 525312, 2099200,
             8392704, 201375744]  # fmt: skip
    assert [count for count in counts.values() if count] == lines


def test_venkatesh_conv_line_by_line():
    model, counts = shapes_of("venkatesh-conv")
    lines = [448, 9280, 73856, 295168, 1180160, 2359808, 1179904, 295040, 73792, 18464, 867]
    assert [count for count in counts.values() if count] == lines
    # The code between encoder and decoder, printed as (None, 32, 32, 512).
    assert model.get_layer("encode_6_relu").output.shape == (None, 32, 32, 512)


def test_priovolos_conv_line_by_line():
    model, counts = shapes_of("priovolos-conv")
    blocks = {}
    for name, count in counts.items():
        block = "_".join(name.split("_")[:2])
        blocks[block] = blocks.get(block, 0) + count
    blocks.pop("picture")
    assert list(blocks.values()) == [768, 8320, 32768, 131584, 525312, 2099200, 4194304, 2097152, 524288, 131072, 32768,
                                     8192, 520, 99]  # fmt: skip
    sides = [layer.output.shape[1] for layer in model.layers if layer.name.endswith("leaky")]
    assert sides == [127, 62, 30, 14, 6, 2, 6, 14, 30, 62, 126, 254]
    assert model.output.shape == (None, 256, 256, 3)


def test_priovolos_mixed_line_by_line():
    model, counts = shapes_of("priovolos-mixed")
    encoder = [sum(c for name, c in counts.items() if name.startswith(f"encode_{i}")) for i in range(1, 7)]
    assert encoder == [20480, 295552, 74048, 18592, 4688, 1192]
    assert counts["code"] == 66048
    names = list(counts)
    assert sum(counts[name] for name in names[names.index("spread") :]) == 992_179
    assert sum(prod(w.shape) for w in model.trainable_weights) == 1_470_779
    assert sum(prod(w.shape) for w in model.non_trainable_weights) == 2_000


def test_skubisz_conv_layer_table():
    """Skubisz, Table I: channels and sizes of each layer; weights by the formula k*k*in*out + out."""
    model, counts = shapes_of("skubisz-conv")
    channels = [3, 16, 32, 64, 64, 32, 16, 3]
    assert [c for c in counts.values() if c] == [25 * a * b + b for a, b in pairwise(channels)]
    sides = [layer.output.shape[1] for layer in model.layers if layer.name.endswith("leaky")]
    assert sides == [128, 64, 32, 64, 128, 256]


@pytest.mark.parametrize("method", KERAS, ids=lambda m: m.id)
@pytest.mark.parametrize("size", [(96, 96), (250, 200)])
def test_every_network_gives_back_the_size_it_was_asked_for(method, size):
    sides = tuple(method.allowed_side(side) for side in size)
    assert all(side >= wanted for side, wanted in zip(sides, size, strict=True))
    model, _ = shapes_of(method.id, sides)
    assert model.output.shape == (None, *sides, 3)


@pytest.mark.parametrize("side", [120, 128, 191, 193, 255, 257])
def test_unpadded_network_really_needs_its_sides(side):
    """Sides that `allowed_side` rounds away are sides at which the bare architecture misses its input's size."""
    from face2sketch.models.priovolos import unpadded_autoencoder

    assert methods.get("priovolos-conv").allowed_side(side) != side
    try:
        output = unpadded_autoencoder((side, side, 3)).output.shape
    except ValueError:  # too small for six convolutions
        return
    assert output != (None, side, side, 3)


def test_published_layer_lines_sum_to_the_totals_built():
    for method_id in ("venkatesh-conv", "priovolos-dense", "priovolos-conv"):
        assert published.layers(method_id)["parameters"].sum() == methods.get(method_id).parameters()
