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
# # Transfer learning
#
# [![Open in Colab](https://colab.research.google.com/assets/colab-badge.svg)](https://colab.research.google.com/github/face2sketch/face2sketch/blob/main/chapters/06_transfer_learning.ipynb)
#
# **The question.** Eighty-eight pairs of photo and sketch are few. Does an encoder that has already seen other pictures
# help to draw, and does it help more the fewer pairs there are?
#
# You will be able to
#
# - read VGG-16, and feed it what it was trained on;
# - find out from a total which kernel a paper's decoder had;
# - freeze, train, unfreeze, and say what each stage changes;
# - pretrain an encoder of your own, on a task that needs no pairs;
# - test a claim of transfer: against random features, with intervals, at several amounts of data.
#
# | | Two CPU cores (`book`) | Colab T4 (`paper`) |
# |---|---|---|
# | Time | about 3 minutes | not measured yet |
# | Needs | TensorFlow, the built-in faces; VGG's weights only for extra rows | the same, 224 px |

# %% tags=["setup"]
import sys

if "google.colab" in sys.modules:  # Colab has the frameworks, but not the course's library
    library = "git+https://github.com/face2sketch/face2sketch#subdirectory=shared_lib"
    get_ipython().run_line_magic("pip", f"install -q --no-deps {library}")
import face2sketch as f2s

# %% [markdown]
# ## An encoder that has seen a million pictures
#
# Skubisz, whose convolutional autoencoder we met in [chapter 3](03_convolutional_autoencoders.ipynb), had one more idea.
# The first half of the network, the encoder, has to find out what edges, eyes and hair look like. Others have trained networks on more
# than a million photographs (ImageNet), to tell a thousand kinds of things apart. Why not take the first half of such a
# network, with its weights, and train only the second half to draw?
#
# The network taken is **VGG-16** (Simonyan and Zisserman, 2014). Its plan has one rule: 3×3 convolutions with
# ReLU, two or three in a row, then 2×2 max pooling, five times over. Two 3×3 layers see as much as one of 5×5, with
# fewer weights and one more ReLU. Here is the library's own version of the pattern, with all encoders of this chapter:

# %%
from face2sketch.keras_quietly import keras
from face2sketch.models import transfer

f2s.show_source(transfer.convolutional_encoder, transfer.transposed_decoder, docstring=False)

# %%
from math import prod

shape, total = (224, 224, 3), 0
with keras.StatelessScope(initialize_variables=False):  # shapes only: no number is drawn
    vgg = transfer.convolutional_encoder(shape, "vgg16")
for layer in vgg.layers:
    if "conv" in layer.name:
        count = sum(prod(variable.shape) for variable in layer.weights)
        total += count
        print(
            f"{layer.name:13} {layer.kernel.shape[2]:3d} -> {layer.kernel.shape[3]:3d} channels {count:>10,} weights"
        )
print(f"{'':37} {total:>10,} in all; the code is {vgg.output_shape[1:]}")

# %% [markdown]
# Half of all weights are in the last block, where the picture has become 14×14: VGG spends its weights on *what* there is,
# late, and not on *where* it is. Remember that a person's code has 7×7 places.
#
# ## The table and the total
#
# The paper's Table II gives the decoder: transposed convolutions with stride 2 to 256, 128, 64, 32 and 16 channels, one
# with stride 1 to 3 colours, all 5×5. Its text gives a total: "close to 16.3 million parameters, where 14.7 million
# were frozen". We have learned in chapter 3 what to do with a layer table: count.

# %%
from itertools import pairwise

channels = (512, 256, 128, 64, 32, 16, 3)
for kernel in (1, 3, 5):
    decoder = sum((kernel**2 * below + 1) * above for below, above in pairwise(channels))
    print(f"{kernel}x{kernel} kernels: decoder {decoder:>9,}, with VGG-16 {decoder + total:>10,}")
print("the paper:", f2s.published.parameter_count("skubisz-transfer").source)
method = f2s.methods.get("skubisz-transfer")
print(f"the register builds {method.parameters():,} weights. {method.recipe.assumed}")

