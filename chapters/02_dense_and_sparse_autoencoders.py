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
# # Dense and sparse autoencoders
#
# [![Open in Colab](https://colab.research.google.com/assets/colab-badge.svg)](https://colab.research.google.com/github/face2sketch/face2sketch/blob/main/chapters/02_dense_and_sparse_autoencoders.ipynb)
#
# **The question.** Give a network of 200 million weights a photo, and it answers with a pale, soft face that could be
# anybody's. Give it another photo: the same face. Why?
#
# You will be able to
#
# - compute eigenfaces, and show that a network without bends learns the same space;
# - count a dense network's weights, and hold them against a paper's table;
# - say which single picture minimises a loss, and recognise a network that has settled for it;
# - measure what an L1 penalty does to a code, and notice when it has killed it;
# - tell learning from remembering by two curves.
#
# | | Two CPU cores (`book`) | Colab T4 (`paper`) |
# |---|---|---|
# | Time | about 3 minutes | not measured yet |
# | Needs | TensorFlow, the built-in faces | the same, 128 px, longer training |

# %% tags=["setup"]
import sys

if "google.colab" in sys.modules:  # Colab has the frameworks, but not the course's library
    library = "git+https://github.com/face2sketch/face2sketch#subdirectory=shared_lib"
    get_ipython().run_line_magic("pip", f"install -q --no-deps {library}")
import face2sketch as f2s

# %% [markdown]
# ## A face as a sum of faces
#
# We start without a network. A photo of 32×32 pixels in three colours is a list of 3,072 numbers, a point in a space
# of 3,072 dimensions. Our photos of people do not fill that space: they crowd around one point, their mean, and they
# spread from it in a few directions much further than in all others. *Principal component analysis* finds these
# directions, longest first. For faces they are called **eigenfaces**
# ([Turk and Pentland, 1991](https://doi.org/10.1162/jocn.1991.3.1.71)), and NumPy has them in one line, the singular
# value decomposition of the photos less their mean.

# %%
import numpy as np

size = f2s.choose(smoke=32, book=64, paper=128)
pairs = f2s.data.synthetic(n=f2s.choose(smoke=40, book=128, paper=512), size=size, seed=2)
train, test = pairs.split(test=0.25, seed=3)  # by person: nobody stands on both sides


def rows(pictures):
    """Pictures as float rows in [0, 1], one a person."""
    return pictures.reshape(len(pictures), -1).astype(np.float32) / 255


small, small_test = train.resize(32), test.resize(32)
known, unknown = rows(small.photos), rows(small_test.photos)
mean = known.mean(axis=0)
_, strengths, eigenfaces = np.linalg.svd(known - mean, full_matrices=False)
print(
    f"{len(train)} people to learn from, {len(test)} others to be judged by; {len(eigenfaces) - 1} eigenfaces"
)

# %% [markdown]
# An eigenface is a direction, not a picture. To see one, walk along it: add it to the mean face, twice as far as a typical
# person lies (two standard deviations), and subtract it as far.

# %% mystnb={"image": {"alt": "Two rows of six soft faces: the mean face after two standard deviations along each of the first six eigenfaces, forwards above and backwards below; background, skin, hair and clothes change, and nothing has a sharp edge"}}
steps = 2 * strengths[:6, None] / np.sqrt(len(known)) * eigenfaces[:6]
walks = np.clip(np.concatenate([mean + steps, mean - steps]), 0, 1).reshape(-1, 32, 32, 3)
titles = [f"{sign} eigenface {i}" for sign in ("+", "−") for i in range(1, 7)]
f2s.plots.grid(walks, titles, columns=6)

# %% [markdown]
# The first directions carry what fills the most pixels: the colour of the wall, of the skin, the mass of the hair.
# Whether somebody wears glasses changes a few dozen pixels, and comes late or never. That is the first piece of our
# answer: *a method that counts squared pixel errors spends its effort on area, not on identity.*
#
# Any face can now be written as the mean plus so much of eigenface 1, so much of eigenface 2, and so on. Stop after
# $k$ terms, and $k$ numbers stand for 3,072. Push the slider: four people whom the eigenfaces have never seen.

# %%
most = len(eigenfaces) - 1  # less their mean, so many people span a dimension less
counts = [k for k in (0, 1, 2, 4, 8, 16, 32, 64, 128, 256) if k < most] + [most]


def rebuilt(pictures, k):
    """Rows projected on the first k eigenfaces and back."""
    return mean + (pictures - mean) @ eigenfaces[:k].T @ eigenfaces[:k]


def sheet(k):
    """Four unknown people above, what k numbers keep of them below, enlarged four times."""
    both = np.concatenate([unknown[:4], np.clip(rebuilt(unknown[:4], k), 0, 1)]).reshape(2, 4, 32, 32, 3)
    tiled = both.transpose(0, 2, 1, 3, 4).reshape(64, 128, 3)
    return tiled.repeat(4, axis=0).repeat(4, axis=1)


