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
# # CASQ: attention and quantisation
#
# [![Open in Colab](https://colab.research.google.com/assets/colab-badge.svg)](https://colab.research.google.com/github/face2sketch/face2sketch/blob/main/chapters/05_casq.ipynb)
#
# **The question.** Huang's own design, CASQ, is a convolutional autoencoder with two fashionable parts in its middle:
# self-attention and a vector quantiser. It beat the paper's two other networks, and the two parts got the credit. Do
# they deserve it?
#
# You will be able to
#
# - compute attention by hand, and say which puzzle it solves that a convolution cannot;
# - quantise vectors with a learned codebook, and name three ways to train what has no gradient;
# - find out what a network really trains, whatever its drawing says;
# - count what a code costs in bits, and what it buys;
# - take a design apart, so that each part has to earn its place.
#
# | | Two CPU cores (`book`) | Colab T4 (`paper`) |
# |---|---|---|
# | Time | about 3 minutes | not measured yet |
# | Needs | TensorFlow, the built-in faces | the same, 128 px, more people and steps |

# %% tags=["setup"]
import sys

if "google.colab" in sys.modules:  # Colab has the frameworks, but not the course's library
    library = "git+https://github.com/face2sketch/face2sketch#subdirectory=shared_lib"
    get_ipython().run_line_magic("pip", f"install -q --no-deps {library}")
import face2sketch as f2s

# %% [markdown]
# This is the evidence of the paper, its Table I:

# %%
table = f2s.published.figures().query("paper == 'huang'")
table.pivot(index="label", columns="metric", values="value")

# %% [markdown]
# CASQ wins. But it differs from the DAE and the VAE in *three* things: it convolves where they are dense, it attends,
# and it quantises. The first of these is the subject of [chapter 3](03_convolutional_autoencoders.ipynb). The table
# cannot tell us what each of the three is worth, and the paper's discussion credits the other two. The experiment that
# could tell is an **ablation**: the same network with and without each part, and the dense one beside it. We shall run
# it; but first, what are the parts?
#
# ## Attention: everybody may ask everybody
#
# A feature map has a vector at each position. A convolution lets a position hear its neighbours. In **self-attention**
# each position sends out a *query* $q$, holds up a *key* $k$ and has a *value* $v$ to tell. It compares its query with
# all keys, turns the dot products into shares that sum to one, and takes the average of all values with these shares
# (the paper's Eq. 1, after Vaswani et al., 2017):
#
# $$\text{Attention}(q, k, v) = \text{softmax}\!\left(\frac{q k^T}{\sqrt{d_k}}\right) v .$$
#
# Queries, keys and values are three linear maps of the position's own vector, and they are *learned*: that is how the
# layer finds out whom to ask. By hand, for a map of 8×8 positions with 16 channels, and one **head** (several heads do
# the same side by side, each with maps of its own):

# %%
import numpy as np

from face2sketch.keras_quietly import keras
from face2sketch.models.attention import SelfAttention2D

keras.utils.set_random_seed(0)
feature_map = np.random.default_rng(0).normal(size=(1, 8, 8, 16)).astype("float32")
layer = SelfAttention2D(heads=1, key_channels=4, residual=False)
by_layer = np.asarray(layer(feature_map))

positions = feature_map.reshape(64, 16)  # a row for each position: where it stood is forgotten
q, k, v = (np.asarray(dense(positions)) for dense in (layer.query, layer.key, layer.value))
dot_products = q @ k.T / np.sqrt(4)
shares = np.exp(dot_products - dot_products.max(axis=1, keepdims=True))
shares /= shares.sum(axis=1, keepdims=True)
by_hand = np.asarray(layer.output_dense(shares @ v)).reshape(1, 8, 8, 16)
print(f"{shares.shape} shares; largest difference to the layer {np.abs(by_hand - by_layer).max():.1e}")

# %% [markdown]
# **A puzzle that needs it.** On a field of 8×8 random colours one cell carries a flag. All cells shall take on the
# colour of the flagged one. A network of 1×1 convolutions sees a single cell at a time and cannot know; all that it can
# do is answer the mean colour, with an error equal to the variance of a uniform number, $1/12 = 0.083$. We put our
# layer in its middle: once so that each cell sees its own *row* only, once so that it sees all.


# %%
def puzzles(count, seed):
    """Fields (count, 8, 8, 4): red, green, blue, flag. Answers (count, 8, 8, 3): the flagged colour everywhere."""
    draw = np.random.default_rng(seed)
    colours, flagged = draw.random((count, 64, 3)), draw.integers(64, size=count)
    fields = np.concatenate([colours, np.eye(64)[flagged][..., None]], axis=-1).reshape(count, 8, 8, 4)
    wanted = np.repeat(colours[np.arange(count), flagged][:, None], 64, axis=1).reshape(count, 8, 8, 3)
    return fields.astype("float32"), wanted.astype("float32")