# %% [markdown]
# Table and total contradict each other, by three million, and the total supports **3×3**. The table has a second slip: it lists VGG's
# pooling as 3×3 without padding, which would leave 111 of 224 pixels and not 112. Both lines look like
# copies from its Table I. We build what the total says; `kernel=5` gives the other reading.
#
# ## What VGG wants to be fed
#
# A network can only use its weights on the kind of numbers it learned them with. VGG's were trained with a library that stored
# colours as *blue, green, red*, from 0 to 255, minus the mean of ImageNet's pictures, and nothing divided. Whoever feeds red
# first, or values in [0, 1], gets no error message, only worse features. So the encoder does this itself, in its first layer:

# %%
f2s.show_source(transfer.ImageNetInput, docstring=False)

# %% [markdown]
# ## Where weights come from
#
# Weights are a file from somewhere else, and a file can be missing, damaged or another one. The library keeps them in one place:
# every file with its official source and its checksum. A wanted file is looked for in a folder of yours
# (`FACE2SKETCH_WEIGHTS`), then in the cache; then it is downloaded, if you allow it. What is never done: to go on quietly
# with something else.

# %%
f2s.weights.table()[["file", "megabytes", "found"]]

# %% [markdown]
# A page of this book downloads nothing by itself. So on a machine without VGG's weights, asking for them looks like this:

# %%
import textwrap

download = False  # True fetches 59 MB from Keras' official address, once
try:
    vgg16 = f2s.weights.locate("vgg16", download)
    print(f"found: {vgg16}")
except f2s.DownloadError as missing:
    vgg16 = None
    print(textwrap.fill(str(missing), 100, break_on_hyphens=False, break_long_words=False))

# %% [markdown]
# The rest of the chapter does without. Where ImageNet's weights are present, the comparison below gets more rows. Results on
# the real pairs stand on a page of their own, [what the real pairs say](../book/real_pairs.md).
#
# ## An encoder of our own that has seen faces
#
# The paper ends with a wish: "using a transfer learning model that has been pre-trained on face datasets rather than a very
# general one like ImageNet". That we can do here and now. A sketch costs an artist hours, but facts about a photo are
# cheap; the built-in faces come with theirs. Learning such facts for the sake of the features is a **pretext task**:

# %% mystnb={"image": {"alt": "Six built-in photos; above each the colour and style of the hair, whether there are glasses, and the direction of the light in degrees"}}
size = f2s.choose(smoke=32, book=64, paper=224)
seen_before = f2s.data.synthetic(n=6, size=size, seed=f2s.pretraining.SEED)
told = [
    f"{who.hair_colour} {who.hair_style}, {'glasses' if who.glasses else 'no glasses'}, light {who.light:.0f}°"
    for who in seen_before.attributes.itertuples()
]
f2s.plots.grid(seen_before.photos, told)

# %% [markdown]
# The encoder is VGG's pattern in miniature: one convolution per block, 16, 32, 64 and 128 channels. On top of it stand a hidden layer of 64
# units and one linear answer per fact; both are thrown away afterwards. The hidden layer pays for itself: it can specialise in the
# facts, so that the features below it need not (Chen et al., 2020, found this for their "projection head").

# %%
f2s.show_source(f2s.pretraining.pretext_network, docstring=False)

# %%
from pathlib import Path
from tempfile import mkdtemp

amount = f2s.choose(
    smoke={"n": 16, "epochs": 1}, book={"n": 400, "epochs": 20}, paper={"n": 4000, "epochs": 30}
)
folder = Path(mkdtemp())
pretrained = f2s.pretraining.pretrain(
    "photo2sketch", size=size, path=folder / "photos.npz", progress=False, **amount
)
drawing, training = pretrained.seconds.values()
print(f"{amount['n']} faces: drawn in {drawing:.0f} s, learned from in {training:.0f} s")
print("mean loss per epoch:", " ".join(f"{loss:.1f}" for loss in pretrained.losses))
pretrained.report.round(3)