labels = [f"{k} eigenface{'' if k == 1 else 's'}" for k in counts]
alt = [
    f"Four unknown people above; below, the same four rebuilt from {label} and the mean" for label in labels
]
f2s.widgets.slider([sheet(k) for k in counts], labels, "how many", alt=alt, width=512)

# %% [markdown]
# At 0 all four get the mean face. The large areas come first, wall, skin and hair, and even at the end of the slider the unknown
# faces keep a ghostly blur that no further eigenface can remove, because there is none: so many people span one
# dimension less than their number, and a stranger's face does not lie in it. The people it was computed from, in
# contrast, are rebuilt without any error. The curve shows both.

# %% mystnb={"image": {"alt": "Mean squared error over the number of eigenfaces: for the people they were computed from it falls to zero at the right end; for unknown people it falls as steeply at first, then flattens out above zero"}}
ks = np.unique(np.linspace(0, len(eigenfaces) - 1, 25).astype(int))
errors = {
    "people they were computed from": [np.mean((rebuilt(known, k) - known) ** 2) for k in ks],
    "unknown people": [np.mean((rebuilt(unknown, k) - unknown) ** 2) for k in ks],
}
f2s.plots.curve(ks, errors, "eigenfaces", "mean squared error")

# %% [markdown]
# Keep these two lines in mind. They will come back when the number of weights goes up.
#
# ## A network without bends learns the same space
#
# A **dense autoencoder** squeezes a picture through a narrow layer, its *code*, and spreads it out again. Every unit of a
# layer is joined to every unit of the one before. Here is the function that makes all the networks of this chapter; it is
# the library's own code, and there is no second copy.

# %%
from face2sketch.keras_quietly import keras
from face2sketch.models.dense import dense_autoencoder

f2s.show_source(dense_autoencoder, docstring=False)

# %% [markdown]
# With `activation=None` the layers only multiply and add, and so does the whole network. Suppose its code has 8 units and
# it is trained to give back the photo that it was given. What will it learn? The best that 8 numbers and straight lines can
# do is known: project on the first 8 eigenfaces. Theory says that [gradient](../book/notation.md#words) descent gets there,
# since every other resting point of this loss is a saddle ([Baldi and Hornik, 1989](https://doi.org/10.1016/0893-6080(89)90014-2);
# [Bourlard and Kamp, 1988](https://doi.org/10.1007/BF00332918)). It does not say how soon. We watch the **principal
# angles** between the two 8-dimensional spaces: all eight are 0° if the spaces are one, and 90° if they have nothing in
# common.

# %%
CODE = 8
centred = (known - mean).reshape(-1, 32, 32, 3)
keras.utils.set_random_seed(0)
linear = dense_autoencoder((32, 32, 3), [CODE], activation=None, output_activation=None)
linear.compile(optimizer=keras.optimizers.Adam(1e-3), loss="mse", jit_compile=True)


def principal_angles(model):
    """Degrees between the space a linear decoder paints in and that of the first eigenfaces, smallest first."""
    painted = np.linalg.qr(model.get_layer("pixels").kernel.numpy().T)[0]
    cosines = np.linalg.svd(eigenfaces[:CODE] @ painted, compute_uv=False)
    return np.degrees(np.arccos(np.clip(cosines, 0, 1)))


looks, angles = f2s.choose(smoke=[0, 50, 200], book=[*range(0, 200, 20), *range(200, 1001, 50)]), []
for step in range(looks[-1] + 1):
    if step in looks:
        angles.append(principal_angles(linear))
    linear.train_on_batch(centred, centred)

# %% mystnb={"image": {"alt": "Principal angles over training steps: the smallest ones drop from near 90 degrees to almost nothing within some hundred steps; the eighth and last stays high for longer and comes down late"}}
chosen = {"smallest": 0, "fourth": 3, "seventh": 6, "eighth": 7}
lines = {f"{name} angle": [a[i] for a in angles] for name, i in chosen.items()}
f2s.plots.curve(
    looks, lines, "training steps", "degrees", "Angles between the network's space and the eigenfaces'"
)

# %%
loss = np.mean((linear.predict_on_batch(centred) - centred) ** 2)
print("angles at the end:", " ".join(f"{a:.1f}°" for a in angles[-1]))
print(
    f"mean squared error: network {loss:.6f}, {CODE} eigenfaces {np.mean((rebuilt(known, CODE) - known) ** 2):.6f}"
)
print("strength of eigenfaces 7, 8, 9, 10:", " ".join(f"{s:.2f}" for s in strengths[6:10]))

# %% [markdown]
# The strong directions are found first, the last one late: between eigenface 8, which belongs to the answer, and
# eigenface 9, which does not, there is little to choose (compare their strengths), so the gradient that should tell them
# apart is faint. Stopped early, this network has learned exactly what stands out most in the pixels.
#
# The space is the same, but not the axes in it. The decoder's eight pictures are mixtures of the eigenfaces; nothing in the
# loss says that one unit should mean one thing.