def solver(scope):
    """1x1 convolutions with or without attention between them, trained on 4,000 puzzles."""
    keras.utils.set_random_seed(0)
    field = x = keras.Input((8, 8, 4))
    x = hidden = keras.layers.Conv2D(16, 1, activation="relu")(x)
    if scope != "none":
        x = SelfAttention2D(4, scope=scope, start=1.0, name="attention")(x)
    model = keras.Model(field, keras.layers.Conv2D(3, 1)(x))
    model.compile(keras.optimizers.Adam(0.01), "mse", jit_compile=False)
    model.fit(*puzzles(4000, 1), batch_size=50, epochs=f2s.choose(1, 3, 10), verbose=0)
    return model, keras.Model(field, hidden)


# %%
fields, wanted = puzzles(200, 2)
solvers = {scope: solver(scope) for scope in ("none", "rows", "all")}
for scope, (model, _) in solvers.items():
    error = np.mean((model.predict_on_batch(fields) - wanted) ** 2)
    print(f"attention over {scope:4}: mean squared error {error:.4f}")
print(
    f"expected: none {1 / 12:.4f}, rows {7 / 8 / 12:.4f} (the flag is in one's own row one time in eight), all 0"
)

# %% [markdown]
# One layer turns an impossible task into an easy one. What has it learned? For one corner cell, which asks, the shares
# that each head gives to the 64 cells:

# %% mystnb={"image": {"alt": "A field of random colours with one cell framed in white, and the attention of four heads from the corner cell: in some heads a single bright square exactly at the framed cell, in the others an even or patchy grey"}}
model, to_hidden = solvers["all"]
shares = np.asarray(model.get_layer("attention").attention_map(to_hidden(fields[:1])))[0, :, 0]
field = np.kron(fields[0, ..., :3], np.ones((16, 16, 1)))
row, column = np.argwhere(fields[0, ..., 3])[0] * 16
field[row : row + 16, column : column + 16][[0, 1, -2, -1]] = 1
field[row : row + 16, column : column + 16][:, [0, 1, -2, -1]] = 1
heads = [np.kron(share.reshape(8, 8), np.ones((16, 16))) for share in shares]
f2s.plots.grid(
    [field, *(head / head.max() for head in heads)], ["the flag", *(f"head {n}" for n in range(1, 5))], 5
)

# %% [markdown]
# Remember this picture. It is what attention looks like when it is needed.
#
# ## The first accident: rows
#
# Huang's program calls Keras' layer `Attention()([x, x])`, without learned maps, on the feature map as it is: a tensor
# of *four* axes (picture, row, column, channel). The layer is made for three (sequence, position, channel), and with
# four it takes each row of the map as a sequence of its own. No error, no warning, to this day. The test is simple:
# disturb one row and look who notices.

# %%
published_attention = keras.layers.Attention()
disturbed = feature_map.copy()
disturbed[:, 3] += 1
ways = {"as published": lambda x: published_attention([x, x]), "over all positions": layer}
for name, attend in ways.items():
    change = np.abs(np.asarray(attend(disturbed)) - np.asarray(attend(feature_map))).max(axis=(0, 2, 3))
    print(f"{name:18} change by row: {' '.join(f'{c:.3f}' for c in change)}")

# %% [markdown]
# As published the eyes cannot ask the mouth, for they lie in different rows. "Obtain global information", the paper's
# reason for attention, is what this layer does not do. You have just seen the rows' score in the puzzle.
#
# ## Quantisation: a palette for vectors
#
# A **vector quantiser** has a list of $K$ vectors, the *codebook*, and replaces each vector of the map by the nearest
# of them (van den Oord et al., 2017). It is what a painter does with a palette. So let us paint: a photo's pixels are
# our vectors, the codes are $K = 12$ colours, and to have a plane that we can look at, each pixel is its red and its
# blue alone (green is filled in from the two). The paper's Eq. 3 says how the codes learn: each becomes the mean of the
# vectors that chose it. These two steps in turn are the algorithm *k-means*.


# %%
def nearest(vectors, codebook):
    """Index of the nearest code for each vector."""
    return ((vectors[:, None] - codebook) ** 2).sum(axis=-1).argmin(axis=1)


def k_means_step(vectors, codebook):
    """Each code becomes the mean of the vectors that chose it; one that nobody chose stays."""
    chosen, moved = nearest(vectors, codebook), codebook.copy()
    for code in np.unique(chosen):
        moved[code] = vectors[chosen == code].mean(axis=0)
    return moved


photo = f2s.data.synthetic(n=12, size=96, seed=3).photos[5] / np.float32(255)
pixels = photo.reshape(-1, 3)[:, [0, 2]]  # red, blue
to_green = np.linalg.lstsq(np.c_[pixels, np.ones(len(pixels))], photo.reshape(-1, 3)[:, 1], rcond=None)[0]
start = np.random.default_rng(0).uniform(0, 0.15, size=(12, 2)).astype("float32")