# %% [markdown]
# The column `constant` is the answer of somebody who does not look: always the most frequent word, or the median angle.
# Beards show why it is needed: seven right in ten sounds fair, and is what anybody gets who always says "none". All these
# people were kept out of the training, and all of them, trained on or not, are other people than those of the rest of this
# chapter.
#
# What do the features look like? A few maps of one face, from the same layer, before and after.


# %% mystnb={"image": {"alt": "A face and five feature maps of a random encoder, most with the outline or the hair bright; below, five of the pretrained encoder: hair and clothes bright on black in three, the background bright in one, skin and eyes in the last"}}
def feature_maps(encoder, picture, layer, count=5):
    """Maps of a layer that vary over the picture, from the most varied downwards, each scaled to [0, 1]."""
    model = keras.Model(encoder.input, encoder.get_layer(layer).output)
    maps = keras.ops.convert_to_numpy(model(picture[None]))[0]
    chosen = maps.std(axis=(0, 1)).argsort()[::-1][: 4 * count : 4]
    return [(maps[..., i] - maps[..., i].min()) / (np.ptp(maps[..., i]) + 1e-9) for i in chosen]


import numpy as np

people = f2s.choose(smoke=16, book=128, paper=600)
pairs = f2s.data.synthetic(n=people, size=size, seed=6)
face = pairs.photos[0] / np.float32(255)
keras.utils.set_random_seed(0)
random_encoder = transfer.convolutional_encoder((size, size, 3), "small")
rows = [
    picture
    for encoder in (random_encoder, pretrained.encoder)
    for picture in [face, *feature_maps(encoder, face, "block2_conv1")]
]
titles = ["the face", *["at random"] * 5, "the face", *["pretrained"] * 5]
f2s.plots.grid(rows, titles, columns=6)

# %% [markdown]
# Of the pretrained maps several pick out hair and clothes, one the background, and the last the skin.
# But look at the random maps: they are not useless. An arbitrary 3×3 kernel is some edge detector or other, and ReLU keeps one side of it.
# A decoder that draws from frozen *random* features is therefore the bar that a pretrained encoder must clear. Without this
# bar one ascribes to ImageNet what any convolution does.
#
# ## Freeze, train, thaw
#
# The paper's recipe has two stages. First the encoder is **frozen** (`trainable = False`), and only the decoder learns, at
# Adam's usual rate of 0.001. Then everything is trained for a short while at a tenth of that: **fine-tuning**. Why so? In the
# beginning the decoder is noise, and so are the gradients that it sends down: they would pull the encoder about before the decoder
# knows what to ask of it. Later they are sensible, but a few pairs must not pull far at what many pictures have
# taught. In the register a recipe is a list of stages, and what is frozen is named:

# %%
from face2sketch.training.settings import Stage

for stage in method.recipe.stages:
    print(stage)