# %% mystnb={"image": {"alt": "Two rows of eight ghostly faces: above the eigenfaces, each one showing a clear contrast; below the eight patterns the network's decoder paints with, which look like mixtures of those above"}}
kernel = linear.get_layer("pixels").kernel.numpy()
patterns = np.concatenate([eigenfaces[:CODE], kernel])
patterns = 0.5 + 0.4 * patterns / np.abs(patterns).max(axis=1, keepdims=True)
titles = [f"eigen {i}" for i in range(1, CODE + 1)] + [f"unit {i}" for i in range(1, CODE + 1)]
f2s.plots.grid(patterns.reshape(-1, 32, 32, 3), titles, columns=8)

# %% [markdown]
# ## Four designs, 759 million weights
#
# Bend the lines (a [ReLU](../book/notation.md#words) after each layer), stack more of them
# ([Hinton and Salakhutdinov, 2006](https://doi.org/10.1126/science.1127647)), and ask for the *sketch* instead of the photo: this is
# what the four dense designs of our papers do. Strictly speaking they are no longer autoencoders, which give back their input,
# but everybody calls them so. Choose one to see it drawn, to a logarithmic scale, at its paper's size.

# %%
DESIGNS = ["huang-dae", "skubisz-sparse", "venkatesh-deep", "priovolos-dense"]


def units(id_):
    """Widths of a design's layers at its paper's size, pixels last; only shapes are made, no weights."""
    method = f2s.methods.get(id_)
    with keras.StatelessScope(initialize_variables=False):
        model = method.build((*method.size, 3))
    return [layer.units for layer in model.layers if hasattr(layer, "units")]


def drawing(id_):
    """A design as bars, a layer each."""
    side = f2s.methods.get(id_).size[0]
    layers = [("input", (3 * side**2,)), *(("dense", (n,)) for n in units(id_))]
    return f2s.plots.architecture(layers, f"{f2s.published.paper_of(id_).authors[0]}, {side} px")


alt = {id_: [f"{id_}: layers of {', '.join(map(str, units(id_)))} units drawn as bars"] for id_ in DESIGNS}
f2s.widgets.choices({id_: [drawing(id_)] for id_ in DESIGNS}, choose="design", alt=alt)

# %% [markdown]
# How many weights is that? A layer of $m$ units behind one of $n$ has $nm$ weights and $m$ biases. Counted from the
# library's own networks, beside what the papers print:

# %%
import pandas as pd


def claimed(id_):
    """The number of weights that the paper gives, in words."""
    claim = f2s.published.parameter_count(id_)
    if claim is None:
        return "not given"
    return f"{claim.total:,}" if claim.exact else f"roughly {claim.total:,}"


def share_outside(id_):
    """Share of a design's weights between the pixels and their neighbours, on both sides."""
    return 2 * 3 * f2s.methods.get(id_).size[0] ** 2 * units(id_)[0] / f2s.methods.get(id_).parameters()


counted = pd.DataFrame(
    {
        "weights": {id_: f2s.methods.get(id_).parameters() for id_ in DESIGNS},
        "published": {id_: claimed(id_) for id_ in DESIGNS},
        "in first and last layer": {id_: share_outside(id_) for id_ in DESIGNS},
    }
)
counted.style.format({"weights": "{:,}", "in first and last layer": "{:.1%}"})

# %% [markdown]
# Almost all the weights sit in two layers, the one that reads the pixels and the one that paints them. The depth in
# between, on which the papers spend their drawings, costs next to nothing.
#
# One of the papers prints its table line by line, which lets us check ours line by line. The check is worth its
# trouble: Priovolos' text says that all pictures were 256×256, but only 128×128×3 = 49,152 inputs give the number in the first
# line (and the "sixteen hidden layers" of the text are fifteen and an output).

# %%
from itertools import pairwise

printed = f2s.published.layers("priovolos-dense")
sizes = [printed["shape"][0][0], *units("priovolos-dense")]
ours = [0, *((before + 1) * after for before, after in pairwise(sizes))]
check = printed[["name", "parameters"]].assign(counted=ours)
check["equal"] = (check["parameters"] == check["counted"]).map({True: "✓", False: "no"})
print(f"sum of the printed lines: {printed['parameters'].sum():,}; counted: {sum(ours):,}")
check.style.format({"parameters": "{:,}", "counted": "{:,}"}).hide(axis="index")

# %% [markdown]
# ## The same small budget for all
#
# Each design now gets the same number of training steps on the same people, at the size of our pictures. The papers trained
# for 100 to 1000 epochs; we ask what a short budget buys, and in how much time (compiling included).

# %%
STEPS = f2s.choose(smoke=4, book=100, paper=3000)


def trained(id_, steps=STEPS, people=train, task="photo2sketch", **options):
    """A design after so many training steps of 32 pairs, and a line about it."""
    options = {"batch_size": 32, "epochs": steps, "max_steps": steps, "progress": False, "seed": 0} | options
    fitted = f2s.fit(id_, people, task, **options)
    print(f"{id_:16} {fitted.parameters:12,} weights, {fitted.history['seconds'][-1]:6.1f} s, {steps} steps")
    return fitted