by_layer = f2s.models.quantiser.VectorQuantizer(12, update="average", decay=0.0, restart_below=None)
by_layer.build(pixels.shape)
by_layer.codebook.assign(start)
by_layer(pixels, training=True)
difference = np.abs(np.asarray(by_layer.codebook) - k_means_step(pixels, start)).max()
print(f"a step by hand and by the library's layer without memory: largest difference {difference:.1e}")

# %% [markdown]
# A network shows the quantiser a batch at a time, and its vectors move while it learns. So two rules are in use. The
# **gradient** of the mean squared distance pulls each code towards its vectors. Or each code is a **moving average**:
# running sums and running counts of its vectors, of which each step forgets a little. We start all twelve codes in one
# dark corner, far from most pixels, as codes may stand in a network that has not learned yet, and watch.


# %%
def gradient_step(codebook, batch, rate=0.5):
    """Down the gradient of the mean squared distance between vectors and their codes."""
    chosen = nearest(batch, codebook)
    pull = np.zeros_like(codebook)
    np.add.at(pull, chosen, 2 * (batch - codebook[chosen]) / len(batch))
    return codebook + rate * pull


def learn(rule, steps):
    """The codebook after each number of steps in `steps`, on batches of 200 pixels."""
    draw, seen = np.random.default_rng(1), {}
    restart = 0.1 if rule == "average, restarts" else None
    layer = f2s.models.quantiser.VectorQuantizer(12, decay=0.9, restart_below=restart, seed=0)
    layer.build(pixels.shape)
    layer.codebook.assign(start)
    for step in range(1, steps[-1] + 1):
        batch = pixels[draw.integers(len(pixels), size=200)]
        if rule == "gradient":
            layer.codebook.assign(gradient_step(np.asarray(layer.codebook), batch))
        else:
            layer(batch, training=True)
        seen[step] = np.asarray(layer.codebook).copy()
    return [seen[step] for step in steps]


# %%
def palette(codebook):
    """The plane of red and blue, each point in the colour of its nearest code, beside the photo in these colours."""
    colours = np.clip(np.c_[codebook, np.ones(len(codebook))] @ to_green, 0, 1)
    colours = np.clip(np.stack([codebook[:, 0], colours, codebook[:, 1]], axis=-1), 0, 1)
    across, up = np.meshgrid(np.linspace(0, 1, 288), np.linspace(1, 0, 288))
    plane = colours[nearest(np.stack([across, up], axis=-1).reshape(-1, 2), codebook)].reshape(288, 288, 3)
    column, row = (np.clip(pixels[::4], 0, 1) * [287, -287] + [0, 287]).astype(int).T
    plane[row, column] = 0.5 * plane[row, column] + 0.5 * (plane[row, column].mean(-1, keepdims=True) < 0.5)
    for red, blue in np.clip(codebook, 0.01, 0.99):
        plane[int(287 - 287 * blue) + np.arange(-3, 3)[:, None], int(287 * red) + np.arange(-3, 3)] = 1
    painted = colours[nearest(pixels, codebook)].reshape(photo.shape)
    return np.concatenate([plane, np.kron(painted, np.ones((3, 3, 1)))], axis=1)


steps = f2s.choose([1, 3], [1, 2, 5, 20, 100], [1, 2, 5, 20, 100])
rules = {rule: learn(rule, steps) for rule in ("gradient", "average", "average, restarts")}
for rule, books in rules.items():
    used = [len(np.unique(nearest(pixels, book))) for book in books]
    error = ((pixels - books[-1][nearest(pixels, books[-1])]) ** 2).sum(axis=-1).mean()
    print(f"{rule:18} codes in use {used}, squared distance at the end {error:.5f}")

# %%
f2s.widgets.choices(
    {rule: [palette(book) for book in books] for rule, books in rules.items()},
    [f"step {step}: red to the right, blue upwards; white squares are the codes" for step in steps],
    "step",
    "the codes learn by",
    alt={
        rule: [
            f"The colour plane in cells and the face in its palette, {rule}, step {step}" for step in steps
        ]
        for rule in rules
    },
    width=640,
)