def stages(mode, pairs, steps, rate=1e-4, batch=8):
    """The same number of optimiser steps with the encoder frozen, trained, or thawed after two thirds."""

    def epochs(steps):
        return max(1, round(steps / -(-pairs // batch)))

    if mode == "thawed":
        frozen = Stage("mse", epochs(2 * steps / 3), frozen=("encoder",))
        return (frozen, Stage("mse", epochs(steps / 3), learning_rate=rate))
    return (Stage("mse", epochs(steps), frozen=("encoder",) if mode == "frozen" else ()),)


# %% [markdown]
# ## Does it help, and when?
#
# Two starts, at random or pretrained on faces, times two ways to train, with the encoder frozen or not: four arms of one small
# network (342,339 weights). Each learns from 10, 20, 40 and 88 pairs (88 is what the real data set has) and is judged on 40
# other people. All get the **same number of optimiser steps**: otherwise more pairs would also mean longer training.
# Between encoder and decoder each picture's code is brought to mean 0 and variance 1, for pretrained and random
# features differ in scale, and we want to compare what they say, not how loudly.

# %%
import time
from itertools import product

test, pool = pairs[: people * 5 // 16], pairs[people * 5 // 16 :]
counts = f2s.choose(smoke=(4, 8), book=(10, 20, 40, 88), paper=(10, 20, 40, 88, 400))
steps = f2s.choose(smoke=2, book=120, paper=4000)
faces = str(pretrained.path)
arms = {
    "random, frozen": ("small", None, "frozen"),
    "random, trained": ("small", None, "trained"),
    "faces, frozen": ("small", faces, "frozen"),
    "faces, trained": ("small", faces, "trained"),
}
if f2s.weights.table().loc["vgg19-first-blocks", "found"] != "not on this machine":
    arms["VGG-19 at random, frozen"] = ("vgg19-2", None, "frozen")
    arms["VGG-19 of ImageNet, frozen"] = ("vgg19-2", "imagenet", "frozen")
if vgg16:
    arms["VGG-16 of ImageNet, thawed"] = ("vgg16", "imagenet", "thawed")


# %%
def learn(arm, train, task="photo2sketch", rate=1e-4):
    """Train one arm on some pairs."""
    encoder, weights, mode = arm
    method = "skubisz-transfer" if encoder == "vgg16" else "faces-transfer"
    run = {"stages": stages(mode, len(train), steps, rate), "batch_size": 8, "progress": False}
    return f2s.fit(method, train, task, encoder=encoder, weights=weights, **run)


began, fitted = time.perf_counter(), {}
for (name, arm), count in product(arms.items(), counts):
    fitted[name, count] = learn(arm, pool[:count])
bars = ("median-target", "grey-gain", "ridge")
for name, count in product(bars, counts):
    fitted[name, count] = f2s.fit(name, pool[:count])
print(f"{len(arms)} arms, {len(counts)} amounts, {steps} steps each: {time.perf_counter() - began:.0f} s")

# %%
import pandas as pd

scores = {key: f2s.evaluate(one, test, "photo2sketch", ("mse", "ssim")) for key, one in fitted.items()}
summary = {key: f2s.evaluation.summarise(table) for key, table in scores.items()}
columns = [f"{count} pairs" for count in counts]


def by_count(metric, what="mean", names=(*arms, *bars)):
    """For each arm, its score at each amount of training pairs."""
    return {name: [summary[name, count].loc[metric, what] for count in counts] for name in names}


pd.DataFrame.from_dict(by_count("mse"), orient="index", columns=columns).round(4)

# %%
pd.DataFrame.from_dict(by_count("ssim"), orient="index", columns=columns).round(3)

# %% mystnb={"image": {"alt": "MSE against training pairs for four arms and two baselines, falling to the right: the arm pretrained on faces and trained throughout is lowest everywhere, the one with frozen random features highest of the four; grey-gain stays level, ridge falls from far above to the arms' height"}}
shown = (*arms, *bars[1:])
both = ("random, trained", "faces, trained")
edges = [by_count("mse", what, both) for what in ("low", "high")]
bands = {name: (edges[0][name], edges[1][name]) for name in both}
f2s.plots.curve(
    counts, by_count("mse", names=shown), "training pairs", "MSE on 40 other people", bands=bands, marks=True
)

# %% [markdown]
# The bands say what other test people would change, and they overlap, because an easy face is easy for every arm. So we ask
# of each test person which of two arms drew them better, and average the *differences*. Below zero pretraining lowers the
# MSE, above zero it raises the SSIM; in brackets the 95 % interval over people.

# %%
rows = {}
for mode, metric in product(("frozen", "trained"), ("mse", "ssim")):
    gaps = [
        f2s.evaluation.paired_difference(scores[f"faces, {mode}", n], scores[f"random, {mode}", n], metric)
        for n in counts
    ]
    rows[f"{metric.upper()}, {mode}"] = [
        f"{g['mean']:+.4f} ({g['low']:+.4f} to {g['high']:+.4f})" for g in gaps
    ]
pd.DataFrame.from_dict(rows, orient="index", columns=columns)

# %% [markdown]
# **It helps.** At every amount, frozen or trained, the pretrained start has the lower MSE and the higher SSIM, and no
# interval contains zero (one only just: MSE with 10 pairs, trained). With 40 and 88 pairs the pretrained encoder that was never
# touched again draws about as well as a random one that was trained for it.
#
# **It does not help more when pairs are few.** That is the rule of thumb, and these figures do not bear it out. Follow a row of the last
# table from left to right: only for frozen features is the gain in MSE largest at 10 pairs; in the other rows it is as large or larger at 40 and
# 88. A look at the weights suggests why. The encoder has 97,440 of them, the decoder 244,899, and the decoder has
# seen nothing beforehand: it has to learn drawing from the pairs, whoever feeds it. With ten of them that is the
# bottleneck.
#
# **The bars.** With 10 pairs only one of the four networks has a lower MSE than two fitted numbers (`grey-gain`), and their SSIM
# is never reached; [chapter 1](01_data_preparation.ipynb) tells why sharp lines in place score so well. Linear regression at 88 pairs beats frozen
# random features and comes close to the random network trained throughout.

# %% mystnb={"image": {"alt": "Three test people and their sketches by the four arms trained on all pairs, all blurred: a woman wears a bun, and her hair rises to a point in both pretrained arms while both random arms draw it round; a grey-haired head dissolves in all four; long dark hair comes out in all"}}
first, last = counts[0], counts[-1]
f2s.plots.contact_sheet(test, {name: fitted[name, last] for name in list(arms)[:4]}, rows=3)

# %% [markdown]
# All are blurred: 120 steps are few, and a mean squared error averages what it cannot know. But look at the bun in
# the first row. With a pretrained encoder the hair rises to a point where the bun is; with a random one, trained or not, it is
# round as everybody's. To name hair styles one must have seen buns. The grey head in the second row dissolves in all
# four. Now choose another person, and move the slider through the amounts.


# %%
def strip(count, person):
    """One test person's sketch by each arm, in a row, then the artist's."""
    drawn = [fitted[name, count].translate(test.photos[person : person + 1])[0] for name in arms]
    row = np.concatenate([*drawn, test.sketches[person] / np.float32(255)], axis=1)
    return np.kron(row[..., 0], np.ones((2, 2)))


order = "; ".join(arms)
f2s.widgets.choices(
    {f"person {person + 1}": [strip(count, person) for count in counts] for person in range(3)},
    [f"{count} pairs. From the left: {order}; the artist" for count in counts],
    "training pairs",
    "test person",
    width=640,
)

# %% [markdown]
# ## The second stage, and its low rate
#
# Now the paper's own recipe, on all pairs: two thirds of the steps frozen, then thawed, at its low rate of 0.0001 and, for
# comparison, at the usual one. We also measure how far the encoder has moved from what it was taught: the length of
# the change of all its weights, relative to their own.


# %%
def moved(one, start):
    """How far an encoder's weights have moved, relative to their size."""
    now = one.model.get_layer("encoder").get_weights()
    distance = sum(np.sum((a - b) ** 2) for a, b in zip(now, start, strict=True))
    return np.sqrt(distance / sum(np.sum(b**2) for b in start))


recipes = {"frozen throughout": fitted["faces, frozen", last]}
for rate in (1e-4, 1e-3):
    recipes[f"thawed at {rate:g}"] = learn(("small", faces, "thawed"), pool[:last], rate=rate)
recipes["trained throughout"] = fitted["faces, trained", last]
taught = pretrained.encoder.get_weights()
f2s.compare(recipes, test).assign(moved=[moved(one, taught) for one in recipes.values()]).round(4)

# %% [markdown]
# Here the low rate does harm. In the last forty steps or so, at a tenth of the rate, the encoder moves by some two per cent, and the
# *decoder* nearly stops learning as well: the run ends where the frozen one was long before. At the usual rate thawing helps; and what the two
# stages are meant to prevent did not happen. Trained throughout, the encoder moves by a quarter of its
# length and draws best of all.
#
# So is the paper's recipe wrong? It is made for another budget. 1,204 pictures in batches of 32 for 100 epochs are some 3,800 steps for the
# decoder alone, and a decoder that has settled is when a low rate has its place. A recipe is not a law: it comes
# with a number of steps, a size of network and an amount of data.
#
# What a pretrained encoder gives is above all a **head start**. In the training losses it shows from the second epoch on:

# %% mystnb={"image": {"alt": "Training loss over eleven epochs on all pairs: frozen random features fall slowest; the other three run close together, the two pretrained ones ahead of the random trained one"}}
f2s.plots.history({name: fitted[name, last] for name in list(arms)[:4]})

# %% [markdown]
# Whether a head start is still one at the end is another question. On ImageNet itself He and others (2019) found that
# training from scratch catches up if it is given the steps. Set `steps` to 1000 and see.
#
# ## The other way: from sketch to photo
#
# The same from sketch to photo, in brief: an encoder that has learned the facts from *sketches* of other people, and one that starts at
# random, both trained throughout on all pairs.

# %%
less = f2s.choose(smoke={"n": 16, "epochs": 1}, book={"n": 160, "epochs": 20}, paper=amount)
from_sketches = f2s.pretraining.pretrain(
    "sketch2photo", size=size, path=folder / "sketches.npz", progress=False, **less
)
told = from_sketches.report
print(
    "told from a sketch:",
    ", ".join(told.index[told["better"]]),
    "| not:",
    ", ".join(told.index[~told["better"]]),
)
photos = {
    "random, trained": learn(("small", None, "trained"), pool[:last], "sketch2photo"),
    "faces, trained": learn(("small", str(from_sketches.path), "trained"), pool[:last], "sketch2photo"),
} | {name: f2s.fit(name, pool[:last], "sketch2photo") for name in bars}
f2s.compare(photos, test).round(4)

# %% mystnb={"image": {"alt": "Three sketches, the photos, and two networks' answers: blurred brown-haired heads on pale blue for all three, the grey-haired person's included; the two networks' answers are hard to tell apart"}}
f2s.plots.contact_sheet(test, {name: photos[name] for name in both}, task="sketch2photo", rows=3)

# %% [markdown]
# Much less is gained this way: a little SSIM, and nothing that can be told apart in MSE. The encoder had 160 sketches to
# learn from, and several facts cannot be read from pencil at all: the colour of hair, for one. No encoder knows what its
# pictures do not show. Both networks answer with the usual mixture, brown hair before pale blue.
#
# ## Where it fails
#
# **Our case is the easiest there is.** The pretext task and the drawing task show people by the same renderer, in the same
# studio. From ImageNet to faces, or from drawn faces to real ones, is further. What encoders of both kinds do
# for the 88 real training pairs is measured on [what the real pairs say](../book/real_pairs.md); read it before you
# carry anything from here to photographs.
#
# **Pretraining is not free.** All arms had equally many steps *of drawing*; the pretrained ones had 500 steps before,
# on 400 further people with facts about each. That is a fair price where facts are cheap, and it is a price.
#
# **One run each.** The intervals cover other test people, not other seeds.
#
# **Whom does it fail?** The grey head in the second row dissolves in every column. Is light hair the trouble? Test people by
# the colour of their hair:

# %%
hair = test.attributes["hair_colour"]
groups = {
    "trained on": pool[:last].attributes["hair_colour"].value_counts(),
    "test people": hair.value_counts(),
}
for name in both:
    groups[f"MSE, {name}"] = scores[name, last]["mse"].groupby(hair.to_numpy()).mean()
pd.DataFrame(groups).dropna().sort_values("trained on").round(4)

# %% [markdown]
# No: the blond head has the *lowest* error of all, for pale hair leaves little ink to be wrong about. The grey one is the
# worst of the pretrained arm, and the only line in which pretraining gains nothing. But that is one person: an example, no
# statistics. The eye finds patterns sooner than forty test people can support them.

# %% [markdown]
# ## Exercises
#
# ### Exercise 1: feed VGG
#
# Write what the encoder's first layer does, in NumPy: pictures (N, H, W, 3), red, green, blue in [0, 1], to blue, green, red in
# 0..255 minus ImageNet's mean. The pictures you were given must stay as they are.
#
# <details><summary>Hint</summary>
#
# `pictures[..., ::-1]` turns the last axis around. The means belong to blue, green, red, in this order.
#
# </details>


# %%
def vgg_input(pictures):
    raise NotImplementedError


f2s.checks.chapter06.vgg_input(vgg_input)


# %% tags=["hide-input"] cellView="form"
# @title Solution to exercise 1
def vgg_input_solution(pictures):
    blue_green_red = 255 * pictures[..., ::-1]
    return blue_green_red - np.array([103.939, 116.779, 123.68])


f2s.checks.chapter06.vgg_input(vgg_input_solution)

# %% [markdown]
# ### Exercise 2: what does a step change?
#
# Freeze the layers whose names are given, and no others, and count the weights that a training step would then change.
# (Somebody may have frozen other layers of the model before you.)
#
# <details><summary>Hint</summary>
#
# Every layer in `model.layers` has a `name` and a switch `trainable`. Afterwards `model.trainable_weights` lists the
# arrays that are left; `np.prod(array.shape)` counts their numbers.
#
# </details>


# %%
def trained_weights(model, frozen) -> int:
    raise NotImplementedError


f2s.checks.chapter06.trained_weights(trained_weights)


# %% tags=["hide-input"] cellView="form"
# @title Solution to exercise 2
def trained_weights_solution(model, frozen) -> int:
    for layer in model.layers:
        layer.trainable = layer.name not in frozen
    return sum(int(np.prod(array.shape)) for array in model.trainable_weights)


f2s.checks.chapter06.trained_weights(trained_weights_solution)

# %% [markdown]
# ### Exercise 3: count a decoder
#
# Count the weights of a chain of transposed convolutions with biases, from the kernel and the list of channels, the code's
# first. You can then settle the paper's contradiction without building anything.
#
# <details><summary>Hint</summary>
#
# `itertools.pairwise` gives the channels below and above each layer. A transposed convolution has as many weights as a
# convolution between the same channels.
#
# </details>


# %%
def decoder_weights(kernel: int, channels: list[int]) -> int:
    raise NotImplementedError


f2s.checks.chapter06.decoder_weights(decoder_weights)


# %% tags=["hide-input"] cellView="form"
# @title Solution to exercise 3
def decoder_weights_solution(kernel: int, channels: list[int]) -> int:
    return sum((kernel**2 * below + 1) * above for below, above in pairwise(channels))


f2s.checks.chapter06.decoder_weights(decoder_weights_solution)

# %% [markdown]
# ## What to take away
#
# - Weights are data: name their source, check their sum, feed them what they were trained on, and never go on
#   without them in silence.
# - A total gives away a kernel: 16.3 million means 3×3, whatever the table says.
# - The bar for a pretrained encoder is a random one, frozen and trained; the bar for both is a linear regression.
# - On built-in faces an encoder that has seen faces helps at every amount of data, and not more when pairs are few: the
#   decoder still has to learn drawing from them.
# - A low rate belongs at the end of a long training. In a short one it only stands still.
#
# ## References
#
# - A. Skubisz: coursework report, section III.D, Tables II to IV; its figures are in `f2s.published`.
# - K. Simonyan, A. Zisserman (2014), *Very Deep Convolutional Networks for Large-Scale Image Recognition*.
#   [arXiv:1409.1556](https://arxiv.org/abs/1409.1556)
# - O. Russakovsky and others (2015), *ImageNet Large Scale Visual Recognition Challenge*.
#   [doi:10.1007/s11263-015-0816-y](https://doi.org/10.1007/s11263-015-0816-y)
# - J. Yosinski, J. Clune, Y. Bengio, H. Lipson (2014), *How transferable are features in deep neural networks?*
#   [arXiv:1411.1792](https://arxiv.org/abs/1411.1792)
# - S. Kornblith, J. Shlens, Q. V. Le (2019), *Do Better ImageNet Models Transfer Better?*
#   [arXiv:1805.08974](https://arxiv.org/abs/1805.08974)
# - T. Chen, S. Kornblith, M. Norouzi, G. Hinton (2020), *A Simple Framework for Contrastive Learning of Visual
#   Representations*, on the hidden layer that is thrown away. [arXiv:2002.05709](https://arxiv.org/abs/2002.05709)
# - K. He, R. Girshick, P. Dollár (2019), *Rethinking ImageNet Pre-training*: with enough steps, training from scratch
#   catches up. [arXiv:1811.08883](https://arxiv.org/abs/1811.08883)