dense = {id_: trained(id_) for id_ in DESIGNS}

# %% mystnb={"image": {"alt": "Four unknown people in rows: photo, artist's sketch, and the answers of four dense networks. All answers are soft; two networks give nearly the same face to all four people, two tell long hair from short"}}
f2s.plots.contact_sheet(test, dense, rows=4)

# %% [markdown]
# Soft, all of them; and is it the right person? Scores come with the bar from
# [chapter 1](01_data_preparation.ipynb): the mean and the median training sketch, which look at no photo at all, the grey
# photo with one gain and offset, and linear ridge regression. The lines are 95 % intervals over people.

# %% mystnb={"image": {"alt": "Mean squared error of four dense networks and four baselines as dots with intervals; ridge regression, a linear method, is best; two networks are near the mean and the median sketch, which see no photo"}}
bar = {id_: f2s.fit(id_, train) for id_ in ("mean-target", "median-target", "grey-gain", "ridge")}
table = f2s.compare(dense | bar, test)
f2s.plots.scores(table, "mse", highlight=DESIGNS)

# %% mystnb={"image": {"alt": "Structural similarity of the same eight methods as dots with intervals; the order is another one than by squared error"}}
f2s.plots.scores(table, "ssim", highlight=DESIGNS)

# %% [markdown]
# The papers' own figures for these designs stand below. They are no goal for ours: other pictures, other sizes, far longer
# training, and three kinds of scoring. Skubisz turned and mirrored the pictures *before* he split them at random, so his test
# people had been trained on. Priovolos, as [his notebooks](https://github.com/dpriovolos/example) show, took SSIM with twice the
# true range of values, which makes it higher, and from photo to sketch he compared the drawn sketch with the *photo*.

# %% tags=["hide-output"]
pd.set_option("display.max_colwidth", None)
papers = pd.concat([f2s.published.figures(system=id_) for id_ in DESIGNS])
papers = papers[papers["metric"].isin(["mse", "mae", "rmse", "ssim"])]
papers[["system", "task", "metric", "printed", "protocol"]].style.hide(axis="index")

# %% [markdown]
# ## Whose face is it?
#
# Now the question of this chapter, in three numbers for each method. How far are its answers from the *mean sketch*? How much do
# they differ from person to person, as a share of how much the true sketches differ? And if we look for the true sketch that
# lies nearest to an answer, how often is it the right person's?

# %%
average = train.sketches.mean(axis=0) / 255
truth = test.sketches / np.float32(255)


def portrait(fitted, truth=truth, average=average, photos=test.photos):
    """How personal a method's answers are."""
    answers = fitted.translate(photos)
    gaps = np.array([((truth - answer) ** 2).mean(axis=(1, 2, 3)) for answer in answers])
    return {
        "error to own sketch": np.diag(gaps).mean(),
        "distance to mean sketch": ((answers - average) ** 2).mean(),
        "spread over people": answers.var(axis=0).mean() / truth.var(axis=0).mean(),
        "nearest sketch is own": (gaps.argmin(axis=1) == np.arange(len(gaps))).mean(),
    }


numbers = pd.DataFrame({label: portrait(fitted) for label, fitted in (dense | bar).items()}).T
print(f"by pure chance the nearest sketch would be one's own in {1 / len(test):.1%} of all cases")
numbers.style.format("{:.4f}").format("{:.0%}", subset=["spread over people", "nearest sketch is own"])

# %% mystnb={"image": {"alt": "The mean training sketch, a soft grey face with a halo of averaged hair; the median training sketch, with whiter paper and harder edges; and beside them the average answer of each of the four networks, most of which look like the mean or the median"}}
middles = [average, np.median(train.sketches, axis=0) / 255]
middles += [fitted.translate(test.photos).mean(axis=0) for fitted in dense.values()]
f2s.plots.grid(middles, ["mean sketch", "median sketch", *DESIGNS], columns=6)

# %% [markdown]
# Read the last column first. The answers of the dense networks point to the right person hardly more often than chance does. A grey
# photo does so in most cases, and ridge regression, which is linear, in many. The spread is as telling: a few per cent or a few
# tenths of the differences between people are left in the networks' answers. And the average answers above are not four faces but
# two. The networks that were trained with squared error or cross-entropy give the mean sketch, `venkatesh-deep`, trained with
# absolute error, gives the *median* sketch, with whiter paper and harder edges.
#
# ## The loss asks for it
#
# Take a single pixel, one beside the ear. In some sketches it is dark hair, in the others white paper. A method that cannot tell
# which must give one number $c$ to all; which $c$ is punished least?

