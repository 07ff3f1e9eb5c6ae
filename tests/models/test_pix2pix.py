"""pix2pix: sizes as published, the patch that is computed is the patch that is seen, and each option does what it says."""

import pytest
import torch
from torch import nn
from torch.nn import functional as F

from face2sketch.errors import MethodError
from face2sketch.models import pix2pix as p
from face2sketch.models.gan import count_weights


@pytest.fixture(autouse=True)
def _seeded():
    torch.manual_seed(0)


def small(**options) -> p.UNet:
    """A U-Net for 16 px in evaluation mode, with weights that do not vanish on the way."""
    net = p.UNet(3, 3, **{"depth": 3, "width": 4, **options})
    for part in net.modules():
        if isinstance(part, nn.Conv2d | nn.ConvTranspose2d):
            nn.init.normal_(part.weight, 0, 0.3)
    return net.eval()


# -- weights -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("module", "weights"),
    [
        # The authors' PyTorch code prints these (54.414 M and 2.769 M for colour; the others for grey, issue 1152).
        (p.UNet(3, 3), 54_414),
        (p.UNet(1, 1), 54_408),
        (p.UNet(1, 1, depth=6), 29_238),
        (p.PatchGan(6), 2_769),
        (p.PatchGan(2), 2_765),
        (p.PatchGan(2, receptive_field=34), 662),
        (p.PatchGan(3, norm="instance"), 2_765),
    ],
    ids=lambda value: "" if isinstance(value, nn.Module) else str(value),
)
def test_weights_are_those_of_the_public_code_in_thousands(module, weights):
    assert round(count_weights(module) / 1000) == weights


def test_every_weight_of_the_published_networks_added_up():
    # 16 numbers a kernel, two a channel for batch norm; the decoder's inputs are doubled by the skip connections.
    encoder = [(3, 64), (64, 128), (128, 256), (256, 512), *[(512, 512)] * 4]
    decoder = [(512, 512), *[(1024, 512)] * 3, (1024, 256), (512, 128), (256, 64), (128, 3)]
    kernels = 16 * sum(a * b for a, b in encoder + decoder)
    norms = 2 * sum(outputs for _, outputs in [*encoder[1:-1], *decoder[:-1]])
    assert count_weights(p.UNet(3, 3)) == kernels + norms + 3 == 54_413_955
    assert count_weights(p.PatchGan(6)) == 2_768_705


# -- windows -----------------------------------------------------------------------------------------------------------


def seen(net: nn.Module, channels: int, side: int, row: int, column: int) -> tuple[int, int, int, int]:
    """Rows and columns of the input that one output depends on, from its gradient: (top, left, bottom, right)."""
    for part in net.modules():
        if isinstance(part, nn.Conv2d):  # no two paths cancel each other out
            nn.init.constant_(part.weight, 1 / part.weight[0].numel())
    picture = torch.rand(1, channels, side, side, dtype=torch.float64).requires_grad_()
    net.double().eval()(picture)[0, 0, row, column].backward()
    found = picture.grad.abs().sum((0, 1)).nonzero()
    return (*found.min(0).values.tolist(), *(found.max(0).values + 1).tolist())


@pytest.mark.parametrize("size", list(p.PATCHES))
def test_the_computed_window_is_the_one_the_gradient_reaches(size):
    # Without norm: one that looks at the whole map would connect everything with everything.
    net = p.PatchGan(3, receptive_field=size, width=2, norm="none")
    field, side = p.receptive_field(net), {286: 512, 142: 256}.get(size, 160)
    assert field.size == size
    middle = net(torch.zeros(1, 3, side, side)).shape[-1] // 2
    window = field.window(middle, middle - 1)
    assert min(window) >= 0
    assert max(window) <= side
    assert seen(net, 3, side, middle, middle - 1) == window


@pytest.mark.parametrize(
    "chain",
    [
        nn.Sequential(
            nn.Conv2d(1, 1, 5, 2, 2), nn.ReLU(), nn.AvgPool2d(3, 2), nn.Conv2d(1, 1, 3, dilation=2)
        ),
        nn.Sequential(
            nn.Conv2d(1, 1, 3, padding=1), nn.AvgPool2d(2), nn.Sequential(nn.Conv2d(1, 1, 3, padding=1))
        ),
        nn.Sequential(nn.Conv2d(1, 1, 4, 3, 1), nn.Conv2d(1, 1, (2, 2), (1, 1), (0, 0))),
    ],
)
def test_any_chain_of_convolutions_and_poolings_is_walked(chain):
    assert seen(chain, 1, 64, 4, 5) == p.receptive_field(chain).window(4, 5)


