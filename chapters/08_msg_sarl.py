# ---
# jupyter:
#   jupytext:
#     formats: ipynb,py:percent
#     text_representation:
#       extension: .py
#       format_name: percent
#   kernelspec:
#     display_name: Python 3
#     language: python
#     name: python3
# ---

# %% [markdown]
# # MSG-SARL
#
# [![Open in Colab](https://colab.research.google.com/assets/colab-badge.svg)](https://colab.research.google.com/github/face2sketch/face2sketch/blob/main/chapters/08_msg_sarl.ipynb)
#
# **The question.** A paper adds three things to a GAN, attention, judgement at several scales and a way back, and reports
# that each makes it draw better. What does each of them do, and how would we know?
#
# You will be able to
#
# - read an attention off its equations, and test whether a trained one attends;
# - let a discriminator judge four sizes of a picture at once;
# - train both directions together, and say what a cycle loss can ask for and what it cannot;
# - put losses on one scale before you argue about their weights;
# - read an ablation table: what was held equal, and what was not.
#
# | | Two CPU cores (`book`) | Colab T4 (`paper`) |
# |---|---|---|
# | Time | about 3 minutes | not measured yet |
# | Needs | PyTorch, the built-in faces | the same at 256 px; VGG-19's weights (80 MB, downloaded once) |

# %% tags=["setup"]
import sys

if "google.colab" in sys.modules:  # Colab has the frameworks, but not the course's library
    library = "git+https://github.com/face2sketch/face2sketch#subdirectory=shared_lib"
    get_ipython().run_line_magic("pip", f"install -q --no-deps {library}")
import face2sketch as f2s

# %% [markdown]
# ## Three additions to a U-Net
#
# [Chapter 7](07_pix2pix.ipynb) has built a U-Net and a PatchGAN. *Multi-Scale Gradients Self-Attention Residual Learning* (Duan and
# others, 2020) starts from the same two (its skip connections add where pix2pix concatenates) and brings three things more:
#
# - **Self-attention.** A convolution sees a few pixels. In the middle of the network, where the map is small, each position
#   may look at all others.
# - **Multi-scale gradients.** The generator draws its sketch at four sizes, and the discriminator judges all of them at once.
# - **A cycle.** Two generators are trained together, one for each direction; a photo that is drawn and then
#   painted again should come back.
#
# Its SSIM for the CUHK students, 0.6164 from photo to sketch, is not the highest in print. Skubisz has up to 0.768, for people
# whom the network had been trained on, and Venkatesh 0.6715, with nobody on both sides. How Duan and others split the pairs they do not say,
# nor whose SSIM theirs is, so that the three cannot be ranked. The network itself is not in the paper: no widths, no layer
# table. What its text leaves open is decided, with reasons, at the top of the library's `models/msg_sarl.py`. Two of
# these decisions can be checked.

# %%
import torch
from face2sketch.models import dual_attention, msg_sarl, pix2pix
from face2sketch.models.gan import count_weights

with torch.device("meta"):  # shapes only: no number is drawn
    whole = msg_sarl.msg_sarl((256, 256, 3))
    generator, judge = whole.generators["photo2sketch"], whole.discriminators["photo2sketch"]
    sizes = [tuple(picture.shape[1:]) for picture in generator(torch.zeros(1, 3, 256, 256))]
for name, part in generator.named_children():
    print(f"{name:8} {count_weights(part):>12,} weights")
print(f"{'in all':8} {count_weights(generator):>12,}; its pictures: {sizes}")
print(f"the judge {count_weights(judge):>11,}; it sees {pix2pix.receptive_field(judge).size} pixels")

# %% [markdown]
# **Depth.** The paper's Eq. 1 says how large the pictures are: 1/8, 1/4 and 1/2 of the full side. So there are three halvings on the way
# down, and attention works on a map of 32×32 positions.
#
# **The discriminator.** PatchGAN is modified "by adding the maximum pooling layer to reduce the redundant parameters and save memory". It halves
# with 4×4 kernels of stride 2. A 3×3 kernel followed by 2×2 pooling sees the same 4×4 pixels with 9/16 of the weights, and
# the receptive field stays what it was, 70. That is our reading; the paper does not contradict it.
#
# On the way *up*, the paper resizes and convolves, against the checkerboards that transposed convolutions leave. Three of
# four pixels of a resized map are repetitions, so the library adds kernel entries that meet the same pixel beforehand: the
# same sums with 4/9 of the multiplications. You will work out how in exercise 2.
#
# ## Attention
#
# Take a map $M$ of $C$ channels and $N$ positions. Three 1×1 convolutions give each position a **key** $A_i$ (what I have),
# a **query** $B_j$ (what I look for) and a **value** $V_i$ (what I pass on; the paper's $C_i$). Then (Eqs. 6 and 8), with $M_j$ for
# the numbers of $M$ at position $j$,
#
# $$p_{ji} = \frac{\exp(B_j^\top A_i)}{\sum_{k=1}^N \exp(B_j^\top A_k)}, \qquad E_j = \alpha \sum_{i=1}^N p_{ji}\, V_i + M_j.$$
#
# Row $j$ of $p$ says how position $j$ shares out its attention; $\alpha$ is learned and starts at zero. A second attention
# treats *channels* in the same way (Eqs. 9 and 10), with the map itself as key, query and value. With $m_j$ for channel $j$ of $M$ and
# $h_j$ for channel $j$ of the answer $H$,
#
# $$x_{ji} = \frac{\exp(m_j^\top m_i)}{\sum_{k=1}^C \exp(m_j^\top m_k)}, \qquad h_j = \beta \sum_{i=1}^C x_{ji}\, m_i + m_j.$$
#
# Both then go through a convolution each, are added, pass one more, and are added to $M$ (Eq. 11). In code:

# %%
f2s.show_source(
    dual_attention.PositionAttention,
    dual_attention.ChannelAttention,
    dual_attention.AttentionUnit.forward,
    docstring=False,
)

# %% [markdown]
# What does such a unit do before anything is learned? With $\alpha = \beta = 0$ we have $E = H = M$, and the unit is
# $M + \gamma(\varepsilon(M) + \varepsilon'(M))$: an ordinary residual block. Attention is switched on by the training, if it pays.
# Remember this: the unit brings convolutions that have nothing to do with attention.
#
# ### One softmax too many, and a division too few
#
# Before training, let us read the equations with numbers. First, the paper's Eq. 7 takes another softmax of $p$. But the numbers that
# enter it lie between 0 and 1, so the exponentials that leave it between 1 and $e$. Let one of 1,024 positions match ever
# better, all others not at all: what share does it get?

# %% mystnb={"image": {"alt": "Share of the best of 1,024 positions against how well it matches, on a logarithmic axis: with one softmax it climbs from a thousandth to 1 at a product of about 12; with two it stays at a thousandth and ends flat at three thousandths"}}
import numpy as np


def softmax(products):
    """Shares along the last axis."""
    shares = np.exp(products - products.max(axis=-1, keepdims=True))
    return shares / shares.sum(axis=-1, keepdims=True)


match = np.linspace(0, 16, 65)
products = np.zeros((len(match), 1024))
products[:, 0] = match
once = softmax(products)
shares = {"one softmax (Eq. 6)": once[:, 0], "two (Eqs. 6 and 7)": softmax(once)[:, 0]}
f2s.plots.curve(match, shares, "product of query and key", "share of the best of 1,024", log=True)

# %% [markdown]
# With two, the best position gets at most $e$ times what the worst one gets, whatever the network learns: attention that must look
# everywhere. SAGAN (Zhang and others, 2019) and DANet (Fu and others, 2019), which this section of the paper follows, have one softmax. So has
# our default; `double_softmax=True` builds the other reading.
#
# Now the channels. The products in Eq. 9 are sums over all $N$ positions, and nobody divides them by anything. After an instance
# norm (each channel less its mean over the picture, divided by its deviation), a channel's product with itself is about as large as $N$; with another channel it is $N$ times a correlation. The
# softmax turns differences of hundreds into shares:

# %%
torch.manual_seed(0)
for side in (4, 8, 32):
    maps = torch.nn.functional.prelu(torch.randn(1, 64, side, side), torch.tensor([0.25]))
    own = {
        scale: dual_attention.ChannelAttention(scale).weights(maps).diagonal(dim1=1, dim2=2).mean().item()
        for scale in ("printed", "root", "mean")
    }
    print(
        f"{side * side:>5} positions: a channel keeps {own['printed']:.3f} of its attention for itself; divided by "
        f"the root of N, {own['root']:.3f}; by N, {own['mean']:.3f}"
    )

# %% [markdown]
# As printed, a channel on a map of 64 positions or more attends to itself alone. Then the sum in Eq. 10 is just $m_j$, and the whole
# channel attention multiplies the map by one number, $1 + \beta$. Dividing by the root of $N$, as Transformers do, is not enough on a
# large map: there queries and keys differ, here each query is its own key. Divided by $N$, the 64 shares are nearly even. These
# were random features; a trained network is measured below.
#
# ## Four sizes, one judge
#
# The generator draws at each step of its way up: a 1×1 convolution turns the features into a picture there (Eq. 1). The
# discriminator takes the large picture, halves it, and adds the next smaller one to its features, three times (Eqs. 2 to 4). Real
# sketches are made smaller for it by averaging.

# %%
f2s.show_source(msg_sarl.MsgSarlDiscriminator.forward, docstring=False)

