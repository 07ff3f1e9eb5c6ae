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
# # Convolutional autoencoders
#
# [![Open in Colab](https://colab.research.google.com/assets/colab-badge.svg)](https://colab.research.google.com/github/face2sketch/face2sketch/blob/main/chapters/03_convolutional_autoencoders.ipynb)
#
# **The question.** A dense network has to learn from scratch that neighbouring pixels belong together. A convolutional
# one is built on it. What does that buy, and which of the many choices inside such a network can be *seen* in the
# pictures it draws?
#
# You will be able to
#
# - convolve a picture by hand, and foretell the size and the number of weights of a layer;
# - compute how much of a face one unit sees, and measure it;
# - recognise a checkerboard, and say which layer laid it;
# - choose a loss and an optimiser, and find out why batch norm has changed the brightness of your pictures;
# - read a published layer table like a detective, from its parameter counts.
#
# | | Two CPU cores (`book`) | Colab T4 (`paper`) |
# |---|---|---|
# | Time | about 3 minutes | not measured yet |
# | Needs | TensorFlow, the built-in faces | the same, 256 px, the papers' epochs |

# %% tags=["setup"]
import sys

if "google.colab" in sys.modules:  # Colab has the frameworks, but not the course's library
    library = "git+https://github.com/face2sketch/face2sketch#subdirectory=shared_lib"
    get_ipython().run_line_magic("pip", f"install -q --no-deps {library}")
import face2sketch as f2s

# %% [markdown]
# ## One small window, the same weights everywhere
#
# A dense layer joins every pixel to every unit. Move a face by one pixel, and everything has changed.
# A **convolution** looks through a window of, say, 3×3 pixels, takes a weighted sum of what it sees, writes down one
# number, and moves on by a pixel. The nine weights are called its *kernel*, and they are the same at every place. What
# detects a dark line beside the nose detects it on the chin as well, without learning it twice.
#
# NumPy does it in one line. Three kernels set by hand: two look for edges, the third for a thin dark line on lighter
# ground, which is what a pencil would draw.

# %% mystnb={"image": {"alt": "A built-in face in grey and three maps of it: one lights up along horizontal edges such as brows and mouth, one along the vertical sides of the face, one along thin dark lines"}}
import numpy as np

face = f2s.data.synthetic(n=1, size=128, seed=4)
grey = f2s.data.colour.to_grey(face.photos / np.float32(255))[0, ..., 0]
kernels = {
    "horizontal edges": np.array([[-1, -2, -1], [0, 0, 0], [1, 2, 1]]) / 8,
    "vertical edges": np.array([[-1, 0, 1], [-2, 0, 2], [-1, 0, 1]]) / 8,
    "thin dark lines": np.array([[1, 1, 1], [1, -8, 1], [1, 1, 1]]) / 8,
}
windows = np.lib.stride_tricks.sliding_window_view(grey, (3, 3))
maps = {name: np.einsum("ijkl,kl->ij", windows, kernel) for name, kernel in kernels.items()}
shown = [grey, *(np.clip(np.abs(m) * 5, 0, 1) for m in maps.values())]
f2s.plots.grid(shown, ["the picture in grey", *maps], columns=4)

# %% [markdown]
# The maps are 126 pixels wide, not 128: a 3×3 window fits at 126 places only. `padding="same"` surrounds the picture
# with zeros so that nothing is lost, and a **stride** of 2 moves the window by two pixels at a time, which halves each
# side. Is that all that Keras does? We give its layer our weights and compare. (A mathematician
# would turn the kernel by 180° first and call ours a correlation.)

# %%
from face2sketch.keras_quietly import keras

layer = keras.layers.Conv2D(3, 3, use_bias=False)
layer.build((None, 128, 128, 1))
layer.set_weights([np.stack(list(kernels.values()), axis=-1)[:, :, None].astype("float32")])
by_keras = np.asarray(layer(grey[None, ..., None]))[0]
by_hand = np.stack(list(maps.values()), axis=-1)
print(f"shape {by_keras.shape}, largest difference {np.abs(by_keras - by_hand).max():.1e}")

# %% [markdown]
# A real layer has many kernels, and each spans all channels below it: a kernel of $k \times k$ from $c_{in}$ channels to
# $c_{out}$ has
#
# $$(k^2 \, c_{in} + 1)\; c_{out}$$
#
# weights, the 1 being the bias. The size of the picture does not occur. A 5×5 layer from 3 channels to 16 has 1,216
# weights for a picture of any size; a dense layer of 512 units on 256×256 colour pixels has a hundred million.
#
# ## A first network, and its sketches as they appear
#
# Skubisz's design is the plainest of the five of this chapter: three convolutions with stride 2 make the picture
# smaller and the channels more, three *transposed* convolutions (of which more below) undo that, and a last convolution
# mixes the channels into colours. Here is its code, the library's own:

# %%
from face2sketch.models import conv, priovolos

f2s.show_source(conv.strided_autoencoder, docstring=False)

# %%
size = f2s.choose(smoke=32, book=64, paper=256)
pairs = f2s.data.synthetic(n=f2s.choose(smoke=40, book=120, paper=600), size=size, seed=3)
train, test = pairs.split(test=0.2, seed=0)
print(f"{len(train)} training and {len(test)} test people at {size} px")

# %% [markdown]
# We train it and look in between: a run that saves a checkpoint can be taken up again with a larger budget.

# %%
from tempfile import TemporaryDirectory

steps = f2s.choose(smoke=[1, 3], book=[1, 10, 30, 100, 300], paper=[1, 10, 30, 100, 300, 1000, 3000])


def watch(**options):
    """Train skubisz-conv from photo to sketch; its test sketches at each of `steps`, and the fitted network."""
    seen = []
    with TemporaryDirectory() as folder:
        run = {"checkpoint": f"{folder}/run", "batch_size": 8, "epochs": 1000, "progress": False}
        for budget in steps:  # the budget ends the run, not the epochs
            fitted = f2s.fit("skubisz-conv", train, max_steps=budget, **run, **options)
            seen.append(fitted.translate(test.photos))
    return seen, fitted