# %% mystnb={"image": {"alt": "Two loss curves over the grey value given to one pixel: the squared error is a bowl whose lowest point is the mean, a grey that hardly any sketch has there; the absolute error is lowest at the median, near white"}}
flat = truth.reshape(len(truth), -1)
pixel = flat[:, flat.var(axis=0).argmax()]
greys = np.linspace(0, 1, 101)
losses = {
    f"MSE, lowest at the mean, {pixel.mean():.2f}": [np.mean((pixel - c) ** 2) for c in greys],
    f"MAE, lowest at the median, {np.median(pixel):.2f}": [np.mean(np.abs(pixel - c)) for c in greys],
}
f2s.plots.curve(greys, losses, "grey value given to everybody (0 black, 1 white)", "loss")

# %% [markdown]
# Squared error is lowest at the mean, a grey that no artist drew. Absolute error is lowest at the median, so it takes a side.
# Binary cross-entropy, which Huang and Skubisz train with, has its minimum at the mean too. For a network that sees a photo
# $x$, the same holds for each $x$ apart:
#
# $$\mathbb{E}\,\|y - f(x)\|^2 = \mathbb{E}\,\|y - \mathbb{E}[y \mid x]\|^2 + \mathbb{E}\,\|f(x) - \mathbb{E}[y \mid x]\|^2 .$$
#
# Only the second term depends on $f$. The perfect network of this loss therefore draws $\mathbb{E}[y \mid x]$, *the average of all sketches
# that could belong to this photo*. Where the photo leaves the stroke open, it blurs; and a network that has found nothing in
# $x$ is left with $\mathbb{E}[y]$, the average face. That answer needs no photo: the biases of the last layer can paint it
# alone. So the average face comes in two ways: as the resting place of a network through which no signal passes, and as the
# first stop of every other.
#
# ## First everybody, then somebody, then the training set
#
# We can watch it. `huang-dae`, the smallest design, at 32 px, trained far beyond its best. The slider shows three unknown people and
# one from the training set (on the right) as the training goes on.

# %%
new_photos, new_drawn = small_test.photos / np.float32(255), small_test.sketches / np.float32(255)


def watch(people, looks):
    """Train `huang-dae` on people, stopping to look: errors on both sides, and answers by step."""
    keras.utils.set_random_seed(0)
    network = f2s.methods.get("huang-dae").build((32, 32, 3))
    network.compile(optimizer=keras.optimizers.Adam(1e-3), loss="binary_crossentropy", jit_compile=True)
    photos, drawn = people.photos / np.float32(255), people.sketches / np.float32(255)
    errors, answers = {"training people": [], "unknown people": []}, {}
    for step in range(looks[-1] + 1):
        if step in looks:
            old, new = network.predict_on_batch(photos), network.predict_on_batch(new_photos)
            errors["training people"].append(((old - drawn) ** 2).mean())
            errors["unknown people"].append(((new - new_drawn) ** 2).mean())
            answers[step] = np.concatenate([new[:3], old[:1]]).mean(axis=-1)
        network.train_on_batch(photos, drawn.repeat(3, axis=-1))
    return errors, answers


looks = f2s.choose(smoke=[0, 10, 20], book=[0, 5, *range(10, 1001, 10)], paper=[*range(0, 5001, 50)])
errors, answers = watch(small, looks)

# %%
stops = f2s.choose(smoke=looks, book=[0, 5, 20, 100, 150, 200, 400, 1000], paper=looks[::10])
goal = np.concatenate([new_drawn[:3], small.sketches[:1] / np.float32(255)])[..., 0]


def stage(step):
    """The artist's four sketches above, the network's below, enlarged four times."""
    both = np.stack([goal, answers[step]]).transpose(0, 2, 1, 3).reshape(64, 128)
    return both.repeat(4, axis=0).repeat(4, axis=1)


labels = [f"after {step} steps" for step in stops]
alt = [f"Artist's sketches of four people above; below, the network's answers {label}" for label in labels]
f2s.widgets.slider([stage(step) for step in stops], labels, "training", alt=alt, width=512)

# %% mystnb={"image": {"alt": "Mean squared error over training steps: both curves fall at once to the line of the mean sketch and rest there for about a hundred steps, then break through; that of the training people goes on falling, that of unknown people turns and rises slowly"}}
lines = {name: values[2:] for name, values in errors.items()}  # without the first two looks, far above
for id_, label in (("mean-target", "mean sketch"), ("ridge", "ridge regression")):
    guess = f2s.fit(id_, small).translate(small_test.photos)
    lines[label] = [((guess - new_drawn) ** 2).mean()] * (len(looks) - 2)
best = looks[int(np.argmin(errors["unknown people"]))]
print(f"unknown people: lowest {min(errors['unknown people']):.4f} after {best} steps")
print(
    f"at the end: unknown people {errors['unknown people'][-1]:.4f}, training people {errors['training people'][-1]:.4f}"
)
f2s.plots.curve(looks[2:], lines, "training steps", "mean squared error")

# %% [markdown]
# Three ages of a network. In the first it falls on to the line of the mean sketch and rests there, as if it had finished: everybody
# gets everybody's face. A loss curve that has gone flat is no proof that nothing is left to learn; here it is a saddle, as in the
# linear network, and the small budget of the table above ended about there. In the second age the people come apart, and the
# error of strangers falls with that of the training people. In the third only the training people gain: what is learned now
# is theirs alone. That is **over-fitting**, and it is the picture of the eigenfaces again, with training steps in place of components.
#
# How soon it sets in depends on the people more than on the network. The same design with a quarter of them:

# %% mystnb={"image": {"alt": "Mean squared error on unknown people over training steps, for a network trained on all training people and one trained on a quarter of them; the latter turns upwards early and ends much higher, while its error on its own training people goes to almost nothing"}}
few_looks = f2s.choose(smoke=[0, 10, 20], book=[0, 5, *range(10, 601, 10)], paper=[*range(0, 3001, 50)])
few = small[: len(small) // 4]
few_errors, _ = watch(few, few_looks)
lines = {
    f"strangers, trained on {len(small)}": errors["unknown people"][2 : len(few_looks)],
    f"strangers, trained on {len(few)}": few_errors["unknown people"][2:],
    f"those {len(few)} themselves": few_errors["training people"][2:],
}
print(
    f"{len(few)} people, at the end: themselves {few_errors['training people'][-1]:.4f}, strangers {few_errors['unknown people'][-1]:.4f}"
)
f2s.plots.curve(few_looks[2:], lines, "training steps", "mean squared error")

# %% [markdown]
# `f2s.fit(..., validation=people, patience=20)` stops at the turn by itself, provided that those people are not the ones who judge
# it in the end. On the real CUHK pairs
# ([Wang and Tang, 2009](https://doi.org/10.1109/TPAMI.2008.222)) the rebuilt `huang-dae`, after the paper's 1000 epochs, has an MSE of 0.0486 and an SSIM
# of 0.473 on its 38 test people, and the paper prints 0.0499 and 0.471. The mean sketch, which looks at no photo, has 0.0468 and
# 0.519: a thousand epochs have not brought the network past it.
#
# ## What L1 does to a code
#
# Skubisz adds a penalty $\lambda \sum_i |z_i|$ on the 64 numbers $z$ of the code, so that each face would be told by a few
# active units and *irrelevant features be filtered out*. The idea is a fine one
# ([Olshausen and Field, 1996](https://doi.org/10.1038/381607a0)); the paper does not say what $\lambda$ was. We train the same network
# with five of them, from 0 upwards, and look at the codes of unknown people: a row is a person, a column a unit, dark means active,
# paper-white silent.

# %%
PENALTIES = f2s.choose(smoke=[0, 1e-2], book=[0, 1e-5, 1e-4, 1e-3, 1e-2])
sparse_steps = f2s.choose(smoke=4, book=150, paper=2000)
sparse = {l1: trained("skubisz-sparse", sparse_steps, small, code_l1=l1) for l1 in PENALTIES}


def code_of(fitted, pictures):
    """The middle layer's activations: (N, units)."""
    encoder = keras.Model(fitted.model.input, fitted.model.get_layer("code").output)
    return encoder.predict_on_batch(pictures)


codes = {l1: code_of(fitted, new_photos) for l1, fitted in sparse.items()}

# %% mystnb={"image": {"alt": "Codes of unknown people as small tables of dark and white cells, one table for each penalty; with growing penalty more columns are white, until at the largest one the whole table is"}}
tables = []
for code in codes.values():
    order = np.argsort(-code.mean(axis=0))
    tables.append(1 - (code / max(code.max(), 1e-6))[:, order].repeat(6, axis=0).repeat(6, axis=1) ** 0.5)
f2s.plots.grid(tables, [f"penalty {l1:g}" for l1 in codes], columns=3)

# %%
rows_of_table = {}
for l1, fitted in sparse.items():
    personal = portrait(fitted, new_drawn, small.sketches.mean(axis=0) / 255, small_test.photos)
    silent, dead = (codes[l1] == 0).mean(), (codes[l1] == 0).all(axis=0).mean()
    rows_of_table[f"{l1:g}"] = {
        "silent entries": silent,
        "dead units": dead,
        "a living unit speaks for": (1 - silent) / (1 - dead) if dead < 1 else np.nan,
        "sum of the code": codes[l1].sum(axis=1).mean(),
        "error to own sketch": personal["error to own sketch"],
        "spread over people": personal["spread over people"],
    }
shares = ["silent entries", "dead units", "a living unit speaks for", "spread over people"]
effects = pd.DataFrame(rows_of_table).T.rename_axis("penalty")
effects.style.format("{:.4f}").format("{:.0%}", subset=shares, na_rep="-").format(
    "{:.1f}", subset=["sum of the code"]
)

# %% [markdown]
# Read the table from its first line. Without any penalty a good part of the units is silent for everybody already: a ReLU that falls
# below zero for all gets no gradient, and never wakes up. A *dead unit* is not sparsity in the sense of the idea, which wants
# **different** units for different people; it is only a narrower code.
#
# Now go down. Even a penalty of 0.00001 about halves the sum of the code. A middling one does, besides killing units, what the idea
# promises: those that live speak for fewer people each. But the next step is a cliff. Where the penalty outweighs what the code
# can save in the pictures' error, whole units go out for everybody; at the bottom the code is empty, the spread over people
# is zero, and what is left of the network is the biases behind the code. That is *the average face again*, by another road.
#
# The paper expects that sparsity "improves generalisation". In this table, one run of each, no penalty lowered the error on unknown
# people. Between no effect and death lies a narrow range, and where it lies depends on the loss, the size and the training; a
# paper that does not print $\lambda$ cannot be repeated at this point.
#
# ## The other way round
#
# From sketch to photo everything can be had by swapping inputs and targets, with less training and without the largest
# network, for time. Colour is what the sketch does not tell: expect the average wall and the average skin.

# %%
back_steps, smaller = f2s.choose(smoke=2, book=80, paper=2000), DESIGNS[: f2s.choose(smoke=1, book=3)]
back = {id_: trained(id_, back_steps, small, task="sketch2photo") for id_ in smaller}
back |= {id_: f2s.fit(id_, small, "sketch2photo") for id_ in ("mean-target", "ridge")}

# %% mystnb={"image": {"alt": "Four unknown people in rows: sketch, photo, and the answers of three dense networks and of ridge regression; most answers show much the same face before a wall of an in-between colour"}}
f2s.plots.contact_sheet(small_test, {label: back[label] for label in (*smaller, "ridge")}, rows=4)

# %% mystnb={"image": {"alt": "Mean squared error from sketch to photo as dots with intervals for three dense networks, the mean training photo and ridge regression; the intervals overlap widely"}}
f2s.plots.scores(f2s.compare(back, small_test), "mse", highlight=smaller)

# %% [markdown]
# Skubisz saw the same in this direction: "very generic faces", two of them "fundamentally the same". Venkatesh's dense network
# has the lowest SSIM of all in its report's Table III, 0.3443.
#
# ## Where it fails
#
# A dense layer does not know that pixel 100 lies beside pixel 101. Shuffle the pixels of all photos in the same way before
# training, and it learns as well as before; a face, to it, is a list. So it cannot know, either, that a face moved by a few
# pixels is the same face. We push one unknown person to the side, without turning or changing anything.

# %% mystnb={"image": {"alt": "One person's photo moved to the right by 0, 1, 2, 4 and 8 pixels; below, the network's sketches, whose faces stay in the middle and fall apart as the photo moves away; the features do not follow"}}
judge = dense["huang-dae"]
moves = [round(share * size) for share in (0, 1 / 32, 1 / 16, 1 / 8, 1 / 4)]
columns = np.stack([np.clip(np.arange(size) - move, 0, size - 1) for move in moves])  # the edge is repeated
moved = np.stack([test.photos[1][:, order] for order in columns])
answers = judge.translate(moved).repeat(3, axis=-1)
shown = np.concatenate([moved / np.float32(255), answers])
f2s.plots.grid(shown, [f"moved by {move} px" for move in moves] + [""] * len(moves), columns=len(moves))

# %%
for move, order in zip(moves, columns, strict=True):
    moved_truth, moved_photos = truth[:, :, order], test.photos[:, :, order]
    error = ((judge.translate(moved_photos) - moved_truth) ** 2).mean()
    mean_sketch = ((average[:, order] - moved_truth) ** 2).mean()
    print(
        f"moved by {move:2} px: error of the network {error:.4f}, of the mean sketch moved as far {mean_sketch:.4f}"
    )

# %% [markdown]
# The eyes stay where eyes always were. A network in which the same small detector looks at every place would not fail in this
# way; it is the subject of [chapter 3](03_convolutional_autoencoders.ipynb).
#
# ## Exercises
#
# ### Exercise 1: 201 million
#
# Write the formula that counts a dense network's weights and biases, and find Skubisz' "roughly 201 million".
#
# <details><summary>Hint</summary>
#
# Put inputs, widths and outputs into one list. Each neighbouring pair $(n, m)$ is a layer with $(n + 1)\,m$ numbers.
#
# </details>


# %%
def dense_weights(inputs: int, widths: list[int], outputs: int) -> int:
    """Weights and biases of a dense network with hidden layers of these widths."""
    raise NotImplementedError


f2s.checks.chapter02.dense_weights(dense_weights)

# %% tags=["hide-input"] cellView="form"
# @title Solution to exercise 1


def dense_weights_solution(inputs, widths, outputs):
    layer_sizes = [inputs, *widths, outputs]
    return sum((before + 1) * after for before, after in pairwise(layer_sizes))


f2s.checks.chapter02.dense_weights(dense_weights_solution)

# %% [markdown]
# ### Exercise 2: a face from k numbers
#
# Rebuild rows from the first $k$ eigenfaces of the training rows. What must $k = 0$ give?
#
# <details><summary>Hint</summary>
#
# The rows of the third result of `np.linalg.svd(..., full_matrices=False)` are orthonormal: to project is to multiply by
# their transpose, to come back is to multiply by them. Whose mean is to be taken off, and put back?
#
# </details>


# %%
def from_eigenfaces(train_rows: np.ndarray, some_rows: np.ndarray, k: int) -> np.ndarray:
    """`some_rows` (N, D) as the training mean plus k numbers each, shape (N, D)."""
    raise NotImplementedError


f2s.checks.chapter02.eigenface_reconstruction(from_eigenfaces)

# %% tags=["hide-input"] cellView="form"
# @title Solution to exercise 2


def from_eigenfaces_solution(train_rows, some_rows, k):
    middle = train_rows.mean(axis=0)
    axes = np.linalg.svd(train_rows - middle, full_matrices=False)[2][:k]
    return middle + (some_rows - middle) @ axes.T @ axes


f2s.checks.chapter02.eigenface_reconstruction(from_eigenfaces_solution)

# %% [markdown]
# ### Exercise 3: one sketch for all
#
# If a method had to give everybody the same picture, which one should it be, for `"mse"` and for `"mae"`? The check compares yours
# with many others.
#
# <details><summary>Hint</summary>
#
# Each pixel can be chosen by itself. For MAE, ask how the loss changes if $c$ moves up by a hair: it falls by as much for each
# value above $c$ as it rises for each value below.
#
# </details>


# %%
def best_constant(targets: np.ndarray, loss: str) -> np.ndarray:
    """The picture (H, W, C) with the lowest "mse" or "mae" to all of targets (N, H, W, C)."""
    raise NotImplementedError


f2s.checks.chapter02.best_constant(best_constant)

# %% tags=["hide-input"] cellView="form"
# @title Solution to exercise 3


def best_constant_solution(targets, loss):
    return targets.mean(axis=0) if loss == "mse" else np.median(targets, axis=0)


f2s.checks.chapter02.best_constant(best_constant_solution)

# %% [markdown]
# ### Exercise 4: silent or dead?
#
# From codes of N people, compute two shares: entries that are zero, and units that are zero for *all* people.
#
# <details><summary>Hint</summary>
#
# Units are columns. `codes == 0` is an array of booleans, whose mean is a share; `.all(axis=0)` asks over people.
#
# </details>


# %%
def sparsity(codes: np.ndarray) -> tuple[float, float]:
    """Share of silent entries, and of dead units, of codes (N, units)."""
    raise NotImplementedError


f2s.checks.chapter02.code_sparsity(sparsity)

# %% tags=["hide-input"] cellView="form"
# @title Solution to exercise 4


def sparsity_solution(codes):
    silent_entries = codes == 0
    return silent_entries.mean(), silent_entries.all(axis=0).mean()


f2s.checks.chapter02.code_sparsity(sparsity_solution)

# %% [markdown]
# ## What to take away
#
# - A linear autoencoder learns the space of the first eigenfaces: what fills most pixels comes first, identity late.
# - Mean squared error and cross-entropy ask for the average of all sketches that could belong to a photo, absolute error for their
#   median. A network that has found nothing in the photo answers with the average face, because that *is* the best answer.
# - The average face is where every dense network passes, and where a deep one, or one with too strong an L1 penalty,
#   remains. Measure it: spread over people, distance to the mean sketch.
# - Hundreds of millions of weights sit in the first and the last layer, and know nothing of neighbourhood. They are not needed to
#   beat the average, and a linear method with one penalty is a bar that they should be held against.
# - An L1 penalty is not sparsity. Count silent entries and dead units.
#
# ## References
#
# - P. Baldi, K. Hornik: Neural networks and principal component analysis: learning from examples without local minima. Neural
#   Networks 2 (1989). [10.1016/0893-6080(89)90014-2](https://doi.org/10.1016/0893-6080(89)90014-2)
# - H. Bourlard, Y. Kamp: Auto-association by multilayer perceptrons and singular value decomposition. Biological Cybernetics 59
#   (1988). [10.1007/BF00332918](https://doi.org/10.1007/BF00332918)
# - G. E. Hinton, R. R. Salakhutdinov: Reducing the dimensionality of data with neural networks. Science 313 (2006).
#   [10.1126/science.1127647](https://doi.org/10.1126/science.1127647)
# - B. A. Olshausen, D. J. Field: Emergence of simple-cell receptive field properties by learning a sparse code for natural images.
#   Nature 381 (1996). [10.1038/381607a0](https://doi.org/10.1038/381607a0)
# - M. Turk, A. Pentland: Eigenfaces for recognition. Journal of Cognitive Neuroscience 3 (1991).
#   [10.1162/jocn.1991.3.1.71](https://doi.org/10.1162/jocn.1991.3.1.71)
# - X. Wang, X. Tang: Face photo-sketch synthesis and recognition. IEEE Transactions on Pattern Analysis and Machine Intelligence 31
#   (2009). [10.1109/TPAMI.2008.222](https://doi.org/10.1109/TPAMI.2008.222)
# - The coursework papers of Huang, Skubisz, Venkatesh and Priovolos: see [references](../book/references.md).