# %% [markdown]
# Each cell of the plane is the region of one code; such regions are called Voronoi cells. (The list counts after each step.) In
# the first step only the two codes nearest to the crowd are chosen. Only they move, so they stay the nearest, and the others are **dead**:
# nobody chooses them, so nothing moves them, until a winner has gone so far that pixels near the corner fall to those
# left behind. After a hundred steps hardly more than half of the palette is in use. This trap is the great weakness of
# quantisers. The cure in the third choice is rough and effective: a code whose share of the vectors has fallen below a
# tenth of an even share is put onto a random vector of the batch.
#
# **A gradient through a choice.** The nearest code is a step function of the vector: moved a little, the vector keeps
# its code, so the true gradient is zero and the encoder would learn nothing. The **straight-through estimator** lies
# about it: forwards it gives the code $e$, backwards it hands on the gradient as if it had given $x$. In one line, with
# $\text{sg}$ for "stop the gradient here": $x + \text{sg}(e - x)$. Two losses keep the lie small,
#
# $$\| \text{sg}(x) - e \|^2 + \beta\, \| x - \text{sg}(e) \|^2 ,$$
#
# the first of which moves the code (the moving average takes its place, if that is used), while the second keeps the
# encoder *committed* to its codes. Here is the library's layer, the one that you have just used:

# %%
f2s.show_source(
    f2s.models.quantiser.VectorQuantizer.call, f2s.models.quantiser.VectorQuantizer._learn, docstring=False
)

# %% [markdown]
# ## The second accident: what is never trained
#
# In Huang's program the quantiser and the 1×1 convolution before it come from another library, Sonnet. Keras does not
# see variables that are not its own, and the quantiser's loss is returned, but added to nothing. Let us train the
# network as it was published, on built-in faces, and list what moves.

# %%
size = f2s.choose(smoke=32, book=64, paper=128)
pairs = f2s.data.synthetic(n=f2s.choose(smoke=40, book=120, paper=600), size=size, seed=3)
train, test = pairs.split(test=0.2, seed=0)
budget = f2s.choose(
    smoke={"max_steps": 2, "batch_size": 4, "epochs": 9},
    book={"max_steps": 250, "batch_size": 4, "epochs": 99},
    paper={"max_steps": 5000, "batch_size": 16, "epochs": 999},
)
seeds = f2s.choose(smoke=[0], book=[0, 1, 2], paper=[0, 1, 2])
published = [f2s.fit("huang-casq", train, seed=seed, progress=False, **budget) for seed in seeds]
for layer in published[0].networks.trained.layers:
    if layer.weights:
        print(
            f"{layer.name:10} {layer.count_params():>7,} weights{'' if layer.trainable_weights else ', never trained'}"
        )
method = f2s.methods.get("huang-casq")
print(f"trained {method.trained_parameters():,} of {method.parameters():,}")

# %% [markdown]
# The codebook is what it was at birth: 128 random vectors around the origin. Which of them are used? The **perplexity**
# is $e$ to the power of the entropy of the codes' shares: 128 for codes used evenly, 1 if a single one is used.

# %%
from face2sketch.models.casq import attention_maps, code_indices
from face2sketch.models.quantiser import VectorQuantizer, bits_per_picture, perplexity, usage

for seed, one in zip(seeds, published, strict=True):
    counts = usage(code_indices(one, test.photos), 128)
    print(f"seed {seed}: {np.count_nonzero(counts)} of 128 codes in use, perplexity {perplexity(counts):.1f}")

# %% [markdown]
# As good as nothing passes from encoder to decoder: nearly every position of every face gets the same code. The
# encoder's convolutions *are* trained, straight through the quantiser, but in vain: nothing brings the codes to the
# vectors or the vectors to the codes, and hardly a vector ever crosses the border to another code.
#
# ## As described, and taken apart
#
# `huang-casq-corrected` is what the paper describes: attention over all positions with learned maps, four heads and
# Zhang et al.'s learned weight $\gamma$ (the output is $x + \gamma \cdot$ answer; $\gamma$ starts at 0); a codebook of
# moving averages with restarts; everything trained. Its code, with a switch for each part:

# %%
f2s.show_source(f2s.models.casq.casq, docstring=False)

# %% [markdown]
# Now the ablation. Four networks, which share all but the two parts; three seeds each; the same number of steps on the
# same faces. Beside them the paper's dense autoencoder with the same budget. (It is a tiny budget: a thousand pictures
# seen in all. It is the same for all, and enough for a head of hair, not for eyes.)

# %%
variants = {
    "convolution alone": {"attention": "none", "quantiser": "none"},
    "with attention": {"attention": "all", "quantiser": "none"},
    "with quantiser": {"attention": "none", "quantiser": "average"},
    "with both": {"attention": "all", "quantiser": "average"},
}
fitted = {
    name: [
        f2s.fit("huang-casq-corrected", train, seed=seed, progress=False, **budget, **options)
        for seed in seeds
    ]
    for name, options in variants.items()
}
fitted["as published"] = published
fitted["huang-dae"] = [f2s.fit("huang-dae", train, seed=seed, progress=False, **budget) for seed in seeds]
for name, runs in fitted.items():
    trained = sum(int(np.prod(w.shape)) for w in runs[0].networks.trained.trainable_weights)
    print(f"{name:18} {runs[0].parameters:,} numbers, {trained:,} of them trained by the optimiser")

