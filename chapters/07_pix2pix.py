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
# # pix2pix
#
# [![Open in Colab](https://colab.research.google.com/assets/colab-badge.svg)](https://colab.research.google.com/github/face2sketch/face2sketch/blob/main/chapters/07_pix2pix.ipynb)
#
# **The question.** Every network so far was told, pixel by pixel, how far it was from the artist's drawing, and every
# one of them drew hair as a grey smear. What if a second network judged the drawing instead, one that is never told
# what a good drawing is, and only learns to tell the artist's hand from the machine's?
#
# You will be able to
#
# - say what a mean error rewards where the answer is uncertain, and measure what is missing from a blurred drawing;
# - write down the losses of both players, and read their training curves without being fooled by them;
# - compute which pixels one output of a PatchGAN sees, and draw them on a face;
# - find out what a skip connection carries, by cutting it;
# - provoke three failures of adversarial training, recognise them by a number, and mend them.
#
# | | Two CPU cores (`book`) | Colab T4 (`paper`) |
# |---|---|---|
# | Time | about 3 minutes | not measured yet |
# | Needs | PyTorch, the built-in faces | the same, 128 px, more steps |

# %% tags=["setup"]
import sys

if "google.colab" in sys.modules:  # Colab has the frameworks, but not the course's library
    library = "git+https://github.com/face2sketch/face2sketch#subdirectory=shared_lib"
    get_ipython().run_line_magic("pip", f"install -q --no-deps {library}")
import face2sketch as f2s

# %% [markdown]
# ## What a mean error wants where it cannot know
#
# A photo shows that somebody has dark, straight hair. It does not show where the artist will put each stroke. Suppose
# the strokes are vertical, a pixel wide, and each column is dark with probability 0.4, independently of the others. We
# draw many such patches, and ask which *single* answer has the lowest error on all of them.

# %%
import numpy as np

rng = np.random.default_rng(0)
strands = 1.0 - np.repeat(rng.random((4000, 1, 24)) < 0.4, 24, axis=1)  # (N, 24, 24), 0 is black
ours, theirs = strands[:2000], strands[2000:]
answers = {"mean": theirs.mean(axis=0), "median": np.median(theirs, axis=0), "another drawing": ours}
for name, answer in answers.items():
    error = theirs - answer
    print(f"{name:16} mean absolute error {np.abs(error).mean():.2f}, squared {(error**2).mean():.2f}")

# %% mystnb={"image": {"alt": "Five square patches: three with black vertical strokes at different places, then an even grey one, the mean, and an empty white one, the median"}}
tiles = [*strands[:3], answers["mean"], answers["median"]]
f2s.plots.grid(tiles, ["possible", "possible", "possible", "best in L2", "best in L1"], columns=5)

# %% [markdown]
# The squared error wants the mean, an even grey. The absolute error wants the median: *no hair at all*, because each
# single pixel is more often white than black. (With a probability of 0.6 it would want a solid black.) And an artist
# who drew another perfectly good lock of hair is worse than the empty patch in L1, and has twice the squared error of
# the grey one. Each pixel is asked alone, and alone each does well to hedge. That the first three tiles look like hair
# and the last two do not is a matter of *many pixels together*, and no sum over pixels can say it.
#
# ## The game
#
# Goodfellow and others (2014) made a loss out of a second network. The **discriminator** $D$ looks at a drawing and
# says how likely it is to be real; the **generator** $G$ wants to be believed. Isola and others (2017) showed $D$ the
# photo $x$ as well, so that it can also tell whether a drawing belongs to it, and kept the mean absolute error at a
# weight of $\lambda = 100$, which says roughly where everything goes:
#
# $$\min_G \max_D \; \mathbb{E}\big[\ln D(x, y)\big] + \mathbb{E}\big[\ln(1 - D(x, G(x)))\big] + \lambda\,\mathbb{E}\,|y - G(x)| .$$
#
# A white patch is the cheapest answer in L1, and the easiest to unmask: no artist leaves hair white. What remains for
# the generator is to commit itself.
#
# In code there is a change. Where $D$ is sure that a drawing is generated, $\ln(1 - D)$ is flat, and a generator that
# is losing learns nothing. So it minimises $-\ln D(x, G(x))$ instead, which is steep just there: "call this one real".
# Both players then need the same function, once with each answer. (`"lsgan"`, squared distances from 1 and 0, is the
# other common choice; chapter 8 uses it.)

# %%
from face2sketch.training import gan_losses, gan_step

f2s.show_source(gan_losses.adversarial, gan_step.GanStep.__call__, docstring=False)

# %% [markdown]
# That is the whole step: draw; let the discriminator learn on the artist's drawings and these; let the generator learn
# from the discriminator as it is *now*, through whose layers the gradient runs back into the drawing. No code here says
# what a stroke is.
#
# ## A judge that looks through a window
#
# What should $D$ look at? Where things are is the business of L1. For texture it is enough to see a small piece, so
# Isola's **PatchGAN** is a short stack of convolutions, and gives a verdict for every piece of the picture instead of
# one for the whole.