appearing, strided = watch()
print(strided)


# %%
def strip(*rows):
    """Rows of pictures (N, H, W, 1) as one picture, enlarged without smoothing."""
    picture = np.concatenate([np.concatenate(list(row), axis=1) for row in rows], axis=0)
    return np.kron(picture[..., 0], np.ones((2, 2)))


artist = test.sketches[:5] / 255
f2s.widgets.slider(
    [strip(sketches[:5], artist) for sketches in appearing],
    [f"step {n}: drawn by the network, and below by the artist" for n in steps],
    "step",
    alt=[f"Five sketches after {n} steps, above the artist's sketches of the same people" for n in steps],
    width=640,
)

# %% [markdown]
# Move the slider. Dark hair and pale paper come first, because they are most of the error; then the outline, then eyes
# and mouth as smudges in the right places. Note what never comes: single strokes of hair. We shall see why.
#
# ## What one unit sees
#
# A unit of the first layer sees 5×5 pixels. A unit of the second sees 5×5 units of the first, which lie 2 pixels apart,
# and so on. If layer $l$ has the kernel $k_l$ and stride $s_l$, the side of this **receptive field** grows by
#
# $$r_l = r_{l-1} + (k_l - 1) \prod_{i<l} s_i, \qquad r_0 = 1 .$$

# %% mystnb={"image": {"alt": "A face with three nested squares around its middle, of 5, 13 and 29 pixels; the largest spans the bridge of the nose and the inner halves of both eyes"}}
skubisz = [(5, 2)] * 3
f2s.plots.receptive_field(face.photos[0], skubisz, title="One unit after each of Skubisz's three layers")

# %% [markdown]
# At Skubisz's own 256 pixels these squares would be half as large against the face: a unit of the code sees 29 pixels,
# an eye. It cannot know whether the eye belongs to somebody with a beard. The others see more:

# %%
encoders = {
    "skubisz-conv": skubisz,
    "venkatesh-conv": [(3, 1), (2, 2), (3, 2), (2, 2), (3, 1), (3, 1), (3, 1), (3, 1)],
    "priovolos-conv": [(4, 2)] * 6,
    "priovolos-mixed": [(5, 1), (2, 2)] + [(3, 1), (2, 2)] * 5,
}
for name, layers in encoders.items():
    sides = f2s.plots.receptive_fields(layers)
    print(f"{name:16} {sides[-1]:4d} of 256 px, layer by layer {sides}")

# %% [markdown]
# (Pooling counts as a layer with its own kernel and stride. Only `priovolos-mixed`, with dense layers after its convolutions,
# has a code that sees the whole face.)
#
# **Never trust a formula that you can test.** We change one pixel of a photo after the other and watch one unit in the
# middle of the trained code. Where it does not stir, the pixel is outside its field.