# %% [markdown]
# A score moves with the test people and with the seed, and our intervals cover both (`f2s.evaluation.interval_of_runs`). What
# other people would change is found by drawing people anew, a bootstrap. Seeds cannot be drawn anew like that: of three,
# a draw repeats one and leaves another out, and an interval of such draws covers far less than it says. So their spread goes
# into Student's $t$, which for three seeds allows more than twice the room that it would for many. The baselines need no
# seed.

# %%
import pandas as pd

for baseline in ("median-target", "grey-gain", "ridge", "nearest-10"):
    fitted[baseline] = [f2s.fit(baseline, train)]
scores = {name: [f2s.evaluate(one, test) for one in runs] for name, runs in fitted.items()}
rows = {}
for name, runs in scores.items():
    rows[name] = {}
    for metric in ("mse", "ssim"):
        found = f2s.evaluation.interval_of_runs(np.stack([run[metric] for run in runs]), test.identities)
        rows[name] |= {metric: found["mean"], f"{metric}_low": found["low"], f"{metric}_high": found["high"]}
summary = pd.DataFrame.from_dict(rows, orient="index")
summary.sort_values("mse").round(4)

# %% mystnb={"image": {"alt": "Mean squared error with intervals: the convolution alone and with attention are best and overlap, ridge and the two networks with a quantiser follow, then nearest-10, grey-gain and the dense autoencoder; far off lie the median sketch and, last, CASQ as published"}}
f2s.plots.scores(summary, "mse", title="Photo to sketch, built-in faces: the lower the better")

# %% [markdown]
# The baselines first: in so short a time the best network is hardly better than a linear regression, and in SSIM the
# grey photo with two fitted numbers is ahead of all. Now, what does each *part* do? The same people, the same seeds,
# with the part minus without it:

# %%
effects = {
    "attention, without quantiser": ("with attention", "convolution alone"),
    "attention, with quantiser": ("with both", "with quantiser"),
    "quantiser, without attention": ("with quantiser", "convolution alone"),
    "quantiser, with attention": ("with both", "with attention"),
}
for metric in ("mse", "ssim"):
    for effect, (name, without) in effects.items():
        pair = zip(scores[name], scores[without], strict=True)
        change = np.stack([one[metric] - other[metric] for one, other in pair])
        mean, low, high = f2s.evaluation.interval_of_runs(change, test.identities).values()
        print(f"{metric:4} {effect:30} {mean:+.4f} ({low:+.4f} to {high:+.4f})")

# %% mystnb={"image": {"alt": "Three people: photo, artist's sketch, and five answers: the four variants draw blurred heads of hair without eyes; as published the same grey rectangle for all three people"}}
shown = ("convolution alone", "with attention", "with quantiser", "with both", "as published")
f2s.plots.contact_sheet(test, {name: fitted[name][0] for name in shown}, rows=3)

# %% [markdown]
# **So:** in MSE all four are ahead of the dense autoencoder, in SSIM only the two without a quantiser. Attention
# changes nothing that can be told from chance. With the quantiser the sketches are *worse* by both measures, with
# attention or without; but the three seeds differ so much that chance cannot be ruled out: each of its four intervals
# reaches zero. More seeds would tell, or a longer training. And the network as published draws one grey
# rectangle for everybody: from a map that holds the same code everywhere, a decoder can learn no more than where the
# border is, because there the padding comes in.
#
# ## What the attention looks at
#
# Why does attention not help? First, how much of it is used: the learned weight $\gamma$, and the number of positions
# that a head looks at, in effect (the perplexity of its shares: 1 when it looks at a single one, as a head did in the
# puzzle). In a further run $\gamma$ starts at 1, so that attention has its full part from the first step, and the run
# is twice as long.

# %%
longer = budget | {"max_steps": 2 * budget["max_steps"]}
eager = f2s.fit(
    "huang-casq-corrected", train, quantiser="none", attention_start=1.0, progress=False, **longer
)
for name, one in (("gamma from 0", fitted["with attention"][0]), ("gamma from 1", eager)):
    gamma = float(np.asarray(one.networks.trained.get_layer("attention").gamma))
    maps = attention_maps(one, test.photos)  # (people, heads, positions asking, positions asked)
    looked_at = np.exp(-(maps * np.log(maps)).sum(axis=-1)).mean(axis=(0, 2))
    told_by_asker = (maps - maps.mean(axis=2, keepdims=True)).var() / (maps - 1 / maps.shape[-1]).var()
    print(
        f"{name}: gamma {gamma:+.3f}; each head looks at {looked_at.round(1)} of {maps.shape[-1]} positions;"
    )
    print(f"              share of the maps' variation that depends on who asks: {told_by_asker:.0%}")

# %% [markdown]
# The attention is almost even: each position gets the average of everything. (In the puzzle some heads ended at one
# cell.) For a look at what little preference there is, here are the shares of the run that starts at 1, stretched so
# that the least is black and the most is white. Choose who asks, and move through the heads.