# %% [markdown]
# Why? The gradient that tells the generator what is wrong with its sketch normally enters at the last layer, and has a long way
# to the first. Here it also enters half-way. And true and false pictures are easier to confuse when they are small: a
# discriminator that can still be fooled is one that still teaches. That is MSG-GAN's argument (Karnewar and Wang, 2020), made
# for faces out of nothing. Whether a network needs it that is *given* a photo, and has skip connections, is a question of its own.
#
# ## There and back
#
# In place of pix2pix's L1 distance to the true sketch, MSG-SARL compares features of VGG-19 (after its first and second pooling), asks for
# little variation between neighbouring pixels, and for the way back. All adversarial systems of this course share one training step. It asks an
# objective which losses are wanted:

# %%
from face2sketch.training.gan_step import GanStep

for name in ("pix2pix", "cyclegan", "duan-msg-sarl"):
    print(f"{name:14}", f2s.methods.get(name).recipe.objective)
f2s.show_source(GanStep._parts, docstring=False)

# %% [markdown]
# CycleGAN (Zhu and others, 2017) is the same step with other weights and other networks. It was made for photos and sketches of
# *different* people: it has no loss that compares a sketch with the true one.
#
# ## Both directions from one training
#
# Now we train. A page on two cores means small pictures, 16 channels where the full network has 64, and a few hundred steps; the
# paper took 400 epochs. The batch of one and the rate of 0.001 are the paper's. VGG's weights are not on every machine, and this
# page downloads nothing, so its features here come from a *random* network of the same plan. On the way we keep what the generator
# draws of one test person, at all scales.