# %%
def influence(network, picture, change=0.2):
    """How strongly each pixel of a picture (H, W, 3) moves the answer in the middle of the network's last map."""
    height, width, _ = picture.shape
    middle = tuple(side // 2 for side in network.output_shape[1:3])
    same = np.repeat(picture[None], width, axis=0)  # batches of one size round alike
    before = network.predict_on_batch(same)[0][middle]
    moved = np.empty((height, width))
    for row in range(height):
        batch = same.copy()
        batch[np.arange(width), row, np.arange(width)] += change
        after = network.predict_on_batch(batch)[:, middle[0], middle[1]]
        moved[row] = np.abs(after - before).sum(axis=-1)
    return moved


encoder = keras.Model(strided.model.input, strided.model.get_layer("down_3_leaky").output)
photo = test.photos[0] / np.float32(255)
of_code, of_output = influence(encoder, photo), influence(strided.model, photo)
for name, moved in (("code", of_code), ("output", of_output)):
    rows = np.flatnonzero((moved > 1e-6 * moved.max()).any(axis=1))
    core = np.sort(moved.ravel())[::-1].cumsum() / moved.sum()
    print(
        f"{name}: {np.ptp(rows) + 1} px wide; half of the influence comes from {np.sum(core < 0.5) + 1} pixels"
    )

# %% mystnb={"image": {"alt": "A face and two heat maps: the pixels that move one unit of the code fill a square of 29 pixels, strong in the middle; those that move one pixel of the output are a small bright spot on a wider pale square"}}
maps = [np.sqrt(moved / moved.max()) for moved in (of_code, of_output)]
f2s.plots.grid([photo, *maps], ["the photo", "moves one unit of the code", "moves one pixel of the output"])

# %% [markdown]
# The formula is right, to the pixel: 29 for the code. The measurement tells more. The field is no window with sharp
# edges: pixels near its middle reach the unit by many paths, those at the rim by one, and the influence falls off
# like a bell (Luo et al., 2016). And a pixel of the *output* sees more than a unit of the code, for it asks several
# neighbouring units. What lies outside that square is unknown to it, which is why this network draws each piece of the
# face for itself. (The fine grid *inside* the squares is real: with stride 2 and kernel 5 some pixels lie under more windows
# than their neighbours. Keep it in mind for the way up.)
#
# ## The way down: stride against pooling
#
# Both halve the picture. A stride of 2 leaves out three windows of four and never computes them. Pooling computes
# all and keeps the strongest of each four. Skubisz found pooling blurry and took strides; Venkatesh pools. What is kept
# and what is lost? We take the edge map from above, halve it both ways, and then move the picture by a single pixel.


# %%
def edges(pictures):
    """Vertical edges of grey pictures (N, H, W), at an even number of places, negative answers cut off as by a ReLU."""
    windows = np.lib.stride_tricks.sliding_window_view(pictures, (3, 3), axis=(1, 2))
    return np.maximum(np.einsum("nijkl,kl->nij", windows, kernels["vertical edges"]), 0)


halve = {
    "stride 2": lambda m: m[:, ::2, ::2],
    "max pooling": lambda m: m.reshape(len(m), m.shape[1] // 2, 2, -1, 2).max(axis=(2, 4)),
}
photos = f2s.data.colour.to_grey(test.photos / np.float32(255))[..., 0]
here, there = edges(photos), edges(np.roll(photos, 1, axis=2))
for name, half in halve.items():
    change = np.abs(half(there) - half(here)).mean() / np.abs(half(here)).mean()
    print(f"{name:12} the map changes by {change:.0%} when the photo moves by one pixel")

# %% [markdown]
# Pooling forgives small movements, because the strongest answer of four is often still there; a stride keeps whatever
# happens to lie under its grid. That helps in recognition, where a cat is a cat one pixel further on.
# In drawing it hurts as well: *where* in the four pixels the edge was is just what a sketch needs.
#
# ## The way up, and its checkerboards
#
# A **transposed convolution** turns the window around: each number of the small map paints a square of
# $k \times k$ pixels, multiplied by the kernel, and the next number paints the next square, `stride` pixels further on.
# Squares overlap, and where they do the paint adds up. If $k$ is not a multiple of the stride, some pixels lie
# under more squares than their neighbours. Odena and others (2016) found this in generated pictures everywhere.
# It needs no training to see it: an input of ones, a kernel of ones.

# %% mystnb={"image": {"alt": "Five tiles: chequered patterns for kernels 3 and 5 and an even grey for kernel 4, all with stride 2; then the output of two untrained networks for an even grey picture, a busy regular texture for the transposed one and plain grey for the resizing one"}}
ones = np.ones((1, 10, 10, 1), dtype="float32")
patterns = {}
for kernel in (3, 4, 5):
    paint = keras.layers.Conv2DTranspose(1, kernel, strides=2, kernel_initializer="ones", use_bias=False)
    counts = np.asarray(paint(ones))[0, 6:16, 6:16, 0]
    patterns[f"kernel {kernel}"] = counts / 9
    print(f"kernel {kernel}: a pixel lies under {' or '.join(f'{n:.0f}' for n in np.unique(counts))} squares")
flat = np.full((1, 128, 128, 3), 0.5, dtype="float32")
for way in ("transposed", "resize"):
    keras.utils.set_random_seed(1)
    untrained = f2s.methods.get("skubisz-conv").build(flat.shape[1:], upsampling=way)
    middle = np.asarray(untrained(flat))[0, 52:76, 52:76].mean(axis=-1)
    patterns[f"untrained, {way}"] = 0.5 + 500 * (middle - middle.mean())
f2s.plots.grid(list(patterns.values()), list(patterns), columns=5)

# %% [markdown]
# The first three pictures are counts. The last two are what Skubisz's network makes of an even grey *before it has
# learned anything*, with the contrast raised 500 times: the transposed one already has a texture of its own making. The
# remedy of Odena and others is to enlarge first, by repeating pixels, and then to convolve (`upsampling="resize"`): as
# many weights, no overlap to be uneven, and no texture at all.
#
# Training can learn kernels that cancel the pattern. Does it? We watch the other network as we watched the first. In
# the spectrum of a picture a grid is a peak at the fastest alternation there is, one pixel light and one dark; we
# divide it by the energy just beside it. Without a grid that is about 1 or less.

# %%
appearing_resized, resized = watch(upsampling="resize")


def grid_strength(pictures, beside=4):
    """Spectral energy of sketches (N, H, W, 1) at one cycle in two pixels, over that at slightly slower waves."""
    grey = pictures[..., 0] - pictures[..., 0].mean(axis=(1, 2), keepdims=True)
    fade = np.hanning(grey.shape[1])  # fading out at the border keeps the border out of the spectrum
    energy = (np.abs(np.fft.fft2(grey * fade[:, None] * fade)) ** 2).mean(axis=0)
    energy = energy.sum(axis=0) + energy.sum(axis=1)
    middle = len(fade) // 2
    return energy[middle] / energy[[middle - beside, middle + beside]].mean()


strengths = {
    "transposed": [grid_strength(sketches) for sketches in appearing],
    "resize": [grid_strength(sketches) for sketches in appearing_resized],
    "the artist": [grid_strength(test.sketches / 255)] * len(steps),
}

# %% mystnb={"image": {"alt": "Strength of the grid against training steps on a logarithmic axis: the transposed network starts far above one, climbs in the first steps, falls as it trains and stays above one; the resizing network stays near the artist's line"}}
f2s.plots.curve(steps, strengths, "training steps", "strength of the grid", marks=True, log=True)

# %% mystnb={"image": {"alt": "Enlarged pieces of two people's sketches: early in training the transposed network's has a regular grid over the skin and the resizing network's has none; at the end both are smooth and blurred beside the artist's strokes"}}
part = (slice(size * 3 // 8, size * 3 // 4), slice(size // 4, size * 5 // 8))
early = len(steps) // 2
columns = {
    f"transposed, {steps[early]} steps": appearing[early],
    f"resize, {steps[early]} steps": appearing_resized[early],
    f"transposed, {steps[-1]} steps": appearing[-1],
    f"resize, {steps[-1]} steps": appearing_resized[-1],
    "the artist": test.sketches / 255,
}
pieces = [sketches[person][part] for person in (1, 2) for sketches in columns.values()]
f2s.plots.grid(pieces, [*columns] + [""] * len(columns), columns=len(columns))

# %%
f2s.compare({"transposed": strided, "resize": resized}, test).round(4)

# %% [markdown]
# The grid is there from birth, grows at first, and most of the training goes into undoing it. At the end it is weak, not gone. Where training is short, or where the loss does not see single pixels, it stays: you
# will meet it again among the adversarial networks.
#
# Skubisz writes that upsampling layers "gave worse results". Not on these faces: the scores of `resize` are, if anything,
# a little better. The intervals overlap; they cover other test people, not another training run.
#
# ## Losses and optimisers
#
# What a network draws where it is unsure is decided by its loss. Chapter 2 met this: of all constant pictures
# [the mean is best for MSE, the median for MAE](02_dense_and_sparse_autoencoders.ipynb). Where half of the artists would
# draw a dark line and half would leave the paper white, MSE answers grey, and MAE with whatever the majority does. Binary
# cross-entropy (BCE) has its optimum at the mean too, but punishes certainty that is wrong much harder.
#
# Venkatesh compared losses and optimisers on two networks and found Adam with MAE best each time, and that
# gradient descent (SGD) failed on one task. We repeat it on the small network: three losses, three optimisers, the
# paper's rate of 0.001 for all, the same epochs, the same seed, half of the resolution.

# %%
losses, optimizers = ("mse", "mae", "bce"), ("adam", "rmsprop", "sgd")
small_train, small_test = train.resize(size // 2), test.resize(size // 2)
quick = {"batch_size": 16, "epochs": f2s.choose(smoke=1, book=20, paper=100), "progress": False}
trained = {
    (loss, optimizer): f2s.fit("skubisz-conv", small_train, loss=loss, optimizer=optimizer, **quick)
    for loss in losses
    for optimizer in optimizers
}
trained["mse", "sgd at 5.0"] = f2s.fit(
    "skubisz-conv", small_train, loss="mse", optimizer="sgd", learning_rate=5.0, **quick
)
named = {" with ".join(key): fitted for key, fitted in trained.items()}
scored = f2s.compare(named, small_test, metrics=("mae", "mse", "ssim"))
scored[["mae", "mse", "ssim"]].sort_values("mae").round(4)

# %% mystnb={"image": {"alt": "Ten outputs for one photo and the artist's sketch: Adam draws a face with eyes for MSE and BCE and blank white paper for MAE; RMSprop draws blurred heads for all three losses; SGD leaves an even middle grey three times, and a blurred pale head at a rate of 5"}}
tiles = [fitted.translate(small_test.photos[:1])[0] for fitted in named.values()]
f2s.plots.grid([*tiles, small_test.sketches[0] / np.float32(255)], [*named, "the artist"], columns=3)

# %% [markdown]
# **SGD has not failed; it has hardly begun.** Gradients of a mean over thousands of pixels are tiny, and a thousandth
# of them moves nothing: middle grey is what an untrained sigmoid says. Adam and RMSprop divide each gradient by its usual
# size, so that a rate of 0.001 means a step of about 0.001 whatever the loss is multiplied by. Given a rate five
# thousand times larger, SGD draws a head as well (try 2, 10 and 30). Never compare optimisers at one common rate.
#
# **MAE with Adam, the paper's winner, has drawn white paper.** Most of a sketch *is* paper, so the picture with the
# smallest MAE that does not look at the face is nearly white: the median. Adam's first steps all push the last layer that way, its
# sigmoid saturates, and no gradient comes back. RMSprop, slower to start, stays out of the trap; so, here, do MSE and BCE, whose
# optimum, the mean, is a grey. Remember this blank sheet.
#
# ## Batch norm, and the brightness that went missing
#
# Venkatesh's second network puts **batch norm** after each convolution: subtract the mean of the batch, divide by its
# deviation, scale and shift. The paper finds the results good, "however, one observes the decrease in brightness". No
# explanation is given. We look for one.
#
# A clue is in the two ways batch norm works. In *training* it uses the mean and variance of the batch at hand. In *use*
# there may be a single picture, so it takes a running average gathered during training: after each step 99 % of the
# old average and 1 % of the new batch (`momentum=0.99`). It starts at mean 0 and variance 1, values that no layer ever
# had. Which share of this invention is left?

# %%
for n in (10, 50, 100, 500, 1000):
    print(f"after {n:4d} steps: {0.99**n:6.1%} with momentum 0.99, {0.9**n:6.1%} with momentum 0.9")

# %% [markdown]
# So we train the network, stop now and then, and ask it for the same test sketches in both ways. A `Method` of our own
# differs from the register's in its momentum alone.

# %%
from dataclasses import replace


def with_momentum(momentum):
    """venkatesh-conv-bn with another momentum in all its batch norms."""
    method = f2s.methods.get("venkatesh-conv-bn")

    def build(shape, **options):
        model = method.build(shape, **options)
        for layer in model.layers:
            if isinstance(layer, keras.layers.BatchNormalization):
                layer.momentum = momentum
        return model

    return replace(method, build=build)


def asked(model, pictures, training):
    """Outputs for float pictures in one of the two ways; the running averages are left as they were."""
    weights = model.get_weights()
    outputs = keras.ops.convert_to_numpy(model(pictures, training=training))
    model.set_weights(weights)
    return outputs


# %%
marks = f2s.choose(smoke=[1, 2], book=[1, 5, 10, 20, 40, 70], paper=[1, 10, 50, 100, 200, 500, 1000])
photos, seen = small_train.photos / np.float32(255), small_test.photos / np.float32(255)
wanted, artist = (np.repeat(p.sketches / np.float32(255), 3, axis=-1) for p in (small_train, small_test))
ways = {
    "batch statistics": (0.99, True),
    "running, momentum 0.99": (0.99, False),
    "running, momentum 0.9": (0.9, False),
}
light, error = {way: [] for way in ways}, {way: [] for way in ways}
for momentum in (0.99, 0.9):
    normed = f2s.fit(with_momentum(momentum), small_train, max_steps=1, batch_size=8, progress=False)
    order = np.random.default_rng(0)
    for step in range(1, marks[-1] + 1):
        if step > 1:
            chosen = order.choice(len(photos), 8, replace=False)
            normed.model.train_on_batch(photos[chosen], wanted[chosen])
        for way, (setting, training) in ways.items():
            if step in marks and setting == momentum:
                outputs = asked(normed.model, seen, training)
                light[way].append(outputs.mean())
                error[way].append(np.abs(outputs - artist).mean())
print(f"mean brightness of the artist's sketches: {artist.mean():.3f}")

# %% mystnb={"image": {"alt": "Mean brightness of the outputs against training steps: with running averages of momentum 0.99 the outputs start at middle grey and stay darker than with batch statistics for some forty steps; with momentum 0.9 they follow closely"}}
f2s.plots.curve(
    marks,
    {**light, "the artist": [artist.mean()] * len(marks)},
    "training steps",
    "mean brightness",
    marks=True,
)

# %% mystnb={"image": {"alt": "Mean absolute error of the same outputs against training steps: with momentum 0.99 it stays above the two other curves for long"}}
f2s.plots.curve(marks, error, "training steps", "mean absolute error", marks=True)

# %% [markdown]
# With the statistics of the batch the network finds the brightness soon. Used as Keras uses it, with running averages
# of momentum 0.99, it starts at middle grey and stays **too dark** for dozens of steps. The invented variance of 1 is larger
# than the true ones, so every layer's signal is shrunk; at the end a sigmoid that hears nothing answers 0.5, and a sketch is
# brighter than that. Later the mean is right again, while the error shows that the pictures need not be. Two things help:
# **more steps**, or **a lower momentum**.
#
# A third needs no training: let the finished network look at the training pictures once more and take the plain
# average of what its layers see. A momentum of $1 - 1/n$ at the $n$-th batch does just that.

# %%
from face2sketch.training.keras_pictures import padding, to_network


def reestimate(fitted, pictures, batch=16):
    """Replace a fitted network's running averages by plain averages over 32 pictures; no weight is trained."""
    pictures = to_network(pictures[:32], padding(fitted.size, fitted.method.allowed_side))
    norms = [layer for layer in fitted.model.layers if isinstance(layer, keras.layers.BatchNormalization)]
    for number, start in enumerate(range(0, len(pictures) - batch + 1, batch), start=1):
        for layer in norms:
            layer.momentum = 1 - 1 / number
        fitted.model(pictures[start : start + batch], training=True)


late = f2s.fit(
    with_momentum(0.99), small_train, max_steps=f2s.choose(2, 20, 100), batch_size=8, progress=False
)
for moment in ("as trained", "estimated anew"):
    outputs = asked(late.model, seen, training=False)
    print(
        f"{moment:15} brightness {outputs.mean():.3f}, mean absolute error {np.abs(outputs - artist).mean():.3f}"
    )
    reestimate(late, small_train.photos)

# %% [markdown]
# Does this explain the paper? Only in part. Its 200 epochs of 131 pictures are about a thousand steps if the batch was
# Keras' 32 (the paper does not say), and by then the invented start is forgotten. What stays is a lag: the average is
# some hundred steps behind weights that Adam is still moving, and one step in five has a batch of three pictures
# (131 = 4·32 + 3), whose statistics count as much as those of 32. We have shown a mechanism that darkens; whether it was
# *the* cause there cannot be settled from the report.
#
# ## Reading a layer table like a detective
#
# The reports print tables of layers, but no kernel sizes, strides or biases. We have built their networks all the same. The
# evidence is in the last column. **Case one**: Venkatesh's Fig. 8.

# %%
table = f2s.published.layers("venkatesh-conv")
table[["name", "shape", "parameters"]]

# %% [markdown]
# Row 3 is odd: between two pooling layers, a convolution takes 128 pixels to 64. Pooling did not do it. For each line we
# ask which kernel, with or without bias and batch norm, gives the printed number.

# %%
from itertools import pairwise, product


def suspects(parameters, inputs, outputs):
    """All (kernel, bias, batch norm) of a convolution with this many weights; batch norm has 4 numbers a channel."""
    return [
        f"{kernel}x{kernel}{' + bias' * bias}{' + batch norm' * norm}"
        for kernel in range(1, 12)
        for bias in (0, 1)
        for norm in (0, 1)
        if (kernel**2 * inputs + bias + 4 * norm) * outputs == parameters
    ]


def interrogate(system):
    """Print what fits each convolution of a published table."""
    lines = f2s.published.layers(system).to_dict("records")
    for below, line in pairwise(lines):
        if len(line["shape"]) == len(below["shape"]) == 3 and line["parameters"]:
            found = suspects(line["parameters"], below["shape"][-1], line["shape"][-1])
            way = f"{below['shape'][0]} -> {line['shape'][0]}"
            print(f"{way:>10} px {line['parameters']:>9,}: {' or '.join(found) or 'no single convolution'}")


# %%
interrogate("venkatesh-conv")
print("total", f"{table['parameters'].sum():,}", "printed", f"{f2s.published.parameters('venkatesh-conv'):,}")

# %% [markdown]
# All are 3×3 with bias, and each line has one suspect only. So row 3 is a 3×3 convolution whose output is half its
# input: it has **stride 2**. The text speaks of "latent space of 32 dimensions". The table says where the 32 comes from:

# %%
code = f2s.published.layers("venkatesh-conv")["shape"][8]
print(f"code {code}: {np.prod(code):,} numbers; the picture: {256 * 256 * 3:,}")

# %% [markdown]
# 32 is the side of a map with 512 channels. This code is 2.7 times *larger* than the picture; nothing is squeezed, and
# what keeps the network from copying is only that it is asked for something else than its input. **Case two**:
# Priovolos' Fig. 6, where "sub-models" hide their layers.

# %%
interrogate("priovolos-conv")

# %% [markdown]
# 4×4, no bias, batch norm in four of the twelve blocks. And the sides: 256, 127, 62, 30, 14, 6, 2. Padded stride-2 layers
# would give 128, 64, 32; these lose their borders, so they are unpadded (exercise 1). On the way up the sides are 126 and 254 where they were 127
# and 256, which is why two small layers at the end fill in a row each. A side must be $64k + 128$ to come out whole:
# 192 is the smallest.
#
# **Case three**: the decoder of `priovolos-mixed` is one line, "model_7", 992,179 parameters. From the text we know: a dense
# layer back to 128 numbers, five transposed convolutions, mirrored channels, "possibly" batch norm, a last convolution
# to 3 channels. First the batch norms: 2,000 parameters are not trainable, and only batch norm has such, two a channel.

# %%
encoder_channels, decoder_channels = (256, 128, 64, 32, 16, 8), (16, 32, 64, 128, 256)
print(
    "not trainable:",
    2 * sum(encoder_channels),
    "in the encoder,",
    2 * sum(decoder_channels),
    "if all five decode with batch norm",
)

channels = (8, *decoder_channels, 3)
fixed = 512 * 128 + 128 + 4 * sum(decoder_channels)  # dense layer, batch norms
for sizes in ((1, 2, 3, 4, 5, 6, 7), (3, 5, 7)):
    fits = [
        found
        for found in product(sizes, repeat=6)
        if fixed + sum((k * k * channels[i] + 1) * channels[i + 1] for i, k in enumerate(found)) == 992_179
    ]
    print(f"kernels of {sizes}: {len(fits)} of {len(sizes) ** 6:,} combinations fit, e.g. {fits[0]}")

# %% [markdown]
# 1,008 + 992 = 2,000: all five have batch norm. Sixteen sets of kernels give the right sum, but only one without even or 1×1
# kernels: 3×3 everywhere, and 5×5 in the fifth, as in the encoder's first block, its mirror. We take
# that one. The register counts every network that it builds; here is the verdict:

# %%
convolutional = [m for m in f2s.methods.all_methods(chapter=3) if m.kind == "convolutional"]
for method in convolutional:
    built, printed = method.parameters(), method.published_parameters()
    print(f"{method.id:18} built {built:>10,}   published {f'{printed:,}' if printed else 'not printed':>11}")
f2s.show_source(
    conv.venkatesh_conv, priovolos.unpadded_autoencoder, priovolos.mixed_autoencoder, docstring=False
)

# %% [markdown]
# ## Five designs side by side
#
# Now all five, in both directions, each with its paper's loss, optimiser and rate. They are not equally expensive: a
# step of `priovolos-mixed`, with 256 channels at full resolution, costs as much as a dozen of `skubisz-conv`. We give each
# the steps that well under a minute on two cores buys, in batches of eight: a tiny share of what the papers spent. This
# compares what such a minute buys, not what the designs can do in the end. `priovolos-conv` accepts no side below 192, so it
# gets the faces enlarged, and its answers are made small again before they are scored.

# %%
import time

budget = f2s.choose(
    smoke=dict.fromkeys([m.id for m in convolutional], 1),
    book=dict(zip([m.id for m in convolutional], (steps[-1], 35, 35, 40, 24))),
    paper=dict.fromkeys([m.id for m in convolutional]),
)
designs = {task: {} for task in f2s.TASKS}
for task, method in product(f2s.TASKS, budget):
    began = time.perf_counter()
    faces = train.resize(192) if method == "priovolos-conv" and size < 192 else train
    limit = {"max_steps": budget[method], "batch_size": 8, "epochs": 1000} if budget[method] else {}
    designs[task][method] = f2s.fit(method, faces, task, progress=False, **limit)
    print(f"{task} {method:18} {budget[method]} steps, {time.perf_counter() - began:3.0f} s")

# %% [markdown]
# First, remember batch norm: three of the five use it, and after a few dozen steps their running averages are
# mostly invention. We take each as it is, and those three once more with the averages estimated anew (marked `*`).


# %%
def answers(fitted, pairs):
    """Outputs at the pairs' size, from a network that may want larger ones."""
    outputs = fitted.translate(pairs.resize(fitted.size).inputs(fitted.task))
    count, side, _, channels = outputs.shape
    times = side // pairs.size[0]
    return outputs.reshape(count, side // times, times, side // times, times, channels).mean(axis=(2, 4))


results, drawn = {}, {}
for task, fitted in designs.items():
    entries = fitted | {bar: f2s.fit(bar, train, task=task) for bar in ("mean-target", "grey-gain", "ridge")}
    drawn[task] = {name: answers(one, test) for name, one in entries.items()}
    for name in ("venkatesh-conv-bn", "priovolos-conv", "priovolos-mixed"):
        reestimate(fitted[name], train.resize(fitted[name].size).inputs(task))
        drawn[task][f"{name}*"] = answers(fitted[name], test)
    ready = {name: (lambda inputs, outputs=outputs: outputs) for name, outputs in drawn[task].items()}
    light = [outputs.mean() for outputs in drawn[task].values()]
    results[task] = f2s.compare(ready, test, task).assign(brightness=light)
    print(f"{task}: mean brightness of the targets {test.targets(task).mean() / 255:.3f}")
results["photo2sketch"].sort_values("mse").round(4)

# %%
results["sketch2photo"].sort_values("mse").round(4)

# %% [markdown]
# Compare the column `brightness` with the target's. With batch norm as trained it is off, too bright here and too dark
# there; estimated anew (`*`) it mostly comes nearer. In the figures dots are measured here, diamonds are published.

# %% mystnb={"image": {"alt": "SSIM from photo to sketch, a dot with an interval for each design and baseline and a diamond for each published value; all diamonds lie far to the right of the dots of the same design"}}
published = f2s.published.figures(metric="ssim", dataset="cuhk-student").query("system in @budget")
f2s.plots.scores(
    results["photo2sketch"], "ssim", published[published["task"] == "photo2sketch"], "Photo to sketch"
)

# %% mystnb={"image": {"alt": "The same for sketch to photo: dots with intervals for designs and baselines, diamonds for published values"}}
f2s.plots.scores(
    results["sketch2photo"], "ssim", published[published["task"] == "sketch2photo"], "Sketch to photo"
)

# %% [markdown]
# **Read the diamonds with care.** They were measured on real students at 256 pixels after hundreds of epochs; our dots
# on drawn faces at 64 pixels after seconds. Skubisz turned and mirrored his pictures *before* he split them at random,
# so his test people had been trained on ([chapter 1](01_data_preparation.ipynb) measures this leak). Priovolos' SSIM has
# twice the true range, which makes it higher. And from photo to sketch his diamonds measure likeness to the *photo*: that
# is what [his notebooks](https://github.com/dpriovolos/example) compare the drawn sketch with. A diamond and a dot of one
# row are two different measurements.
#
# What can be compared are the dots, and with the bars that need no network: the mean picture, the photo in grey with two
# fitted numbers (`grey-gain`), a linear regression (`ridge`). Two fitted numbers have the highest SSIM, the small
# network has the lowest MSE: SSIM rewards lines that are sharp and in place, and a grey photo has them. Of the large
# networks only `venkatesh-conv-bn*` comes near the linear regression in so short a time.

# %% mystnb={"image": {"alt": "Three people from photo to sketch: the photo, the artist's sketch, and the five designs' sketches: skubisz-conv draws blurred heads with eyes, venkatesh-conv blank white paper, venkatesh-conv-bn* heads of hair without faces, priovolos-conv* dark noisy faces in a black frame, priovolos-mixed* grey smudges woven of straight lines"}}
best = {name: f"{name}*" if f"{name}*" in drawn["photo2sketch"] else name for name in budget}
chosen = {label: drawn["photo2sketch"][label] for label in best.values()}
f2s.plots.contact_sheet(test, chosen, task="photo2sketch", rows=3)

# %% mystnb={"image": {"alt": "The same three people from sketch to photo: skubisz-conv draws blurred brown-haired faces on pale blue, venkatesh-conv the same grey silhouette for all, venkatesh-conv-bn* faceless heads in skin colours, priovolos-conv* dark colourless faces in a black frame, priovolos-mixed* twice a black blot with coloured edges and once a weave of bright colours"}}
chosen = {label: drawn["sketch2photo"][label] for label in best.values()}
f2s.plots.contact_sheet(test, chosen, task="sketch2photo", rows=3)

# %% [markdown]
# ## Where it fails
#
# **White paper again.** One column of the first sheet is empty. `venkatesh-conv` is built and counted as its paper says,
# and trained with Adam and MAE, as the paper found best. Its `brightness` in the table is that of a blank sheet. It is not the
# network alone: from sketch to photo, where the paper is not white, it gets as far as a grey shape; and with batch norm, which
# keeps what the sigmoid hears in bounds, the same layers and the same loss draw (`venkatesh-conv-bn*`). The paper's own
# network did not end like this, as its pictures show; which of the settings that it does not print made the difference
# cannot be told.
#
# **Black blots.** `priovolos-mixed` ends in a ReLU, as in [its notebook](https://github.com/dpriovolos/example): where the last
# sum is negative the pixel is black, and no gradient says so. A sigmoid is never quite without a slope.
#
# **Hair.** The artist's strokes cannot be foretold pixel by pixel, so a network that pays for every wrong pixel draws
# the average of all strokes: a grey wash. How much fine detail is left? We take the difference of neighbouring pixels.


# %%
def detail(pictures):
    """Mean absolute difference of horizontal neighbours, in grey levels."""
    return 255 * np.abs(np.diff(pictures.mean(axis=-1), axis=2)).mean()


for name in ("skubisz-conv", "ridge", "mean-target"):
    print(
        f"{name:13} {detail(drawn['photo2sketch'][name]) / detail(test.sketches / 255):.0%} of the artist's detail"
    )

# %% [markdown]
# **Colour.** A sketch does not tell whether a jumper is red or green, and the background not at all. What does a network
# answer that cannot know? The mixture. Here are the four worst cases, and how much pixels differ *from person to
# person*.

# %% mystnb={"image": {"alt": "Four sketches, the real photos with their own colours of skin, clothes and background, and the network's answers: blurred faces with brown hair before the same pale blue background each time, clothes without their colours"}}
photos, guesses = test.photos / np.float32(255), drawn["sketch2photo"]["skubisz-conv"]
for name, pictures in (("photos", photos), ("answers", guesses)):
    spread = 255 * pictures.std(axis=0).mean()
    print(f"{name}: a pixel differs from person to person by {spread:.0f} grey levels (standard deviation)")
worst = np.argsort(((photos - guesses) ** 2).mean(axis=(1, 2, 3)))[::-1][:4]
f2s.plots.contact_sheet(test[worst], {"skubisz-conv": guesses[worst]}, task="sketch2photo", rows=4)

# %% [markdown]
# The background is the same pale blue for everybody, whatever the studio; the jumpers have lost their colours. Skin fares better:
# the artist's hatching tells how dark it is.

# %% [markdown]
# ## Exercises
#
# ### Exercise 1: how large is the output?
#
# Write the side of a convolution's output from the side of its input. `"same"` padding keeps a window for every
# `stride`-th pixel; `"valid"` keeps only windows that lie wholly inside.
#
# <details><summary>Hint</summary>
#
# Without padding a kernel of $k$ fits at $n - k + 1$ places; count every `stride`-th of them, the first included. Whole
# numbers: `//` rounds down, `-(-a // b)` rounds up.
#
# </details>


# %%
def convolved_side(side: int, kernel: int, stride: int, padding: str) -> int:
    raise NotImplementedError


f2s.checks.chapter03.convolved_side(convolved_side)


# %% tags=["hide-input"] cellView="form"
# @title Solution to exercise 1
def convolved_side_solution(side: int, kernel: int, stride: int, padding: str) -> int:
    places = side if padding == "same" else side - kernel + 1
    return -(-places // stride)  # every stride-th place, rounded up: the first one counts


f2s.checks.chapter03.convolved_side(convolved_side_solution)

# %% [markdown]
# ### Exercise 2: count the weights
#
# Count the weights of a convolution from `inputs` to `outputs` channels, with or without bias and batch norm
# (`True` or `False`). You will meet the numbers of the detective story again.
#
# <details><summary>Hint</summary>
#
# For each output channel: one kernel through all input channels, perhaps a bias, perhaps batch norm's scale, shift, mean and
# variance.
#
# </details>


# %%
def convolution_weights(kernel: int, inputs: int, outputs: int, bias: bool, norm: bool) -> int:
    raise NotImplementedError


f2s.checks.chapter03.convolution_weights(convolution_weights)


# %% tags=["hide-input"] cellView="form"
# @title Solution to exercise 2
def convolution_weights_solution(kernel: int, inputs: int, outputs: int, bias: bool, norm: bool) -> int:
    return outputs * (kernel * kernel * inputs + bias + 4 * norm)


f2s.checks.chapter03.convolution_weights(convolution_weights_solution)

# %% [markdown]
# ### Exercise 3: what does a unit see?
#
# Write the recurrence of the receptive field for a list of `(kernel, stride)` from the input on. Then try it on a design of
# your own: how few layers see a whole face of 256 pixels?
#
# <details><summary>Hint</summary>
#
# Carry two numbers along: the side seen so far, and the distance in input pixels between neighbouring units.
#
# </details>


# %%
def field_of_view(layers: list[tuple[int, int]]) -> int:
    raise NotImplementedError


f2s.checks.chapter03.field_of_view(field_of_view)


# %% tags=["hide-input"] cellView="form"
# @title Solution to exercise 3
def field_of_view_solution(layers: list[tuple[int, int]]) -> int:
    seen, apart = 1, 1
    for kernel, stride in layers:
        seen += (kernel - 1) * apart
        apart *= stride
    return seen


f2s.checks.chapter03.field_of_view(field_of_view_solution)

# %% [markdown]
# <details><summary>How few layers see 256 pixels</summary>
#
# With stride 2 and kernels of 4×4 or 5×5 seven (382 and 509 pixels; six of 5×5 stop at 253), with 3×3 eight. With 3×3 and
# stride 1 it takes 128: strides multiply, kernels only add.
#
# </details>
#
# ### Exercise 4: foretell a checkerboard
#
# Along one axis of a transposed convolution, far from the border: under how many painted squares does each of `stride`
# neighbouring pixels lie? Give the list of counts. They are all equal exactly when there is no checkerboard.
#
# <details><summary>Hint</summary>
#
# Pixel $p$ of the first square is painted by this square's weight $p$, by its neighbour's weight $p + s$, by the next one's
# $p + 2s$, as long as the weight exists. How many such weights are below $k$?
#
# </details>


# %%
def overlaps(kernel: int, stride: int) -> list[int]:
    raise NotImplementedError


f2s.checks.chapter03.overlaps(overlaps)


# %% tags=["hide-input"] cellView="form"
# @title Solution to exercise 4
def overlaps_solution(kernel: int, stride: int) -> list[int]:
    return [len(range(place, kernel, stride)) for place in range(stride)]


f2s.checks.chapter03.overlaps(overlaps_solution)

# %% [markdown]
# ## What to take away
#
# - A convolution is one small window with the same weights everywhere; its weights are counted without the picture, and
#   that count gives away kernels, biases, strides and batch norms that a report leaves out.
# - A unit knows its receptive field and nothing else. Compute it, then change pixels and see.
# - A transposed convolution whose kernel is no multiple of its stride paints unevenly before it has learned anything.
# - Compare optimisers each at its own rate, and losses by measures that none of them was trained for.
# - Batch norm is two networks in one. If pictures are too dark or too bright, look at the running averages first.
# - What cannot be known from the input is averaged: strokes of hair, the colour of a jumper. The next part of the course
#   is about networks that choose instead.
#
# ## References
#
# - A. Skubisz, P. Thirthahalli Venkatesh, D. Priovolos: coursework reports; their tables are in `f2s.published`.
# - A. Odena, V. Dumoulin, C. Olah (2016), *Deconvolution and Checkerboard Artifacts*, Distill.
#   [doi:10.23915/distill.00003](https://doi.org/10.23915/distill.00003)
# - A. Araujo, W. Norris, J. Sim (2019), *Computing Receptive Fields of Convolutional Neural Networks*, Distill.
#   [doi:10.23915/distill.00021](https://doi.org/10.23915/distill.00021)
# - W. Luo, Y. Li, R. Urtasun, R. Zemel (2016), *Understanding the Effective Receptive Field in Deep Convolutional Neural
#   Networks*. [arXiv:1701.04128](https://arxiv.org/abs/1701.04128)
# - V. Dumoulin, F. Visin (2016), *A guide to convolution arithmetic for deep learning*.
#   [arXiv:1603.07285](https://arxiv.org/abs/1603.07285)
# - S. Ioffe, C. Szegedy (2015), *Batch Normalization*. [arXiv:1502.03167](https://arxiv.org/abs/1502.03167)
# - D. P. Kingma, J. Ba (2015), *Adam: A Method for Stochastic Optimization*.
#   [arXiv:1412.6980](https://arxiv.org/abs/1412.6980)
# - V. Badrinarayanan, A. Kendall, R. Cipolla (2017), *SegNet*, whose way up through remembered pooling places Venkatesh's report cites.
#   [doi:10.1109/TPAMI.2016.2644615](https://doi.org/10.1109/TPAMI.2016.2644615)