# %%
def asked(person, place):
    """The photo with a square where the question is asked, beside each head's map, stretched; and the true shares."""
    side = size // 8
    row, column = (int(part * side) for part in place)
    shares = attention_maps(eager, test.photos[person : person + 1])[0, :, row * side + column]
    view = test.photos[person] / 255.0
    square = view[8 * row : 8 * row + 8, 8 * column : 8 * column + 8]
    square[[0, -1]] = square[:, [0, -1]] = (1, 0.2, 0.1)
    maps = (shares - shares.min(axis=1, keepdims=True)) / np.ptp(shares, axis=1, keepdims=True)
    maps = np.kron(maps.reshape(-1, side, side), np.ones((8, 8)))[..., None].repeat(3, axis=-1)
    return [np.kron(np.concatenate([view, m], axis=1), np.ones((3, 3, 1))) for m in maps], shares * side**2


places = {
    "an eye": (0.45, 0.38), "the mouth": (0.68, 0.5), "the hair": (0.15, 0.5), "the background": (0.1, 0.1)
}  # fmt: skip
views = {place: asked(1, where)[0] for place, where in places.items()}
for place, where in places.items():
    between = [f"{head.min():.2f} to {head.max():.2f}" for head in asked(1, where)[1]]
    print(f"{place:15} gives, in even shares, {'; '.join(between)}")

# %%
f2s.widgets.choices(
    views,
    [f"head {n + 1}: on the left who asks, on the right who is listened to" for n in range(4)],
    "head",
    "asked by",
    alt={
        place: [f"A face with a square on {place}, and the map of head {n + 1}" for n in range(4)]
        for place in views
    },
    width=480,
)

# %% [markdown]
# Change the place, and the map changes little: most of the little structure that the maps have is the same whoever
# asks. Nobody asks anything in particular; all read the same notice board. What the heads have found is *where there is
# something to be read*, each in other parts of the picture. One average for the whole picture could do nearly as much,
# and for less: the shares grow with the *square* of the positions, 64² = 4,096 for a head here, 625² = 390,625 at
# Huang's 200 pixels.
#
# That is no fault of attention: the puzzle has shown that the layer can ask. It is the task that does not need it. To
# draw the line at a place you need the photo at that place and a little around it, and a unit of this code sees 22
# pixels already. What lies far away could tell something about *style* (is this the artist who draws dark hair?), but
# all of these sketches are by one artist.
#
# ## What the quantiser costs and buys
#
# First the code itself: how often is each of the 128 codes used on test people?

# %% mystnb={"image": {"alt": "Share of the vectors that each code gets, on a logarithmic axis, sorted: as published a single dot at 1, one code for all vectors; with the learned quantiser it slopes down slowly over about a hundred codes"}}
shares = {}
for name in ("as published", "with quantiser"):
    counts = usage(code_indices(fitted[name][0], test.photos), 128)
    shares[name] = np.where(counts, counts / counts.sum(), np.nan)[np.argsort(counts)[::-1]]
f2s.plots.curve(
    range(1, 129), shares, "codes, the most used first", "share of all vectors", log=True, marks=True
)

# %%
one = fitted["with quantiser"][0]
indices = code_indices(one, test.photos)
plain, bound = bits_per_picture(indices[0].size, usage(indices, 128))
print(f"{indices[0].size} positions; perplexity {perplexity(usage(indices, 128)):.0f} of 128")
print(f"bits per face: photo {size * size * 24:,}; map before the quantiser {indices[0].size * 32 * 32:,};")
print(
    f"               code {plain:.0f} stored plainly, {bound:.0f} at least with the best code for its frequencies"
)

# %% [markdown]
# A face in about four hundred bits is what the quantiser buys: one could whisper it down a telephone. For *that* the
# layer was invented: a second network can learn which codes follow which and compose new pictures from them (van den
# Oord et al.). CASQ does nothing of the kind. Nor does it store anything: that quantisation reduces "storage and
# computational costs" is true of the code, but the network itself has more numbers with the quantiser than without, as
# the list above says, and one more thing to compute.
#
# What does it cost? We take the convolution alone, which never saw a quantiser, and give it a palette afterwards: some
# steps of $k$-means on the vectors of the training people, for palettes of 2 to 512 codes. Beside it the network that
# learned *with* its 128 codes.