# %%
size = f2s.choose(smoke=32, book=64, paper=256)
people = f2s.choose(smoke=12, book=128, paper=600)
pairs = f2s.data.synthetic(n=people, size=size, seed=6)
test, train = pairs[: people * 5 // 16], pairs[people * 5 // 16 :]
steps, more = f2s.choose(smoke=(2, 3), book=(100, 240), paper=(20_000, 100_000))
plan = {
    "width": f2s.choose(smoke=4, book=16, paper=64),
    "weights": f2s.choose(smoke="random", book="random", paper="imagenet"),
    "schedule": "constant",
    "epochs": more,
    "precision": f2s.choose(smoke="fp32", book="fp32", paper="auto"),
    "progress": False,
}

# %%
import time

from face2sketch.training.torch_pictures import from_network, to_network

NO_PAD = ((0, 0), (0, 0))
moments = sorted({0, steps // 10, steps // 4, steps, more})
drawn, at_equal_budget = {}, {}


def keep(step, system):
    """Keep the four sizes of the first test person's sketch; and at the budget of the ablations, all sketches."""
    device = next(system.parameters()).device
    sketches = [
        system.generate("photo2sketch", to_network(test.photos[n : n + 1], 3, NO_PAD).to(device))
        for n in range(len(test) if step == steps else 1)
    ]
    drawn[step] = [(picture[0, 0].float().cpu().numpy() + 1) / 2 for picture in sketches[0]]
    if step == steps:
        whole = torch.cat([pictures[0] for pictures in sketches])
        at_equal_budget["whole"] = from_network(whole, test.size, NO_PAD, 1)


began = time.perf_counter()
main = f2s.fit("duan-msg-sarl", train, max_steps=more, watch=keep, watch_steps=moments, **plan)
print(f"{more} steps with both directions in each: {time.perf_counter() - began:.0f} s")

# %% mystnb={"image": {"alt": "Four test people: photo, artist's sketch and MSG-SARL's sketch, which has the head, hair, eyes and mouth in place, with softer lines and grey stripes on the wall"}}
f2s.plots.contact_sheet(test, {"MSG-SARL": main}, rows=4)

# %% mystnb={"image": {"alt": "The same four people the other way: sketch, photo and MSG-SARL's painting, with dark hair and brownish faces before a blue wall; colours of clothes and walls are guessed"}}
back = main.for_task("sketch2photo")
f2s.plots.contact_sheet(test, {"MSG-SARL": back}, task="sketch2photo", rows=4)

# %% [markdown]
# One training, two translators. As always, a picture says little without the baselines, in both directions:

# %%
bars = ("median-target", "grey-gain", "nearest-10", "ridge")
tables = {}
for task, one in (("photo2sketch", main), ("sketch2photo", back)):
    rivals = {name: f2s.fit(name, train, task) for name in bars}
    tables[task] = f2s.compare(rivals | {"MSG-SARL": one}, test)
tables["photo2sketch"].round(4)

# %%
tables["sketch2photo"].round(4)

# %% [markdown]
# After 240 pictures MSG-SARL has the highest mean SSIM in both directions, from sketch to photo by little; in MSE it is level
# with linear regression: the interval of each contains the other's mean. Colours are the harder half. The wall turns
# out blue for everybody and hair brown, grey hair too, for a sketch does not tell. The faint stripes on walls and cheeks are
# artefacts; no artist drew any.
#
# ### What each scale draws
#
# From the left: 1/8, 1/4, 1/2 and the full size. From above: before training, and after more and more steps. The last row is the
# artist's sketch, made smaller by averaging.

# %% mystnb={"image": {"alt": "Four columns from 8x8 to 64x64 pixels and six rows from noise over a grey shadow to a face; the small pictures show the head early, the full-size one gets eyes and hair later"}}
from face2sketch.models.gan import pyramid

artist = [p[0, 0].numpy() for p in pyramid(to_network(test.sketches[:1], 1, NO_PAD), 4)]
drawn["artist"] = [(picture + 1) / 2 for picture in artist]
rows = [picture for scales in drawn.values() for picture in scales[::-1]]
titles = [
    f"{'step ' if step != 'artist' else ''}{step}, {picture.shape[0]} px"
    for step, scales in drawn.items()
    for picture in scales[::-1]
]
f2s.plots.grid(rows, titles, columns=4)

# %% [markdown]
# One might expect the small pictures to be right first. It is the other way round: the full-size sketch is
# recognisable after ten steps, while the smallest is still a riddle at the end. The reason is in the objective: the
# features of VGG are compared at full size only. The small pictures have no teacher but the discriminator, which
# wants them plausible and never says whose face it should be. And the full-size picture does not depend on them. Skip connections hand it
# the photo's edges directly, past the whole middle of the network.
#
# ## What the blocks look at
#
# The paper shows attention maps of its four blocks and sees the attention move to the features of the face. Let us look at ours. Choose a
# place of the face, and move the slider through the blocks. In each picture the left face shows where the marked
# place looks, on a fixed scale: black is no attention, the brightest three times the average. The right face shows the same
# map stretched to its full range, as such maps are usually printed. The last button shows how much the unit changes its
# input, place by place; that is as close as we get to the paper's Figure 5, whose computation it does not give.


# %%
from matplotlib import colormaps

places = {"eye": (0.48, 0.38), "mouth": (0.77, 0.5), "hair": (0.2, 0.5), "wall": (0.2, 0.08)}
person = 0
photo = to_network(test.photos[person : person + 1], 3, NO_PAD)
drawing = main.system.cpu().eval().generators["photo2sketch"]
maps = drawing.attention_maps(photo)
cells = size // 8


def on_face(values, place=None, top=None):
    """A map of cells, blended with the face; `place` is framed, `top` is the brightest value (None stretches)."""
    low, high = (0, top) if top else (values.min(), values.max())
    zoom = 256 // cells
    colours = colormaps["magma"](np.clip((values - low) / (high - low + 1e-9), 0, 1))[..., :3]
    colours = np.kron(colours, np.ones((zoom, zoom, 1)))
    face = np.kron(test.photos[person].mean(-1) / 255, np.ones((256 // size, 256 // size)))
    blend = 0.35 * face[..., None] + 0.65 * colours
    if place:
        row, column = (int(share * cells) * zoom for share in place)
        blend[row : row + zoom, column : column + zoom][:4] = 1
        blend[row : row + zoom, column : column + zoom][-4:] = 1
        blend[row : row + zoom, column : column + zoom][:, :4] = 1
        blend[row : row + zoom, column : column + zoom][:, -4:] = 1
    return np.clip(blend, 0, 1)


# %%
def looks(block, place):
    """Where a place looks in a block: on the fixed scale and stretched, side by side."""
    row, column = (int(share * cells) for share in place)
    share = block.position[0, row * cells + column].reshape(cells, cells).numpy() * cells**2
    return np.concatenate([on_face(share, place, top=3), on_face(share, place)], axis=1)


def changes(block):
    """How much the unit adds to its input, place by place, stretched; beside the face."""
    change = (block.answers - block.inputs).abs().mean(1)[0].numpy()
    face = np.kron(test.photos[person] / 255, np.ones((256 // size, 256 // size, 1)))
    return np.concatenate([face, on_face(change)], axis=1)


views = {f"from the {name}": [looks(block, place) for block in maps] for name, place in places.items()}
views["the unit's change"] = [changes(block) for block in maps]
f2s.widgets.choices(views, [f"block {n}" for n in range(1, 5)], "block", "look", width=512)

# %% [markdown]
# On the fixed scale there is little to see: every place looks nearly everywhere, and where a block has a preference, all places share
# it. Stretched, the same maps are full of structure, and each could be told as a story about eyes and hair. A stretched map can always be read as something. So we ask for numbers: how many positions does a place
# effectively look at (the perplexity of its shares: all if they are even, 1 if it looks at one)? How much does a channel keep for
# itself? And how large is what each attention adds, beside the map it is added to?


# %%
import pandas as pd


@torch.no_grad()
def audit(generator, pictures):
    """One row for each block: the learned weights, how evenly attention is spread, and how much it adds."""
    rows = []
    for block, found in zip(generator.blocks, generator.attention_maps(pictures), strict=True):
        shares, inputs = found.position.clamp_min(1e-12), found.inputs
        parts = {
            "positions add": block.unit.position(inputs),
            "channels add": block.unit.channel(inputs),
            "unit adds": found.answers,
        }
        rows.append(
            {"alpha": found.alpha, "beta": found.beta}
            | {"looks at": (-(shares * shares.log()).sum(-1)).exp().mean().item()}
            | {"keeps for itself": found.channel.diagonal(dim1=1, dim2=2).mean().item()}
            | {name: ((part - inputs).norm() / inputs.norm()).item() for name, part in parts.items()}
        )
    return pd.DataFrame(rows, index=[f"block {n}" for n in range(1, 1 + len(rows))])


print(f"{cells**2} positions, {drawing.blocks[0].unit.joined.in_channels} channels; 8 test photos")
audit(drawing, to_network(test.photos[:8], 3, NO_PAD)).round(3)

# %% [markdown]
# Here is the observation on Eq. 9 again, now in a trained network: a channel keeps its attention for itself. So what channel
# attention adds is $\beta M$, one number times its input; compare the columns `beta` and `channels add`. A
# position looks at nearly all 64 evenly: it is given the average of the map, weighted by an $\alpha$ that has hardly left zero. But look
# at the last column. The *unit* adds a quarter of its input and more. Its convolutions do that.
#
# A table of sizes is not yet an effect. So we switch parts of the trained generator off, without training anything anew,
# and draw the test people again:

# %%
import copy


def switched_off(fitted, *names):
    """A copy of a fitted system in which the weights of these names are zero."""
    silent = copy.deepcopy(fitted)
    with torch.no_grad():
        for name, weight in silent.system.named_parameters():
            if name.endswith(names):
                weight.zero_()
    return silent


switched = {
    "as trained": main,
    "no position attention": switched_off(main, "unit.position.alpha"),
    "no channel attention": switched_off(main, "unit.channel.beta"),
    "neither": switched_off(main, "alpha", "beta"),
    "no units": switched_off(main, "unit.joined.weight", "unit.joined.bias"),
    "nothing from 1/8": switched_off(main, "up.0.0.weight"),
}
sketches = {name: one.translate(test.photos) for name, one in switched.items()}
moved = [np.abs(drawing - sketches["as trained"]).mean() for drawing in sketches.values()]
f2s.compare(switched, test).assign(moved=moved).round(4)

# %% [markdown]
# (`moved` is the mean change of a pixel, on a scale from 0 to 1.) Switching off either attention, or both, moves a pixel by a
# ten-thousandth at most, and the scores not at all. The units can go. Even without the map at 1/8, where all four blocks work and nine tenths of the weights are, the
# scores hardly change: what we see has come over the skips. A part that can be switched off without loss may still have helped
# while the network *learned*; for that one must train without it.
#
# ## The ablations
#
# An ablation takes a part away, trains again, and looks at what is lost. Each of the paper's six is a line in our register: three
# switches of one builder. All get the same number of steps here, one picture a step. We add two controls that the
# paper does not have. Taking the attention unit away takes its convolutions away as well, more than a quarter of all weights. So one arm has
# **the unit's convolutions only**, and no attention. And a network that starts from other random numbers ends elsewhere. So each arm that learns
# one direction is trained **with several seeds**. (Both directions take three times as long: one run each, on this page.)

# %%
arms = {
    "backbone": ("duan-backbone", {}),
    "+ scales": ("duan-backbone-msg", {}),
    "+ attention": ("duan-backbone-attention", {}),
    "+ convolutions only": ("duan-backbone-attention", {"attention": "convolutions"}),
    "whole, no cycle": ("duan-no-cycle", {}),
    "whole, no scales": ("duan-no-msg", {}),
    "whole, no attention": ("duan-no-attention", {}),
}
runs = f2s.choose(smoke=2, book=3, paper=3)
fitted, sketches, seconds = {}, {}, {}
for name, (method, options) in arms.items():
    both = f2s.methods.get(method).both_ways
    began, sketches[name] = time.perf_counter(), []
    for seed in range(1 if both else runs):
        one = f2s.fit(method, train, max_steps=steps, seed=seed, **plan | options)
        sketches[name].append(one.translate(test.photos))
        fitted.setdefault(name, one)  # the first seed's
    seconds[name] = (time.perf_counter() - began) / len(sketches[name])
sketches["whole"] = [at_equal_budget["whole"]]
seconds["whole"] = steps * main.history["seconds"][-1] / more

# %%
printed = f2s.published.figures(dataset="cuhk-student", task="photo2sketch", metric="ssim", paper="duan")
printed = dict(zip(printed["system"], printed["value"], strict=True))
ids = {name: id_ for name, (id_, options) in arms.items() if not options} | {"whole": "duan-msg-sarl"}
rows = {}
for name, drawings in sketches.items():
    ssim = np.array([f2s.metrics.ssim(test.sketches, drawing) for drawing in drawings])
    found = f2s.evaluation.interval_of_runs(ssim, test.identities)
    rows[name] = {"ssim": found["mean"], "ssim_low": found["low"], "ssim_high": found["high"]}
    rows[name]["each run"] = ", ".join(f"{value:.3f}" for value in ssim.mean(axis=1))
    rows[name]["seconds a run"] = round(seconds[name])
    rows[name]["paper, students"] = printed.get(ids.get(name), np.nan)
table = pd.DataFrame.from_dict(rows, orient="index")
table.round(4)

# %% mystnb={"image": {"alt": "SSIM of eight configurations as dots, from 0.42 for the backbone with attention to 0.62 for the whole, with intervals that are longest for the backbone; the paper's seven figures are diamonds close together between 0.58 and 0.62"}}
f2s.plots.scores(table, "ssim", published={name: printed[id_] for name, id_ in ids.items()})

# %% [markdown]
# The intervals of arms with several runs cover both other people and other seeds; those with one run cover other people only, and are
# too short by what a seed can do. What can it do? Here are the three backbones, equal in everything but the numbers they started from:

# %% mystnb={"image": {"alt": "Three test people drawn by the backbone from three seeds: with the first, soft grey features before a light wall; with the second, a net of dark stripes over faces and wall; with the third, black eyes and hair in hard contrast"}}
f2s.plots.contact_sheet(
    test, {f"seed {seed}": drawing for seed, drawing in enumerate(sketches["backbone"])}, rows=3
)

# %% [markdown]
# **Runs of one and the same configuration differ by more than any two configurations of the paper.** From `backbone` to the
# whole the paper's SSIM rises by 0.028; here the luck of a start is worth several times that. Whoever had run
# seed 0 alone would put the bare backbone near the top of the list; with another seed it is near the bottom.
#
# After a hundred steps no network has settled, and seeds matter most in the beginning; after the paper's 400 epochs they matter
# less. How much less, the paper does not say. It gives one number for each row, with no spread, no interval, and not even the
# number of test pictures. (Its second measure does not keep the order: on CUFSF the bare backbone's FSIM, 73.59 %, is above the
# whole's, 73.16 %.) The order may well be right. The table is no evidence of it, and neither is ours. What longer
# trainings on the real pairs give stands on [what the real pairs say](../book/real_pairs.md).
#
# Two things our table does tell. The price: the whole takes several times as long for a step as the backbone. At equal
# *seconds* the comparison would be another one. And the control: the unit's convolutions alone do at least as well as the
# unit that attends. A row "without attention" takes both away, and cannot tell which of them was missed.
#
# ## CycleGAN, with the same step

# %% mystnb={"image": {"alt": "Three test people drawn by CycleGAN, as blurred dark and light areas with hardly a feature, by MSG-SARL, with features in place, and by the backbone, much the same"}}
cyclegan = f2s.fit(
    "cyclegan", train, max_steps=steps, **plan | {"weights": None, "learning_rate": 1e-3, "augment": "none"}
)
equal = {
    "CycleGAN": cyclegan.translate(test.photos),
    "MSG-SARL": sketches["whole"][0],
    "backbone": sketches["backbone"][0],
}
f2s.plots.contact_sheet(test, equal, rows=3)

# %%
f2s.compare(
    {name: (lambda _, d=drawings: d) for name, drawings in equal.items()}, test, "photo2sketch"
).round(4)

# %% [markdown]
# After equally many steps CycleGAN has found out which areas are dark, and hardly a feature. It is not told whose sketch it should draw, only that
# the discriminator must believe it and that the way back must exist. Its scores are nevertheless close to the others': a
# soft shadow in the right place pays, as [chapter 1](01_data_preparation.ipynb) has shown. (It got MSG-SARL's
# rate here, five times its own, so that steps can be compared.)
#
# ### What a sketch may hide
#
# A cycle loss asks that the photo come back. It does not ask *how*. The generator that draws may put into its sketch what an artist
# never would, faint marks that tell its partner the colour of the wall (Chu and others, 2017, caught CycleGAN doing this). A test: let the
# partner paint from the artist's sketches, and from our own.

# %%
own = main.translate(test.photos)
found = {
    "the artist's sketches": back.translate(test.sketches),
    "its partner's sketches": back.translate(own),
    "its partner's, in 16 greys": back.translate(np.round(own * 15) / 15),
}
photos = test.photos / np.float32(255)
for name, paintings in found.items():
    print(f"painted from {name:26} mean error of a pixel {np.abs(paintings - photos).mean():.4f}")
for name, drawings in {"the artist's": test.sketches, "the generator's": own}.items():
    alike = [np.corrcoef(d.ravel(), p.mean(-1).ravel())[0, 1] for d, p in zip(drawings, photos, strict=True)]
    print(f"{name} sketches follow the photo's brightness with a correlation of {np.mean(alike):.2f}")

# %% [markdown]
# The photo does come back better from the partner's sketches than from the artist's: they tell something about it that the artist's do
# not. Not by faint marks, though. With sixteen greys a mark must be coarse to survive, and next to nothing is lost. The secret, if it is one, is in plain
# sight: our sketches follow the brightness of the photo more closely than the artist does.
#
# ## What weighs what
#
# MSG-SARL's weights are 1, 10, 0.0001 and 10. These numbers say nothing until one knows the size of what they multiply. So multiply:

# %%
wanted = f2s.methods.get("duan-msg-sarl").recipe.objective
weighted = {
    name: [getattr(wanted, name) * main.history[name][epoch] for epoch in (0, -1)]
    for name in ("gan", "perceptual", "tv", "cycle")
}
pd.DataFrame.from_dict(weighted, orient="index", columns=["first epoch", "last epoch"]).round(3)

# %% [markdown]
# Features and cycle speak loudest, the adversary third, and variation is next to silent. It is a *sum* over all pixels (Eq. 15), so
# it grows with the picture: at 256 px the same differences between neighbours weigh sixteen times as much as here. Read as a mean, as most losses
# are, it would weigh nothing at all.
#
# The features hide a larger trap. The paper does not say what scale they have. VGG's original weights take pictures on 0..255;
# PyTorch's copy takes them divided by their standard deviation, 58. Divide a ReLU network's input and biases by
# 58, and its features are divided by 58, a squared loss by more than 3,000. The library takes PyTorch's scale. Let us see what the
# other reading would do, and what happens without features, and with too much smoothness:

# %% mystnb={"image": {"alt": "Three test people drawn by the backbone: as published, and with heavier features, dark hair and clear eyes before a striped wall; without features, the same heads with flat grey hair and smeared shadows; with heavy variation, pale fog in the shape of a head"}}
caffe = (255 * (0.229 + 0.224 + 0.225) / 3) ** 2
settings = {
    f"features {caffe:,.0f} times as heavy": {"perceptual": 10 * caffe},
    "no features": {"perceptual": 0.0},
    "variation 3,000 times as heavy": {"tv": 0.3},
}
lossy = {"as published": fitted["backbone"]}
for name, objective in settings.items():
    lossy[name] = f2s.fit("duan-backbone", train, max_steps=steps, objective=objective, **plan)
f2s.plots.contact_sheet(test, lossy, rows=3)

# %%
f2s.compare(lossy, test).assign(
    **{
        f"judge on {kind}": [one.history[side][-1] for one in lossy.values()]
        for kind, side in (("true", "real"), ("drawn", "fake"))
    }
).round(4)

# %% [markdown]
# The last two columns say what happened; 1 is "true", 0 "drawn". *As published*, the discriminator is often in doubt, and so has something to
# teach. *On the other scale* the features drown it. The generator no longer listens, and the discriminator
# tells true from drawn nearly always: such a GAN is a regression on features with an audience. *Without features* nobody says
# whose sketch it should be (the backbone has no cycle either), and yet heads and eyes are in place: the skips
# carry them. *With much variation forbidden*, fog is cheapest. (The scores are of one run each. Remember the seeds.)
#
# ## Where it fails
#
# **At judging the paper.** Our networks have a quarter of the width, a hundred steps in place of tens of thousands, pictures of 64 pixels, and random
# features. What we saw of the *equations* holds at any size. What we saw of this trained network holds for it alone. In a wider network
# products of queries and keys are sums over more channels, divided by nothing: there attention may be anything but even. `audit` and
# `switched_off` take any generator; try them on yours.
#
# **At small pictures.** Multi-scale gradients were invented for a generator that starts from noise. Ours is handed a photo, and the smallest
# output stays a riddle that nobody needs.
#
# **At colours**, and at everything else a sketch does not tell. A cycle cannot help here by honest means: the colour of a wall comes
# back only if the sketch carries it, and an artist's does not.

# %% [markdown]
# ## Exercises
#
# ### Exercise 1: attend
#
# Write position attention in NumPy (Eqs. 6 and 8, one softmax): keys $A$ and queries $B$ of shape $(d, N)$, values $V$ and features $M$
# of shape $(C, N)$, and $\alpha$. Give $E$.
#
# <details><summary>Hint</summary>
#
# `b.T @ a` has a row for each position that looks. The softmax runs along its columns. Then each position, a column of the answer,
# wants the weighted sum of the values' columns.
#
# </details>


# %%
def position_attention(a, b, v, m, alpha):
    raise NotImplementedError


f2s.checks.chapter08.position_attention(position_attention)


# %% tags=["hide-input"] cellView="form"
# @title Solution to exercise 1
def position_attention_solution(a, b, v, m, alpha):
    products = b.T @ a
    shares = np.exp(products - products.max(axis=1, keepdims=True))
    shares /= shares.sum(axis=1, keepdims=True)
    return alpha * v @ shares.T + m


f2s.checks.chapter08.position_attention(position_attention_solution)

# %% [markdown]
# ### Exercise 2: one stamp for two steps
#
# Enlarge a picture by repeating each pixel 2×2, then convolve it with a 3×3 kernel. The same result comes from the small picture
# directly: each pixel, times its value, puts down one 4×4 *stamp*, two pixels further right for the next pixel. Find the
# stamp. (A convolution of deep learning does not turn its kernel round. The stamp begins one pixel above and left of the
# pixel's own 2×2 block.)
#
# <details><summary>Hint</summary>
#
# Take one white pixel: enlarged, a 2×2 block of ones. What does the convolution make of it? A pixel left of the block sees
# the block under the *right* column of the kernel: so the stamp is the turned kernel, summed over the four places in the block.
#
# </details>


# %%
def merged_kernel(kernel):
    raise NotImplementedError


f2s.checks.chapter08.merged_kernel(merged_kernel)


# %% tags=["hide-input"] cellView="form"
# @title Solution to exercise 2
def merged_kernel_solution(kernel):
    turned = np.pad(kernel[::-1, ::-1], 1)
    rows = turned[1:] + turned[:-1]
    return rows[:, 1:] + rows[:, :-1]


f2s.checks.chapter08.merged_kernel(merged_kernel_solution)

# %% [markdown]
# ### Exercise 3: the way back
#
# Write the cycle loss of both directions together: `draw` makes sketches of photos, `paint` photos of sketches. Then look at
# the check's last line: which translators have no loss at all, and draw nothing like a sketch?
#
# <details><summary>Hint</summary>
#
# `np.abs(paint(draw(photos)) - photos).mean()` is one half. Whatever loses nothing can be undone, and a negative
# loses nothing.
#
# </details>


# %%
def cycle_loss(draw, paint, photos, sketches) -> float:
    raise NotImplementedError


f2s.checks.chapter08.cycle_loss(cycle_loss)


# %% tags=["hide-input"] cellView="form"
# @title Solution to exercise 3
def cycle_loss_solution(draw, paint, photos, sketches) -> float:
    there = np.abs(paint(draw(photos)) - photos).mean()
    return there + np.abs(draw(paint(sketches)) - sketches).mean()


f2s.checks.chapter08.cycle_loss(cycle_loss_solution)

# %% [markdown]
# ## What to take away
#
# - Put numbers into equations before you train them. A softmax of a softmax cannot choose; a softmax of long, undivided sums cannot share.
# - Any map, stretched, looks meaningful. Measure how even it is and how much it adds, and switch it off.
# - A part brings more than its name. The control for attention is its convolutions.
# - A cycle trains two directions at once. It asks for a way back, not for a likeness.
# - A row of an ablation table is one draw. Look at several seeds before you explain a difference.
# - Weights of losses mean nothing without the sizes they multiply.
#
# ## References
#
# - S. Duan, Z. Chen, Q. M. J. Wu, L. Cai, D. Lu (2020), *Multi-Scale Gradients Self-Attention Residual Learning for Face
#   Photo-Sketch Transformation*. [doi:10.1109/TIFS.2020.3031386](https://doi.org/10.1109/TIFS.2020.3031386)
# - A. Karnewar, O. Wang (2020), *MSG-GAN: Multi-Scale Gradients for Generative Adversarial Networks*.
#   [arXiv:1903.06048](https://arxiv.org/abs/1903.06048)
# - H. Zhang, I. Goodfellow, D. Metaxas, A. Odena (2019), *Self-Attention Generative Adversarial Networks*.
#   [arXiv:1805.08318](https://arxiv.org/abs/1805.08318)
# - J. Fu and others (2019), *Dual Attention Network for Scene Segmentation*: positions and channels.
#   [arXiv:1809.02983](https://arxiv.org/abs/1809.02983)
# - J.-Y. Zhu, T. Park, P. Isola, A. A. Efros (2017), *Unpaired Image-to-Image Translation using Cycle-Consistent Adversarial
#   Networks*. [arXiv:1703.10593](https://arxiv.org/abs/1703.10593)
# - C. Chu, A. Zhmoginov, M. Sandler (2017), *CycleGAN, a Master of Steganography*: how a cycle can be kept by hiding.
#   [arXiv:1712.02950](https://arxiv.org/abs/1712.02950)
# - A. Odena, V. Dumoulin, C. Olah (2016), *Deconvolution and Checkerboard Artifacts*.
#   [doi:10.23915/distill.00003](https://doi.org/10.23915/distill.00003)