# %%
from face2sketch.models import pix2pix

f2s.show_source(pix2pix.PatchGan.__init__, pix2pix.receptive_field, docstring=False)

# %% [markdown]
# How large is a piece? A 4×4 kernel sees four of its inputs, each stride of 2 doubles the distance of whatever comes
# after it, and walking from the picture to the verdict adds this up. Nothing below is looked up: all is computed from
# the layers. The paper's discriminators have windows of 1, 16, 70 and 286 pixels; we add the one of a tutorial.

# %%
import pandas as pd
import torch

from face2sketch.models.gan import count_weights

rows, windows = {}, {}
for size in (1, 16, 70, 142, 286):
    judge = pix2pix.PatchGan(6, receptive_field=size).eval()
    field, outputs = pix2pix.receptive_field(judge), judge(torch.zeros(1, 6, 256, 256)).shape[-1]
    windows[size] = field.window(outputs // 2, outputs // 2)
    rows[size] = [field.size, field.step, f"{outputs} x {outputs}", f"{count_weights(judge):,}"]
pd.DataFrame.from_dict(rows, orient="index", columns=["window", "apart", "verdicts", "weights"])

# %% mystnb={"image": {"alt": "One built-in face four times, dark but for a square that one verdict sees: 16 pixels, the bridge of the nose; 70, brows, inner halves of the eyes and nose; 142, from hairline to mouth; 286, more than the whole picture"}}
from matplotlib.patches import Rectangle

face = f2s.data.synthetic(n=4, size=256, seed=0)[2].photos[0]
margin = 40
canvas = np.pad(face, ((margin, margin), (margin, margin), (0, 0)), constant_values=235)
tiles = []
for size in (16, 70, 142, 286):
    top, left, bottom, right = (edge + margin for edge in windows[size])
    lit = (canvas * 0.4).astype(np.uint8)
    lit[top:bottom, left:right] = canvas[top:bottom, left:right]
    tiles.append(lit)
figure = f2s.plots.grid(tiles, [f"{size} x {size}" for size in (16, 70, 142, 286)], columns=4)
for axes, size in zip(figure.axes, (16, 70, 142, 286), strict=True):
    top, left, *_ = (edge + margin - 0.5 for edge in windows[size])
    axes.add_patch(Rectangle((left, top), size, size, fill=False, edgecolor=f2s.plots.ACCENT, linewidth=1.6))
figure

# %% [markdown]
# The window of 286 is larger than the picture: that discriminator judges faces as a whole, and a fifth of what it sees
# is padding. On street scenes the paper found that a window of 16 leaves visible tiles, 70 mends them, and 286 looks no
# better and scores lower.
#
# Skubisz' report took its pix2pix from a tutorial of the site Machine Learning Mastery, which calls its discriminator
# "70×70" too. It halves *four* times before its last two layers, where the paper's halves three times: **142**. Whoever
# copies a number should compute it.
#
# A window is where a verdict *can* look. Where does it look? We ask for the gradient of one verdict with respect to
# every pixel, with the weights that training starts from.

# %%
from face2sketch.models.gan import init_weights

for norm in ("none", "batch"):
    torch.manual_seed(0)
    judge = init_weights(pix2pix.PatchGan(3, norm=norm)).eval()
    pictures = torch.rand(4, 3, 256, 256).requires_grad_()
    judge(pictures)[:, 0, 15, 15].sum().backward()
    pull = pictures.grad.abs().sum((0, 1)).numpy()
    top, left, bottom, right = pix2pix.receptive_field(judge).window(15, 15)
    inside = pull[top:bottom, left:right]
    middle = inside[18:-18, 18:-18].sum() / inside.sum()
    print(f"norm {norm!r}: {1 - inside.sum() / pull.sum():.0%} of the pull comes from outside the window;")
    print(f"    its middle 34 x 34 pixels, {34**2 / 70**2:.0%} of it, have {middle:.0%} of what is inside")

# %% [markdown]
# Without a norm not one pixel outside the square counts: the arithmetic was right. Within it the middle weighs more, as
# more paths lead there. But the published network *has* a norm, and its means and deviations are taken over the whole
# map: through them each verdict is told a little about every pixel. "70×70" is true of the convolutions only.
#
# ## A drawer with shortcuts
#
# The generator is an encoder and a decoder, as in chapter 3. At 256 pixels it halves eight times, down to a single
# pixel. From a pixel nobody can draw an eyelash in its place; so every level of the encoder also hands its map directly
# to the decoding level of the same size. That is the **U-Net** (Ronneberger and others, 2015).

# %%
f2s.show_source(pix2pix.UNet, docstring=False)

# %%
unet = pix2pix.UNet(3, 3)
lines = []
for level, encoder, decoder in zip(range(1, 9), unet.encoder, reversed(unet.decoder), strict=True):
    side = 256 >> level
    counts = count_weights(encoder), count_weights(decoder)
    lines.append([f"{side} x {side}", encoder[0].out_channels, *counts])
columns = ["map", "channels", "weights into it", "weights out of it"]
table, total = pd.DataFrame(lines, columns=columns, index=range(1, 9)), count_weights(unet)
deep = table.loc[5:, columns[2:]].to_numpy().sum()
print(f"{total:,} weights, {deep / total:.0%} of them at levels 5 to 8, on maps of 8 x 8 pixels and less")
table.style.format({"weights into it": "{:,}", "weights out of it": "{:,}"})

# %% [markdown]
# 54.4 million, as its authors' code prints, and most of them work on maps of a few pixels, where a weight costs few
# multiplications and what it sees is most of the face.
#
# Three details matter more than they seem.
#
# - *Batch norm with a batch of one* takes mean and deviation over one picture. The paper uses these statistics at test
#   time too: no running averages, each picture by itself. In the library that is `statistics="own"`.
# - *Nothing normalises the bottleneck.* Its map is a single pixel, and a single number minus its own mean is 0. The
#   paper's text had a norm there until its authors noticed, and their code has none. TensorFlow's tutorial has it: with
#   its batches of one, all that leaves its innermost map is a learned constant, whatever the photo.
# - *Dropout stays on at test time.* It is all the chance there is: without a code as in chapter 4, the generator could
#   not give two answers. The paper found that even so it hardly does.
#
# ## Both trainings
#
# Faces of 64 pixels, the U-Net at a quarter of its width and six levels deep, a window of 34, four pictures a step and
# a learning rate five times the paper's: a minute must do. Both runs have the same steps and the same start. One learns
# from L1 alone. Its discriminator learns too, but nobody listens to it.

# %%
from face2sketch.training.torch_pictures import from_network, to_network

size = f2s.choose(64, 64, 128)
train, test = f2s.data.synthetic(n=f2s.choose(24, 200, 400), size=size, seed=0).split(test=0.2, seed=0)
recipe = {"width": f2s.choose(8, 16, 32), "receptive_field": 34, "batch_size": 4, "learning_rate": 1e-3}
recipe |= {"schedule": "linear", "precision": "fp32", "progress": False}


def draw(generator, photos, **options):
    """Photos (N, H, W, 3) to sketches (N, H, W, 1), with the same dropout each time."""
    torch.manual_seed(0)
    device = next(generator.parameters()).device
    with torch.inference_mode():
        outputs = generator(to_network(photos, 3, ((0, 0), (0, 0))).to(device), **options)
    return from_network(outputs, photos.shape[1:3], ((0, 0), (0, 0)), 1)


# %%
import time

stops = f2s.choose([0, 1, 5], [0, 20, 50, 100, 200, 400, 640], [0, 100, 400, 1000, 2000, 4000, 8000])
films, fitted = {}, {}
for name, changes in {"L1 alone": {"gan": 0.0}, "with the adversary": {}}.items():
    began, frames = time.perf_counter(), []

    def watch(step, system, frames=frames):
        frames.append(draw(system.generators["photo2sketch"], test.photos[:5]))

    fitted[name] = f2s.fit(
        "skubisz-pix2pix",
        train,
        objective=changes,
        epochs=f2s.choose(1, 16, 100),
        watch=watch,
        watch_steps=stops,
        **recipe,
    )
    films[name] = frames
    words = f"{fitted[name].parameters:,} weights, losses {fitted[name].settings.objective.words}"
    print(f"{name}: {words}, {time.perf_counter() - began:.0f} s")

# %% mystnb={"image": {"alt": "Six people in four columns: photo, the artist's sketch, and two drawings: from L1 alone smooth grey hair and soft features, with the adversary dark strokes and hatching like the artist's, not in the artist's places"}}
f2s.plots.contact_sheet(test, fitted, rows=6)

# %% [markdown]
# Same network, same data, same number of steps. L1 paints what is sure and leaves grey where strokes may or may not be.
# With the adversary there are strokes. They are not the artist's strokes, and that is the point: they *could* be. The
# slider shows how they come about.


# %%
def strip(drawings):
    """Five drawings in a row above the artist's, twice as large."""
    rows = [np.concatenate(list(row), axis=1) for row in (drawings, test.sketches[:5] / 255)]
    return np.kron(np.concatenate(rows), np.ones((2, 2, 1)))


groups = {name: [strip(frame) for frame in frames] for name, frames in films.items()}
labels = [f"after {step} steps (below: the artist)" for step in stops]
words = {name: [f"Five drawings, {name}, {label}" for label in labels] for name in groups}
f2s.widgets.choices(groups, labels, "steps", "learned from", alt=words, width=640)

# %% [markdown]
# ## What is missing, measured
#
# "Blurred" can be said in numbers. Each drawing is a sum of waves, slow ones for the head and fast ones for the
# strokes. How much of the artist's power does a drawing have at each frequency?


# %%
def power(pictures):
    """Mean power at each horizontal frequency, from 0 to one wave in two pixels."""
    lines = pictures[..., 0] - pictures[..., 0].mean()
    return (np.abs(np.fft.rfft(lines, axis=2)) ** 2).mean(axis=(0, 1))


drawings = {name: one.translate(test.photos) for name, one in fitted.items()}
artist = power(test.sketches / 255)
frequency = np.arange(len(artist)) / size
shares = {name: power(pictures) / artist for name, pictures in drawings.items()}
shares["the artist"] = np.ones_like(frequency)
for name in drawings:
    fast = shares[name][frequency > 0.25].mean()
    print(f"{name}: {fast:.0%} of the artist's power in the faster half of the waves")

# %% mystnb={"image": {"alt": "Power as a share of the artist's against frequency, logarithmic: L1 alone falls to a small fraction for fast waves, with the adversary the curve stays near the artist's line"}}
lines = {name: share[1:] for name, share in shares.items()}
f2s.plots.curve(frequency[1:], lines, "waves per pixel", "power, artist = 1", log=True)

# %% [markdown]
# Of waves of ten pixels and more both have nearly what the artist has. Of faster ones L1 alone keeps a small part: this
# is what "blurred" means. The adversary's drawings stay within a factor of two of the artist's all the way, though
# nothing in their loss speaks of frequencies. (The small peaks at 1/4, 3/8 and 1/2 are not the artist's: they are
# traces of the decoder's maps, whose pixels are 8, 4 and 2 of ours wide. More of them below.)
#
# ## What the scores say

# %%
bars = ["median-target", "grey-gain", "nearest-10", "ridge"]
entries = {bar: f2s.fit(bar, train) for bar in bars} | fitted
scores = f2s.compare(entries, test, metrics=("mae", "mse", "ssim"))
scores.sort_values("ssim", ascending=False).round(4)

# %%
published = pd.concat(f2s.published.figures(system=id_) for id_ in ("skubisz-conv", "skubisz-pix2pix"))
published.pivot(index="label", columns=["task", "metric"], values="value")

# %% [markdown]
# By every score the adversary has made the drawings *worse*, with intervals that do not overlap, and in squared error a
# linear regression is not far behind. The patches of hair have told us to expect it: a good drawing with its strokes
# elsewhere has twice the squared error of a grey one, and SSIM too compares place by place. Blau and Michaeli (2018)
# proved that this is no weakness of one method: beyond some point, an output can come nearer to the truth or look more
# like one, not both.
#
# The same pattern stands in Skubisz' tables, measured on photographs (after 6 epochs against 100, and with the same
# people on both sides of the split): the plain convolutional autoencoder is ahead of pix2pix in both directions and
# both scores, while the text finds hair texture "best captured by the pix2pix model". Our strokes were put there by a
# program, and are easier to imitate than an artist's hand; how both do on photographs, also by a score that was made
# for texture (LPIPS), is on the page [what the real pairs say](../book/real_pairs.md).
#
# ## Reading the curves
#
# A falling loss used to mean a better network. Not here: each loss is measured against an opponent who moves. Four
# numbers tell what is going on: the discriminator's loss, the generator's, and the mean answer of the discriminator, 1
# for "real" and 0 for "generated", on either kind of drawing.

# %% mystnb={"image": {"alt": "The discriminator's mean answers over the epochs: on drawings from L1 alone they part at once, near 1 and near 0; with the adversary they stay between, apart but not far"}}
curves = {}
for name, one in fitted.items():
    run = name.replace("with the ", "")
    curves |= {f"{run}: artist's": one.history["real"], f"{run}: own": one.history["fake"]}
f2s.plots.curve(fitted["L1 alone"].history["epoch"], curves, "epoch", "mean answer (1: real)", marks=True)

# %% mystnb={"image": {"alt": "Losses of the run with the adversary over the epochs: the discriminator's below the line of ln 2, the generator's adversarial loss above it, the mean absolute error falling slowly"}}
history = fitted["with the adversary"].history
lines = {"discriminator": history["discriminator"], "generator, adversarial": history["gan"]}
lines |= {"ln 2: cannot tell": [np.log(2)] * len(history["epoch"]), "L1 x 10": 10 * np.array(history["l1"])}
f2s.plots.curve(history["epoch"], lines, "epoch", "loss", marks=True)

# %% [markdown]
# Where nobody listens to it, the discriminator soon knows: near 1 for the artist, near 0 for the drawings of L1. Where
# the generator listens, the two answers part at first, and then stay where they are for the rest of the training. That
# standstill is a contest, not an end of learning: the drawings go on changing, as the slider shows. And see what the
# generator's adversarial loss does in the first epochs: it *rises*, while its drawings get better. Its judge gets
# better faster.
#
# The line at $\ln 2 = 0.69$ is what a discriminator pays that answers 1/2 to everything. If the generator were perfect,
# no discriminator could do better (exercise 3). But one that has learned nothing pays the same. A loss at ln 2 is good
# news or no news.
#
# Its verdicts are a map, one for each window, and the map shows where it is suspicious.


# %%
def verdicts(system, photos, sketches):
    """The discriminator's answers, one a window, at the size of the pictures: 1 for real."""
    device = next(system.parameters()).device
    photos, sketches = (to_network(one, 3, ((0, 0), (0, 0))).to(device) for one in (photos, sketches))
    with torch.inference_mode():
        answers = system.eval().judge("photo2sketch", photos, (sketches,)).sigmoid()
        maps = torch.nn.functional.interpolate(answers, sketches.shape[2:], mode="bilinear")
    return maps[:, 0].cpu().numpy()


# %% mystnb={"image": {"alt": "Two people; the artist's drawing, that of L1 alone and that of the adversary's run, and beside each a map of verdicts, bright where the discriminator believes; the artist's map is bright, that of L1 alone dark"}}
system, tiles = fitted["with the adversary"].system, []
for person in range(2):
    three = [test.sketches[person] / np.float32(255), *(pictures[person] for pictures in drawings.values())]
    maps = verdicts(system, np.stack([test.photos[person]] * 3), np.stack(three))
    tiles += [tile for pair in zip(three, maps, strict=True) for tile in pair]
titles = [f"{kind}" for name in ("the artist", *drawings) for kind in (name, "verdict")]
f2s.plots.grid(tiles, titles + [""] * 6, columns=6)

# %% [markdown]
# New people, and the artist is believed almost everywhere. The drawings of L1 are not believed anywhere, although this
# discriminator was never trained on them. Of its own generator's it is suspicious, in patches.
#
# ### Half a loss is a whole loss
#
# The paper, Skubisz' tutorial and this library all halve the discriminator's loss, "which slows down the rate at which
# D learns relative to G" (Isola and others, Section 3.3). Does it? Adam divides each step by the size of recent
# gradients. Twenty steps with the whole loss and with half of it, from the same start:

# %%
photos, real = (to_network(pictures[:8], 3, ((0, 0), (0, 0))) for pictures in (train.photos, train.sketches))
made = to_network(fitted["L1 alone"].translate(train.photos[:8]), 3, ((0, 0), (0, 0)))


def taught(optimizer, share, steps=20):
    """The weights of a small discriminator after some steps with `share` of its loss."""
    torch.manual_seed(0)
    judge = init_weights(pix2pix.PatchGan(6, receptive_field=16, width=8))
    optimizer = optimizer(judge.parameters())
    for _ in range(steps):
        loss = sum(
            gan_losses.adversarial(judge(torch.cat([photos, sketches], 1)), wanted, "bce")
            for sketches, wanted in ((real, True), (made, False))
        )
        optimizer.zero_grad()
        (share * loss).backward()
        optimizer.step()
    return torch.cat([weight.detach().flatten() for weight in judge.parameters()])


# %%
start = taught(torch.optim.Adam, 1, steps=0)
for name, optimizer in {
    "Adam": lambda weights: torch.optim.Adam(weights, 2e-4, (0.5, 0.999)),
    "plain gradient descent": lambda weights: torch.optim.SGD(weights, 1e-5),
}.items():
    whole, half = (taught(optimizer, share) - start for share in (1, 0.5))
    print(f"{name}: half the loss goes {half.norm() / whole.norm():.1%} as far")

# %% [markdown]
# With plain gradient descent half the loss is half the step. With Adam it is the same step: the factor cancels, but for
# the 1e-8 that keeps Adam from dividing by zero. To slow the discriminator down, give it a lower learning rate.
#
# ## The shortcuts, removed and put back
#
# What do the skip connections do? Two ways to ask. First, train without them; then put back only the two outermost, at
# half and quarter size.

# %%
short = {**recipe, "epochs": f2s.choose(1, 8, 50)}
for name, levels in {"no shortcut": (), "levels 1 and 2": (1, 2)}.items():
    fitted[name] = f2s.fit("skubisz-pix2pix", train, skips=levels, **short)
fitted["all levels"] = f2s.fit("skubisz-pix2pix", train, **short)
three = {name: fitted[name] for name in ("no shortcut", "levels 1 and 2", "all levels")}
f2s.compare(three, test, metrics=("mae", "ssim")).round(4)

# %% mystnb={"image": {"alt": "Photos, the artist's sketches and three drawings: without shortcuts a grey shadow of a head that shows little but the length of the hair; with the two outermost shortcuts, and with all, recognisable faces with strokes"}}
f2s.plots.contact_sheet(test, three, rows=4)

# %% [markdown]
# Without shortcuts all that the decoder is told about a person must pass through the single pixel of the bottleneck,
# here 128 numbers: an autoencoder again, with a short code. It knows long hair from short, and not much else. Two
# connections put back bring the face back, and the score nearly as far as all five. The adversary was there in each of
# the three: it can ask for strokes, but not supply knowledge that has been lost on the way.
#
# Second, cut the connections of the network that was trained with all of them, one level at a time.

# %%
generator = fitted["with the adversary"].system.generators["photo2sketch"]
cuts = {"none cut": ()} | {f"level {level}": (level,) for level in range(1, generator.depth)}
cut = {name: draw(generator, test.photos, cut=levels) for name, levels in cuts.items()}
for name, pictures in cut.items():
    change = np.abs(pictures - cut["none cut"]).mean()
    error = f2s.metrics.mae(test.sketches, pictures).mean()
    print(f"{name:9} mean absolute error {error:.4f}, the drawing changes by {255 * change:5.1f} grey levels")

# %% mystnb={"image": {"alt": "Two people drawn with none of the connections cut, then with the connection of each level cut in turn: without level 1 paper and hair turn grey, without level 2 eyes and outlines fray, without level 4 or 5 hardly anything changes"}}
titles = list(cut)
tiles = [pictures[person] for person in range(2) for pictures in cut.values()]
f2s.plots.grid(tiles, titles + [""] * len(titles), columns=len(titles))

# %% [markdown]
# The nearer to the picture, the more depends on it. Without level 1 the tones go wrong and the strokes lose their
# contrast; without level 2 eyes and outlines fray; the two deepest could nearly be spared, since what they carry comes
# through the bottleneck beside them as well.
#
# ## Where it fails
#
# ### A chessboard in the picture
#
# A transposed convolution paints with its kernel, in steps of its stride. With a kernel of 3 and a stride of 2 every
# other pixel is painted twice (chapter 3, exercise 4); the 4×4 kernels of pix2pix cover each pixel equally often, so
# that only the *weights* can draw a pattern; if each pixel is copied into four before an ordinary convolution, even
# paper stays even, whatever the weights. A chessboard is a wave of two pixels, so we look at the fastest frequency
# there is, beside the eight below it.

# %%
brief = {**recipe, "epochs": f2s.choose(1, 2, 10)}
boards = {kind: f2s.fit("skubisz-pix2pix", train, upsampling=kind, **brief) for kind in pix2pix.UPSAMPLING}


def chessboard(pictures):
    """Power of the wave of two pixels, over the mean of the eight frequencies below it; about 1 without a pattern."""
    both = power(pictures), power(pictures.swapaxes(1, 2))
    return np.mean([each[-1] / each[-9:-1].mean() for each in both])


print(f"the artist: {chessboard(test.sketches / 255):.1f}")
for kind, one in boards.items():
    print(f"{kind:10} {chessboard(one.translate(test.photos)):.1f}")


# %% mystnb={"image": {"alt": "One face by the artist and by the three networks, and below each what is finer than three pixels, amplified: strokes and outlines for the artist, a pattern within the hair with the 4 by 4 kernel, a regular grid of dots over all of the paper with the uneven kernel, plain outlines with resizing"}}
def fine(picture):
    """What smoothing over 3 x 3 pixels would take away, five times as strong, on grey."""
    padded = np.pad(picture, ((1, 1), (1, 1), (0, 0)), mode="edge")
    windows = np.lib.stride_tricks.sliding_window_view(padded, (3, 3), axis=(0, 1))
    return 0.5 + 5 * (picture - windows.mean(axis=(-2, -1)))


tiles = [test.sketches[0] / 255, *(one.translate(test.photos[:1])[0] for one in boards.values())]
titles = ["the artist", *boards, "", "", "", ""]
f2s.plots.grid([*tiles, *map(fine, tiles)], titles, columns=4)

# %% [markdown]
# After 80 steps the uneven kernel has left its pattern on everything, the empty paper first of all, where no other wave
# hides it. The paper's kernel, too, leaves traces in the hair, where its weights have not yet learned better. Resizing
# has less of this wave than the artist: it can hardly draw anything so fine, right or wrong. Longer training fades the
# pattern, since the judge sees it too (try 8 epochs), but why should it have to?
#
# ### One player wins
#
# Now the bare game, by hand, to let the players be unequal. `wanted` is what the generator minimises, given the logits
# on its drawings.

# %%
import copy

from torch.nn.functional import logsigmoid

photos, sketches = (to_network(pictures, 3, ((0, 0), (0, 0))) for pictures in (train.photos, train.sketches))


# %%
def play(system, steps, judge_rate=1e-3, wanted=lambda logits: -logsigmoid(logits).mean()):
    """The system after so many steps, and means of its last 40: the judge's loss, its answers on real and on generated."""
    system, task, log = copy.deepcopy(system).train().requires_grad_(True), "photo2sketch", []
    device = next(system.parameters()).device
    judge, drawer = (
        torch.optim.Adam(players.parameters(), rate, (0.5, 0.999))
        for players, rate in ((system.discriminators, judge_rate), (system.generators, 1e-3))
    )
    for step in range(steps):
        torch.manual_seed(step)
        rows = torch.randint(len(photos), (4,))
        x, y = photos[rows].to(device), sketches[rows].to(device)
        (made,) = system.generate(task, x)
        real, fake = system.judge(task, x, [y]), system.judge(task, x, [made.detach()])
        loss = 0.5 * (gan_losses.adversarial(real, True, "bce") + gan_losses.adversarial(fake, False, "bce"))
        judge.zero_grad()
        loss.backward()
        judge.step()
        drawer.zero_grad()
        (wanted(system.judge(task, x, [made])) + 100 * gan_losses.l1(made, y)).backward()
        drawer.step()
        log.append([loss.item(), real.sigmoid().mean().item(), fake.sigmoid().mean().item()])
    return system.eval(), np.mean(log[-40:], axis=0)


# %% [markdown]
# *The discriminator has won*: we have one such at hand. The one beside L1 alone has learned for a whole training to
# unmask drawings that never answered. From now on the generator listens, once with the loss of the game as it was
# written at the top, $\ln(1 - D)$, and once with $-\ln D$.


# %%
def row(system, means):
    made = draw(system.generators["photo2sketch"], test.photos)
    return [*means, (power(made) / artist)[frequency > 0.25].mean()]


columns = ["discriminator's loss", "answer: artist's", "answer: own", "power of fast waves"]
steps, winner = f2s.choose(2, 120, 1000), fitted["L1 alone"].system
lines = {
    "as written, ln(1 - D)": row(*play(winner, steps, wanted=lambda logits: logsigmoid(-logits).mean())),
    "as used, -ln D": row(*play(winner, steps)),
}
pd.DataFrame.from_dict(lines, orient="index", columns=columns).round(2)

# %% [markdown]
# With the loss as written nothing happens. The discriminator stays at 0.99 and 0.01, and the drawings have no more fast
# waves than before, for the slope of $\ln(1 - D)$ by the logit is $-D$: the surer the judge, the less it teaches. With
# $-\ln D$ the slope is $D - 1$, nearly at its full size there, and within 120 steps the generator is back in the game.
# Both losses are at rest in the same place; only the way there differs.
#
# *The generator has won*: that looks like what everybody hopes for. Two fresh systems, one with a discriminator that
# learns as fast as the generator, one 200 times slower.

# %%
torch.manual_seed(0)
fresh = pix2pix.pix2pix((size, size, 3), width=recipe["width"], receptive_field=34)
fresh = fresh.to(next(winner.parameters()).device)
steps = f2s.choose(2, 200, 1000)
lines = {"as fast": row(*play(fresh, steps)), "200 times slower": row(*play(fresh, steps, judge_rate=5e-6))}
pd.DataFrame.from_dict(lines, orient="index", columns=columns).round(2)

# %% [markdown]
# A discriminator 200 times slower has hardly moved from where it began. Its loss is ln 2, its answers are 1/2: by the
# book of rules, the generator has won. The drawings say otherwise, with no more fast waves than L1 alone. Nobody has
# won, because nobody has played. A discriminator that is *somewhat* right, like the fast one, teaches best.
#
# ### Test worse than train
#
# A generator with many weights and few people learns the people by heart. 16 of them; then the same 16 with pix2pix's
# own remedy, random *jitter* (enlarge by 12 %, cut out a random piece, mirror half of them); then ten times as many
# people. The number of steps is the same for all.

# %%
few = train[: f2s.choose(8, 16, 40)]
long = {**recipe, "epochs": f2s.choose(1, 80, 200)}
runs = {f"{len(few)} people": (few, f2s.fit("skubisz-pix2pix", few, **long))}
runs[f"{len(few)} people, jitter"] = (few, f2s.fit("skubisz-pix2pix", few, augment="jitter", **long))
runs[f"{len(train)} people"] = (train, fitted["all levels"])
lines = {}
for name, (seen, one) in runs.items():
    known, new = (f2s.evaluate(one, pairs, metrics=("ssim",))["ssim"].mean() for pairs in (seen[:40], test))
    lines[name] = {"SSIM, known people": known, "SSIM, new people": new, "gap": known - new}
pd.DataFrame.from_dict(lines, orient="index").round(3)

# %% [markdown]
# On the people it knows the first network is far better than any other in this chapter, and on new ones the worst of
# the three. Jitter closes most of the gap, mainly from above: it forbids learning by heart. What helps new people most
# is more people. Skubisz turned and mirrored 188 people into eight copies each and split *after* that, so that nearly
# everybody in his test set was known: his scores belong in the first column.
#
# ## Exercises
#
# ### Exercise 1: the window of a verdict
#
# Which pixels does output number `index` of a chain of convolutions see? Along one axis, each layer given as (kernel,
# stride, padding); answer with the first pixel, and the first *after* the last one. Negative numbers lie in the
# padding.
#
# <details><summary>Hint</summary>
#
# Walk backwards. An output sees the outputs `first` to `last` of the layer below. Output $i$ of a layer begins at
# $i \cdot \text{stride} - \text{padding}$ of its input, and ends kernel - 1 further on.
#
# </details>


# %%
def window(layers: list[tuple[int, int, int]], index: int) -> tuple[int, int]:
    raise NotImplementedError


f2s.checks.chapter07.window(window)


# %% tags=["hide-input"] cellView="form"
# @title Solution to exercise 1
def window_solution(layers, index):
    first = last = index
    for kernel, stride, padding in reversed(layers):
        first, last = first * stride - padding, last * stride - padding + kernel - 1
    return first, last + 1


f2s.checks.chapter07.window(window_solution)

# %% [markdown]
# ### Exercise 2: both losses
#
# From the discriminator's logits on real and on generated drawings, compute its own loss (half the sum of the two mean
# cross-entropies) and the generator's. Logits of 1000 must not break it.
#
# <details><summary>Hint</summary>
#
# With $D = 1 / (1 + e^{-z})$ the loss $-\ln D$ is $\ln(1 + e^{-z})$, and $-\ln(1 - D)$ is $\ln(1 + e^{z})$. NumPy's
# `logaddexp(a, b)` is $\ln(e^a + e^b)$ without overflow.
#
# </details>


# %%
def losses(real: np.ndarray, fake: np.ndarray) -> tuple[float, float]:
    """(discriminator, generator)"""
    raise NotImplementedError


f2s.checks.chapter07.losses(losses)


# %% tags=["hide-input"] cellView="form"
# @title Solution to exercise 2
def losses_solution(real, fake):
    judge = 0.5 * (np.logaddexp(0, -real).mean() + np.logaddexp(0, fake).mean())
    return judge, np.logaddexp(0, -fake).mean()


f2s.checks.chapter07.losses(losses_solution)

# %% [markdown]
# ### Exercise 3: the best discriminator
#
# Suppose drawings come in a few kinds. Real ones are of kind $k$ with probability $p_k$, generated ones with
# probability $q_k$. What is the lowest loss that any discriminator can have? Use it to say what a discriminator's loss
# of 0.69, and one of 0.1, tell about the generator.
#
# <details><summary>Hint</summary>
#
# Its loss is $-\tfrac12 \sum_k \left(p_k \ln D_k + q_k \ln(1 - D_k)\right)$. For each kind by itself, set the
# derivative by $D_k$ to zero. `scipy.special.xlogy(p, d)` is $p \ln d$, and 0 where $p = 0$.
#
# </details>


# %%
def lowest_loss(real: np.ndarray, generated: np.ndarray) -> float:
    raise NotImplementedError


f2s.checks.chapter07.lowest_loss(lowest_loss)


# %% tags=["hide-input"] cellView="form"
# @title Solution to exercise 3
from scipy.special import xlogy


def lowest_loss_solution(real, generated):
    best = real / (real + generated)
    return -0.5 * (xlogy(real, best) + xlogy(generated, 1 - best)).sum()


f2s.checks.chapter07.lowest_loss(lowest_loss_solution)

# %% [markdown]
# <details><summary>What losses of 0.69 and of 0.1 tell</summary>
#
# The lowest loss is $\ln 2$ less the Jensen-Shannon divergence of $p$ and $q$, which is 0 where the two are the same and
# $\ln 2$ where they have no kind in common. A loss of 0.1 proves that they hardly overlap, for the best discriminator
# can only have a lower one: the generator is easily seen through. A loss of 0.69 proves nothing, unless this
# discriminator is the best there is; then the two are the same.
#
# </details>
#
# ## What to take away
#
# - A sum over pixels rewards hedging: the mean in L2, the median in L1. Strokes that could be anywhere disappear.
# - An adversary rewards what is *possible*. It brings back the artist's power at high frequencies, and pays with every
#   score that compares pixel by pixel.
# - The losses of a game do not measure quality. ln 2 means that the discriminator cannot tell; look at its answers, at
#   the pictures, and at the distance to the artist.
# - Compute receptive fields; do not copy them. A norm looks past them.
# - In a U-Net the outer shortcuts carry where things are; through the bottleneck alone comes what kind of head it is.
# - Halving a loss does nothing under Adam.
#
# ## References
#
# - P. Isola, J.-Y. Zhu, T. Zhou, A. A. Efros (2017), *Image-to-Image Translation with Conditional Adversarial
#   Networks*, CVPR. [arXiv:1611.07004](https://arxiv.org/abs/1611.07004)
# - I. Goodfellow and others (2014), *Generative Adversarial Nets*, NeurIPS.
#   [arXiv:1406.2661](https://arxiv.org/abs/1406.2661)
# - O. Ronneberger, P. Fischer, T. Brox (2015), *U-Net: Convolutional Networks for Biomedical Image Segmentation*.
#   [arXiv:1505.04597](https://arxiv.org/abs/1505.04597)
# - A. Odena, V. Dumoulin, C. Olah (2016), *Deconvolution and Checkerboard Artifacts*, Distill.
#   [doi:10.23915/distill.00003](https://doi.org/10.23915/distill.00003)
# - M. Heusel and others (2017), *GANs Trained by a Two Time-Scale Update Rule Converge to a Local Nash Equilibrium*.
#   [arXiv:1706.08500](https://arxiv.org/abs/1706.08500)
# - D. P. Kingma, J. Ba (2015), *Adam: A Method for Stochastic Optimization*.
#   [arXiv:1412.6980](https://arxiv.org/abs/1412.6980)
# - Y. Blau, T. Michaeli (2018), *The Perception-Distortion Tradeoff*, CVPR.
#   [arXiv:1711.06077](https://arxiv.org/abs/1711.06077)
# - A. Skubisz: coursework report; its tables are in `f2s.published`.