# %%
plain_network = fitted["convolution alone"][0].networks
photos = [people.photos / np.float32(255) for people in (train, test)]
vectors, test_map = (np.asarray(plain_network.parts["encoder"](one)) for one in photos)
vectors = vectors.reshape(-1, vectors.shape[-1])
kept = {}
for codes in f2s.choose([2, 8], [2, 4, 8, 16, 32, 64, 128, 256, 512], [2, 4, 8, 16, 32, 64, 128, 256, 512]):
    after = VectorQuantizer(codes, decay=0.0, restart_below=None)
    after.build(vectors.shape)
    after.codebook.assign(vectors[np.random.default_rng(0).choice(len(vectors), codes, replace=False)])
    for _ in range(15):
        after(vectors, training=True)
    drawn = np.asarray(plain_network.parts["decoder"](after(test_map)))
    difference = drawn.mean(axis=-1, keepdims=True) - test.sketches / 255
    kept[codes] = drawn.mean(axis=-1, keepdims=True), (difference**2).mean()

# %% mystnb={"image": {"alt": "Mean squared error against bits per position: it falls steeply from 1 to 4 bits, passes below the line of the network that learned with its 128 codes between 5 and 6 bits, and flattens a little above the line without quantiser"}}
lines = {
    "quantised afterwards": [error for _, error in kept.values()],
    "learned with 128 codes": [scores["with quantiser"][0]["mse"].mean()] * len(kept),
    "not quantised": [scores["convolution alone"][0]["mse"].mean()] * len(kept),
}
f2s.plots.curve(
    np.log2(list(kept)), lines, "bits per position (log2 of the number of codes)", "MSE", marks=True
)

# %% [markdown]
# Two things are to be seen. Most of what a palette can save is saved with 64 or 128 codes: six or seven bits a
# position. And the palette that was put in *afterwards* does less harm than the one that was there while the network
# learned: early on, the codes run after vectors that run away, and the decoder learns from both. If time is short,
# learn first and quantise later.

# %%
person = 1
f2s.widgets.slider(
    [np.kron(sketches[person, ..., 0], np.ones((4, 4))) for sketches, _ in kept.values()]
    + [np.kron(test.sketches[person, ..., 0] / 255, np.ones((4, 4)))],
    [f"{codes} codes: {indices[0].size * np.log2(codes):.0f} bits" for codes in kept] + ["the artist"],
    "codes",
    alt=[f"A sketch drawn through {codes} codes" for codes in kept]
    + ["The artist's sketch of the same person"],
)

# %% [markdown]
# And what do the codes stand for? For some of the most used ones, the places of test photos that got this code:

# %% mystnb={"image": {"alt": "Eight rows of twelve small patches of photos, one row a code: some rows are plain background in several colours, one is background beside dark hair, one hair and dark skin, one temples and eyes beside the background, others a mixture"}}
reach = 7  # pixels around a position of 8 x 8: the 22 x 22 that a unit of the code sees
padded = np.pad(test.photos, ((0, 0), (reach, reach), (reach, reach), (0, 0)), mode="edge")
strips = []
for code in np.argsort(usage(indices, 128))[::-1][: 2 * 12 : 3]:
    found = np.argwhere(indices == code)
    found = found[np.random.default_rng(0).permutation(len(found))[:12]]
    patches = [padded[n, 8 * r : 8 * r + 8 + 2 * reach, 8 * c : 8 * c + 8 + 2 * reach] for n, r, c in found]
    patches += [np.full((22, 22, 3), 255, dtype=np.uint8)] * (12 - len(patches))
    strips.append(np.concatenate(patches, axis=1))
f2s.plots.grid(strips, columns=1)

# %% [markdown]
# Some rows are of one kind: background beside dark hair, hair and dark skin, an eye near the border of the face. And
# plain background has one code for grey, green and blue alike. That is sensible: a sketch leaves all of them white, so
# the code keeps what the *sketch* needs and forgets the rest. Other rows mix things that no word describes. Codes that
# are easy to interpret, as the paper hopes for, are a gift and not a promise.
#
# ## Where it fails
#
# **Between two codes.** What is special about a person gets the nearest word that others have: a fringe becomes
# ordinary hair, glasses fade into a face. These are the test people who lose most by the quantiser:

# %% mystnb={"image": {"alt": "Three people who lose most by quantising: photo, artist's sketch, the convolution's blurred sketch and the quantised one, in which fringes, a bright forehead and dark glasses have faded"}}
loss = np.mean(
    [a["mse"] - b["mse"] for a, b in zip(scores["with quantiser"], scores["convolution alone"], strict=True)],
    axis=0,
)
worst = test[np.argsort(loss)[::-1][:3]]
f2s.plots.contact_sheet(
    worst, {name: fitted[name][0] for name in ("convolution alone", "with quantiser")}, rows=3
)