def test_a_dilated_kernel_and_a_pooling_by_hand():
    chain = nn.Sequential(nn.Conv2d(1, 1, 3, dilation=4), nn.MaxPool2d(2), nn.Conv2d(1, 1, 3))
    # 9 pixels; pooling adds one; two more steps of two pixels each.
    assert p.receptive_field(chain) == p.Field(size=14, step=2, start=0)


@pytest.mark.parametrize("layer", [nn.ConvTranspose2d(1, 1, 2, 2), nn.Upsample(scale_factor=2)])
def test_what_makes_pictures_larger_is_refused(layer):
    with pytest.raises(MethodError, match="makes pictures larger"):
        p.receptive_field(nn.Sequential(layer))


def test_a_kernel_that_is_not_square_is_refused():
    with pytest.raises(MethodError, match="not square"):
        p.receptive_field(nn.Conv2d(1, 1, (3, 5)))


# -- the generator -----------------------------------------------------------------------------------------------------


def test_a_small_unet_written_out_by_hand():
    net = small(norm="none", dropout=0)
    e, d = [block[0] for block in net.encoder], [block[0] for block in net.decoder]
    x = torch.rand(2, 3, 16, 16) * 2 - 1
    one = F.conv2d(x, e[0].weight, e[0].bias, 2, 1)
    two = F.conv2d(F.leaky_relu(one, 0.2), e[1].weight, e[1].bias, 2, 1)
    three = F.conv2d(F.leaky_relu(two, 0.2), e[2].weight, e[2].bias, 2, 1)
    up = F.conv_transpose2d(three.relu(), d[0].weight, d[0].bias, 2, 1)
    up = F.conv_transpose2d(torch.cat([up, two], 1).relu(), d[1].weight, d[1].bias, 2, 1)
    up = F.conv_transpose2d(torch.cat([up, one], 1).relu(), d[2].weight, d[2].bias, 2, 1)
    torch.testing.assert_close(net(x), up.tanh())


def test_picture_by_picture_or_together_is_the_same_in_use():
    net, pictures = small(dropout_at_test=False), torch.rand(3, 3, 16, 16)
    alone = torch.cat([net(picture[None]) for picture in pictures])
    torch.testing.assert_close(net(pictures), alone)


def test_in_use_each_picture_has_the_statistics_of_a_batch_of_one():
    layer, x = p.norm_layer(4), torch.randn(1, 4, 5, 5) * 3 + 7
    nn.init.normal_(layer.weight)
    nn.init.normal_(layer.bias)
    trained = layer.train()(x)
    torch.testing.assert_close(layer.eval()(x), trained)
    torch.testing.assert_close(trained, F.batch_norm(x, None, None, layer.weight, layer.bias, training=True))
    assert not list(layer.buffers())


def test_running_statistics_on_request():
    layer = p.norm_layer(2, statistics="running")
    for _ in range(200):
        layer.train()(torch.randn(8, 2, 4, 4) * 3 + 7)
    assert layer.eval()(torch.full((1, 2, 1, 1), 7.0)).abs().max() < 0.1


def test_nothing_normalises_the_bottleneck():
    net = p.UNet(3, 3, depth=3, width=4)
    net.train()(torch.rand(1, 3, 8, 8))  # a norm over the bottleneck's single pixel would raise
    assert [len(block) for block in net.encoder] == [1, 2, 1]
    x = torch.rand(1, 3, 8, 8)
    net = small(dropout=0)
    before = net(x)
    net.encoder[-1][0].weight.data.mul_(-1)
    assert (net(x) - before).abs().max() > 1e-3


@pytest.mark.parametrize(("always", "training"), [(True, False), (True, True), (False, True), (False, False)])
def test_dropout_stays_on_when_asked(always, training):
    net, x = small(dropout_at_test=always).train(training), torch.rand(1, 3, 16, 16)
    differs = (net(x) - net(x)).abs().max() > 0
    assert bool(differs) == (always or training)