# %% [markdown]
# **An honest answer, and its limits.** On these faces, at this size, with this budget, the two parts that gave CASQ its
# name do not make better sketches: attention changes nothing that we can measure, the quantiser costs something, and
# what beats the dense network is the convolution. As published, with a codebook that is never trained, the quantiser
# does great harm in a short training. The built-in faces are drawn by one program, all from the front, and our networks
# had not learned to draw eyes when we judged them. Whether the quantiser's price falls with longer training, and what
# students' photos say, is on the page [what the real pairs say](../book/real_pairs.md). And you can look further
# yourself: give the ablation ten times the steps, or another codebook, by `quantiser="gradient"`.
#
# ## Exercises
#
# ### Exercise 1: the nearest code
#
# For vectors `(N, D)` and a codebook `(K, D)` give the index of the nearest code for each vector, by Euclidean
# distance. The library never computes the distance itself; can you do without it, too?
#
# <details><summary>Hint</summary>
#
# $\|x - e\|^2 = \|x\|^2 - 2\, x \cdot e + \|e\|^2$, and the first term is the same for all codes.
#
# </details>


# %%
def nearest_code(vectors: np.ndarray, codebook: np.ndarray) -> np.ndarray:
    raise NotImplementedError


f2s.checks.chapter05.nearest_code(nearest_code)


# %% tags=["hide-input"] cellView="form"
# @title Solution to exercise 1
def nearest_code_solution(vectors: np.ndarray, codebook: np.ndarray) -> np.ndarray:
    return np.argmin((codebook**2).sum(axis=1) - 2 * vectors @ codebook.T, axis=1)


f2s.checks.chapter05.nearest_code(nearest_code_solution)

# %% [markdown]
# ### Exercise 2: perplexity
#
# From counts `(K,)` how often each code is used, compute the perplexity: how many codes are in use, in effect.
#
# <details><summary>Hint</summary>
#
# Shares $p$ first. The entropy is $-\sum p \ln p$, and codes that are never used add nothing to it: leave them out
# before you take logarithms.
#
# </details>


# %%
def codes_in_effect(counts: np.ndarray) -> float:
    raise NotImplementedError


f2s.checks.chapter05.perplexity(codes_in_effect)


# %% tags=["hide-input"] cellView="form"
# @title Solution to exercise 2
def codes_in_effect_solution(counts: np.ndarray) -> float:
    shares = counts[counts > 0] / counts.sum()
    return float(np.exp(-np.sum(shares * np.log(shares))))


f2s.checks.chapter05.perplexity(codes_in_effect_solution)

# %% [markdown]
# ### Exercise 3: attention weights
#
# From queries `(Q, d)` and keys `(K, d)` compute the shares `(Q, K)` of the formula above. They must stay finite for
# dot products in the thousands.
#
# <details><summary>Hint</summary>
#
# A softmax does not change when the same number is taken away from a whole row. Take away the largest.
#
# </details>


# %%
def attention_weights(queries: np.ndarray, keys: np.ndarray) -> np.ndarray:
    raise NotImplementedError


f2s.checks.chapter05.attention_weights(attention_weights)


# %% tags=["hide-input"] cellView="form"
# @title Solution to exercise 3
def attention_weights_solution(queries: np.ndarray, keys: np.ndarray) -> np.ndarray:
    products = queries @ keys.T / np.sqrt(keys.shape[1])
    shares = np.exp(products - products.max(axis=1, keepdims=True))
    return shares / shares.sum(axis=1, keepdims=True)


f2s.checks.chapter05.attention_weights(attention_weights_solution)

# %% [markdown]
# ## What to take away
#
# - A design that wins with three changes at once has not shown what any of them does. Take it apart, with several
#   seeds.
# - Attention moves information between places. Give it a puzzle that needs this, and it shines; look at its maps before
#   you believe that a task does.
# - Count what is trained, layer by layer. A part that no optimiser sees raises no error.
# - A codebook lives from being chosen. Watch its perplexity, and restart what is dead.
# - A quantiser buys bits. If nobody counts the bits, it only costs.
#
# ## References
#
# - Y.-C. Huang: *Investigative Study on Generative Models for Face2Sketch*; its Table I is in `f2s.published`.
# - A. van den Oord, O. Vinyals, K. Kavukcuoglu (2017), *Neural Discrete Representation Learning*.
#   [arXiv:1711.00937](https://arxiv.org/abs/1711.00937)
# - A. Vaswani et al. (2017), *Attention Is All You Need*. [arXiv:1706.03762](https://arxiv.org/abs/1706.03762)
# - H. Zhang, I. Goodfellow, D. Metaxas, A. Odena (2019), *Self-Attention Generative Adversarial Networks*.
#   [arXiv:1805.08318](https://arxiv.org/abs/1805.08318)
# - Y. Bengio, N. Léonard, A. Courville (2013), *Estimating or Propagating Gradients Through Stochastic Neurons for
#   Conditional Computation* (the straight-through estimator). [arXiv:1308.3432](https://arxiv.org/abs/1308.3432)
# - S. P. Lloyd (1982), *Least Squares Quantization in PCM* ($k$-means).
#   [doi:10.1109/TIT.1982.1056489](https://doi.org/10.1109/TIT.1982.1056489)