def test_dropout_stands_in_the_first_three_decoding_blocks():
    found = [any(isinstance(part, p.Dropout) for part in block) for block in p.UNet(3, 3, width=2).decoder]
    assert found == [True] * 3 + [False] * 5


def test_a_cut_connection_carries_zeros():
    net, x = small(dropout=0, norm="none"), torch.rand(1, 3, 16, 16)
    cut = net(x, cut=[2])
    assert (cut - net(x)).abs().max() > 1e-3
    net.decoder[1][0].weight.data[8:] = 0  # the channels that come through the connection of level 2
    torch.testing.assert_close(net(x), cut)


@pytest.mark.parametrize(("skips", "inputs"), [(True, [16, 16, 8]), (False, [16, 8, 4]), ([1], [16, 8, 8])])
def test_skip_connections_where_they_are_asked_for(skips, inputs):
    net = small(skips=skips)
    assert [block[0].in_channels for block in net.decoder] == inputs
    assert net(torch.rand(1, 3, 24, 32)).shape == (1, 3, 24, 32)


def test_a_connection_at_the_bottleneck_is_refused():
    with pytest.raises(MethodError, match="levels 1 to 2"):
        small(skips=[3])


@pytest.mark.parametrize(("kind", "even"), [("transposed", True), ("uneven", False), ("resize", True)])
def test_only_the_odd_kernel_paints_some_pixels_more_often(kind, even):
    layer = p._upsampler(1, 1, kind, bias=False)
    for weight in layer.parameters():
        nn.init.ones_(weight)
    inside = layer(torch.ones(1, 1, 8, 8))[..., 4:-4, 4:-4]
    assert layer(torch.ones(1, 1, 8, 8)).shape == (1, 1, 16, 16)
    assert bool((inside == inside[..., 0, 0]).all()) == even


def test_other_sizes_are_padded_with_their_edges_and_cut_back():
    net, x = small(dropout=0, norm="none"), torch.rand(1, 3, 13, 22)
    padded = F.pad(x, (1, 1, 1, 2), "replicate")
    torch.testing.assert_close(net(x), net(padded)[:, :, 1:14, 1:23])


# -- the system --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("size", "depth"),
    [
        ((256, 256), 8),
        ((250, 200), 8),
        ((512, 512), 8),
        ((128, 128), 7),
        ((64, 64), 6),
        ((96, 96), 5),
        ((200, 200), 5),
    ],
)
def test_depth_comes_from_the_size(size, depth):
    assert p.depth_for(*size) == depth


@pytest.mark.parametrize(("task", "source", "target"), [("photo2sketch", 3, 1), ("sketch2photo", 1, 3)])
@pytest.mark.parametrize("conditional", [True, False])
def test_the_system_of_either_direction(task, source, target, conditional):
    system = p.pix2pix((64, 64, 3), task, sketch_channels=1, width=4, conditional=conditional)
    given = torch.rand(2, source, 64, 64)
    made = system.generate(task, given)
    assert [picture.shape for picture in made] == [(2, target, 64, 64)]
    assert system.judge(task, given, made).shape == (2, 1, 6, 6)
    assert system.discriminators[task][0].in_channels == target + conditional * source
    assert system.generators[task].depth == 6


def test_initial_weights_are_the_published_ones():
    system = p.pix2pix((32, 32, 3), width=16)
    kernels = torch.cat([part.weight.flatten() for part in system.modules() if isinstance(part, nn.Conv2d)])
    assert abs(kernels.mean()) < 1e-3
    assert abs(kernels.std() - 0.02) < 1e-3


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"receptive_field": 64}, "receptive_field is 64: expected one of 1, 16, 34, 70, 142, 286"),
        ({"norm": "layer"}, "norm is 'layer'"),
        ({"statistics": "mine"}, "statistics is 'mine'"),
        ({"upsampling": "bilinear"}, "upsampling is 'bilinear'"),
        ({"task": "sketch2sketch"}, "task is 'sketch2sketch'"),
    ],
)
def test_unknown_choices_are_named(options, message):
    with pytest.raises(MethodError, match=message):
        p.pix2pix((32, 32, 3), **options)
