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
# # Variational autoencoders
#
# [![Open in Colab](https://colab.research.google.com/assets/colab-badge.svg)](https://colab.research.google.com/github/face2sketch/face2sketch/blob/main/chapters/04_variational_autoencoders.ipynb)
#
# **The question.** Many sketches could belong to one photo, and many photos to one sketch. The networks of the last
# chapters answered with the average of all. Can a network give several good answers instead? And why did the variational
# autoencoder come last in one of the reports, and fail outright in another?
#
# You will be able to
#
# - derive the bound that a variational autoencoder maximises, and say what each of its two terms buys;
# - draw at random inside a network and still have a gradient;
# - recognise a code that has collapsed, and name the weight that did it;
# - find out by experiment why a published network diverges, or draws the same face for everybody;
# - draw several photos for one sketch, and measure whether they are worth their price.
#
# | | Two CPU cores (`book`) | Colab T4 (`paper`) |
# |---|---|---|
# | Time | about 3 minutes | not measured yet |
# | Needs | TensorFlow, the built-in faces | the same, 128 px, more epochs |

# %% tags=["setup"]
import sys

if "google.colab" in sys.modules:  # Colab has the frameworks, but not the course's library
    library = "git+https://github.com/face2sketch/face2sketch#subdirectory=shared_lib"
    get_ipython().run_line_magic("pip", f"install -q --no-deps {library}")
import face2sketch as f2s

# %% [markdown]
# ## A picture, and something that is not in it
#
# Suppose a picture $x$ comes about in two steps. First somebody draws a **code** $z$, a few numbers that nobody sees, from a
# standard normal distribution $p(z)$, the **prior**. Then a picture is drawn from $p(x \mid z)$: the network's output for $z$, with some
# noise around it. A good network makes the pictures that we have likely,
#
# $$p(x) = \int p(x \mid z)\, p(z)\, dz ,$$
#
# and there is the trouble: the integral runs over all codes, and nearly all of them give another picture.
#
# The way out is a second network that looks at $x$ and says which codes are worth a try: a distribution $q(z \mid x)$.
# Multiply and divide by it, and the integral is an average over *its* draws:
#
# $$\log p(x) = \log \mathbb{E}_{q}\!\left[\frac{p(x \mid z)\,p(z)}{q(z \mid x)}\right]
# \;\ge\; \mathbb{E}_{q}\!\left[\log \frac{p(x \mid z)\,p(z)}{q(z \mid x)}\right]
# = \underbrace{\mathbb{E}_{q}[\log p(x \mid z)]}_{\text{the picture is rebuilt}}
# - \underbrace{\mathrm{KL}\big(q(z \mid x)\,\|\,p(z)\big)}_{\text{the code costs}} .$$
#
# The step in the middle is Jensen's inequality: a logarithm of an average is at least the average of the logarithms.
# The right side is the **evidence lower bound** (ELBO). How much is lost? Write $p(x \mid z)\,p(z) = p(z \mid x)\,p(x)$
# in it, and
#
# $$\log p(x) - \text{ELBO} = \mathrm{KL}\big(q(z \mid x)\,\|\,p(z \mid x)\big) .$$
#
# So the bound is reached when $q$ is the true distribution of the code given the picture, the **posterior**. (Logarithms are natural
# ones, and bounds are in *nats*, their unit.) One
# picture of one pixel, whose likelihood we can work out, shows it: $z \sim N(0, 1)$, $x \sim N(z, 0.5^2)$. We see $x = 1.5$.

# %%
import numpy as np


def log_normal(x, mean, variance):
    return -0.5 * (np.log(2 * np.pi * variance) + (x - mean) ** 2 / variance)


x, noise = 1.5, 0.5**2
truth = log_normal(x, 0, 1 + noise)  # a sum of two independent normals
draws = np.random.default_rng(0).normal(size=100_000)
means, variances = np.linspace(0, 2.4, 25), (0.05, 0.2, 0.8)
bounds = {}
for variance in variances:
    z = means[:, None] + np.sqrt(variance) * draws  # draws from q, for each mean
    log_ratio = log_normal(x, z, noise) + log_normal(z, 0, 1) - log_normal(z, means[:, None], variance)
    bounds[f"q has variance {variance}"] = log_ratio.mean(axis=1)
best = max((bound.max(), name, means[bound.argmax()]) for name, bound in bounds.items())
print(f"log p(x) = {truth:.4f}; the highest bound {best[0]:.4f}, where {best[1]} and mean {best[2]:.1f}")

# %% mystnb={"image": {"alt": "Three curves of the bound against the mean of q, hills of different height below a horizontal line, the logarithm of p of x; the one of variance 0.2 touches the line at mean 1.2"}}
f2s.plots.curve(means, {**bounds, "log p(x)": [truth] * len(means)}, "mean of q", "bound (nats)")

# %% [markdown]
# Three hills below a ceiling. The true posterior here has mean $1.5/1.25 = 1.2$ and variance $0.25/1.25 = 0.2$: the one
# hill that touches. Training climbs these hills with both networks at once: better pictures raise the ceiling, better
# codes come closer to it.
#
# ## Drawing, and still learning
#
# To climb we need the gradient of an average over random draws, with respect to the mean and the variance *that they
# are drawn with*. The **reparameterisation** (Kingma and Welling, 2014) draws from a distribution with nothing to learn
# in it, and moves the draw where it should be:
#
# $$z = \mu + \sigma\,\varepsilon, \qquad \varepsilon \sim N(0, 1) .$$
#
# Now $z$ is an ordinary function of $\mu$ and $\sigma$, and back-propagation runs through it. A test with something that we can
# work out: how does the average of $f(z) = \sin 3z$ change with $\mu$? Beside it stands the older way, which needs no derivative of
# $f$: weight $f(z)$ by the slope of the log-density.

# %%
mean, deviation = 0.4, 0.5
z = mean + deviation * draws


def average(mean):  # by adding up over a fine grid: no randomness at all
    grid, step = np.linspace(-8, 8, 40_001, retstep=True)
    return (np.sin(3 * grid) * np.exp(log_normal(grid, mean, deviation**2))).sum() * step


exact = (average(mean + 1e-4) - average(mean - 1e-4)) / 2e-4
ways = {"reparameterised": 3 * np.cos(3 * z), "log-density": np.sin(3 * z) * (z - mean) / deviation**2}
print(f"exact slope {exact:.4f}")
for name, slopes in ways.items():
    print(f"{name:16} {slopes.mean():.4f} from {len(z):,} draws; one draw is off by {slopes.std():.2f}")

# %% [markdown]
# Both are right on average, and with one number to learn the older way is even a little quieter. But it is told one
# thing per draw, how good the whole picture was, while the reparameterised draw hears from each of thousands of pixels
# which way the code should move.
#
# The other term needs no draws. For $q = N(\mu, e^{s})$, with $s$ the logarithm of the variance, Kingma and Welling's
# appendix B has
#
# $$\mathrm{KL} = -\tfrac12 \sum_i \left(1 + s_i - \mu_i^2 - e^{s_i}\right) \quad\text{nats},$$
#
# zero for $\mu = 0$, $s = 0$, when the code says nothing about the picture (exercise 1). Both together are one small layer:

# %%
from face2sketch.models import variational

f2s.show_source(variational.GaussianCode.call, variational.kl_divergence, docstring=False)

# %% [markdown]
# ## Huang's network, and what its notebook does
#
# Huang's VAE is as plain as can be: all pixels, 128 hidden units, a mean and a log-variance of 4 numbers each, 128
# hidden units, all pixels. At 200 pixels that makes 30,841,800 weights.

# %%
f2s.show_source(variational.dense_vae, docstring=False)
print(f"{f2s.methods.get('huang-vae').parameters():,} weights")

# %% [markdown]
# The paper says of its loss: "the ratio used in this paper is one to one, in other words, the total loss is the average
# of the reconstruction loss and the KL divergence loss". Its released notebook does something else, and more than one
# thing:
#
# - the output is compared with the **photo**, not with the sketch;
# - the noise has standard deviation **0.1**, not 1;
# - one output $s$ is taken for a log-*variance* in the divergence and for a log-*deviation* in the draw, $z = \mu + e^{s} \cdot 0.1\,\varepsilon$;
# - nothing bounds $s$, and $e^{s}$ overflows.
#
# The register holds three networks, alike but for this. `huang-vae` repeats the notebook (only that it answers with the
# *mean* code; the notebook draws one at prediction too, so that a photo has another answer each time).
# `huang-vae-corrected` learns the sketch and takes the paper at its word: mean cross-entropy and divergence, one to
# one. `huang-vae-elbo` is the bound that we derived, with the cross-entropy *summed* over the picture, as the logarithm
# of a likelihood is.
#
# ### How often does it break?
#
# Ten seeds, five steps each: the first steps decide. Faces of 160 pixels, for this accident needs many inputs. Then
# those seeds that broke once more, with nothing changed but a bound on $s$.

# %%
from face2sketch.keras_quietly import keras
from face2sketch.training.losses import PictureLoss

count, side = f2s.choose(smoke=(4, 32), book=(24, 160), paper=(128, 200))
large = f2s.data.synthetic(n=count, size=side, seed=1).photos / np.float32(255)
first_steps = f2s.choose(2, 5, 10)


def first_losses(seeds, **options):
    """For each seed, the losses of the first steps towards the input photo, up to one that is not finite."""
    networks, runs = variational.dense_vae(large.shape[1:], **options), {}
    model = networks.trained
    model.compile(keras.optimizers.Adam(1e-3), PictureLoss("bce_sum", networks.logits), jit_compile=True)
    model.optimizer.build(model.trainable_variables)
    state = [np.array(keras.ops.convert_to_numpy(v)) for v in model.optimizer.variables]
    for seed in seeds:
        keras.utils.set_random_seed(seed)
        model.set_weights(variational.dense_vae(large.shape[1:], **options).trained.get_weights())
        for variable, value in zip(model.optimizer.variables, state, strict=True):
            variable.assign(value)
        runs[seed] = []
        while len(runs[seed]) < first_steps and np.isfinite(runs[seed]).all():
            model.reset_metrics()
            runs[seed].append(float(np.ravel(model.train_on_batch(large, large))[0]))
    return runs


# %%
published_runs = first_losses(range(f2s.choose(2, 10, 10)), as_published=True)
for seed, run in published_runs.items():
    print(f"seed {seed}: " + ", ".join(f"{loss:.3g}" for loss in run))
broken = [seed for seed, run in published_runs.items() if not np.isfinite(run[-1])]
print(f"{len(broken)} of {len(published_runs)} seeds end in NaN or infinity")

# %%
bounded_runs = first_losses(broken[: f2s.choose(1, 5, 10)], noise_std=0.1, log_sigma=True)
for seed, run in bounded_runs.items():
    print(f"seed {seed}, s bounded: " + ", ".join(f"{loss:.3g}" for loss in run))

# %% [markdown]
# Why so early? Adam's first step moves *every* weight by about the learning rate, 0.001, in the direction that lowers
# the loss. A hidden unit has one weight for each of the 76,800 numbers of the picture, and where these agree on the
# direction they move the unit by up to $76{,}800 \cdot 0.5 \cdot 0.001 \approx 38$. It feeds $s$, and $e^{s}$ does the
# rest. Some seeds are thrown to the other side, or come back, and are saved. A bound takes the exponential out of it:
# with $s/(1 + |s|/8)$ a variance lies between $e^{-8}$ and $e^{8}$, whatever the first step did, and unlike a
# hyperbolic tangent the bound never goes quite flat: what was thrown far out can still come back. It is part of all
# that follows.
#
# ### What each of the three learns

# %%
size = f2s.choose(smoke=32, book=64, paper=128)
pairs = f2s.data.synthetic(n=f2s.choose(smoke=24, book=120, paper=600), size=size, seed=3)
train, test = pairs.split(test=0.2, seed=0)
dense = {"batch_size": 32, "epochs": f2s.choose(smoke=1, book=50, paper=500), "progress": False}
huang = {
    name: f2s.fit(name, train, **dense) for name in ("huang-vae", "huang-vae-corrected", "huang-vae-elbo")
}

# %%
import pandas as pd


def examine(fitted, people):
    """What a dense VAE's code carries, how much its answers differ, and their scores against the sketch."""
    artist = people.sketches / np.float32(255)
    outputs = fitted.translate(people.photos)
    code = variational.posterior(fitted, people.photos)
    return {
        "KL (nats)": keras.ops.convert_to_numpy(variational.kl_divergence(*code)).mean(),
        "between people": outputs.std(axis=0).mean(),  # a pixel's deviation from person to person
        "MSE": f2s.metrics.mse(artist, outputs).mean(),
        "SSIM": f2s.metrics.ssim(artist, outputs).mean(),
    }


examined = {name: examine(fitted, test) for name, fitted in huang.items()}
bars = {
    name: f2s.fit(name, train) for name in ("median-target", "copy-input", "grey-gain", "ridge", "nearest-10")
}
pd.DataFrame.from_dict(examined, orient="index").round(4)

# %% mystnb={"image": {"alt": "Photos of four people, the artist's sketches, and three networks' answers: huang-vae draws blurred grey portraits like photos, huang-vae-corrected the same blurred grey sketch for everybody, huang-vae-elbo blurred sketches that differ in hair and outline"}}
f2s.plots.contact_sheet(test, huang, rows=4)

# %% [markdown]
# **As published**, it learns what it is asked for: photos, here shown in grey like every answer that is meant to be a
# sketch. As sketches they have nearly twice the squared error of the next network's answers. That is what the paper's table
# shows too: its VAE has twice the error of its plain autoencoder. **The paper's words** fail in another way. Divergence: zero
# nats. Everybody gets the same face; the code says nothing, and the decoder has learned to do without. This is a **collapsed
# posterior**. **The bound** gives blurred sketches that differ from person to person, and its code carries tens of nats.
#
# What separates the last two is one word, *mean*. Keras' cross-entropy is a mean over the numbers of the picture,
# 12,288 at 64 pixels, 120,000 at 200. The divergence is a sum. "One to one" between them is, in the terms of the bound,
# a divergence that weighs 120,000 times too much. With such a price on each nat the best code is none.
#
# ## The price of a nat
#
# So the two networks are two settings of one dial. With a weight $\beta$ on the divergence (Higgins and others, 2017),
#
# $$\text{loss} = -\mathbb{E}_{q}[\log p(x \mid z)] + \beta \; \mathrm{KL},$$
#
# $\beta = 1$ is the bound, and the number of numbers in a picture is "one to one with a mean". We turn the dial, with a code of
# 16 numbers.

# %%
betas = f2s.choose(smoke=[100], book=[0.1, 1, 10, 30, 100], paper=[0.1, 1, 10, 30, 100, 1000])
dial = [f2s.fit("huang-vae-elbo", train, latent=16, beta=float(beta), **dense) for beta in betas]
turned = pd.DataFrame([examine(fitted, test) for fitted in dial], index=pd.Index(betas, name="beta"))
turned.round(4)

# %% mystnb={"image": {"alt": "Divergence in nats against the common logarithm of beta: a falling curve that reaches zero at the right end"}}
f2s.plots.curve(np.log10(betas), turned["KL (nats)"], "log10 of beta", "KL (nats)", marks=True)

# %% mystnb={"image": {"alt": "The artist's sketch and one answer for each beta: for small beta a blurred face with the right hair, for large beta a grey average face"}}
shown = [test.sketches[2] / np.float32(255), *(fitted.translate(test.photos[2:3])[0] for fitted in dial)]
f2s.plots.grid(shown, ["the artist", *(f"beta {beta:g}" for beta in betas)], columns=len(betas) + 1)

# %% [markdown]
# From left to right the code is squeezed out, and the face with it. At 100 only the average remains, and "one to one" with a
# mean asks for a $\beta$ of 12,288. In between is the trade-off: fewer nats, a blurrier face. Blurred, because the likelihood
# treats pixels as independent, and what the code does not say is averaged. For these scores the cheapest code is the best:
# translating a photo never draws from the prior, so nothing here is gained by codes that are normally distributed. That is the
# honest answer to what a plain VAE brings to this task. It begins to pay when a code says *more* than the photo, and has to be
# drawn.
#
# ## Why Venkatesh's failed
#
# Venkatesh writes of the VAE that "the model failed to predict images correctly", and prints neither layers nor losses
# nor pictures. There are three suspects: the mean loss that we have just met; the mean *absolute* error, which the
# report found best for its other networks; an unbounded log-variance. We build its dense autoencoder's layers (256,
# 128, 64, 32), with mean and log-variance for the code of 32, at three quarters of our size, and change one thing at a
# time.

# %%
trials = {
    "mean MAE + KL": {},
    "mean BCE + KL": {"loss": "bce"},
    "mean MAE, no KL": {"beta": 0.0, "noise_std": 0.0},
    "summed MAE + KL": {"loss": "mae_sum"},
    "summed BCE + KL": {"loss": "bce_sum"},
    "summed BCE + KL, unbounded": {"loss": "bce_sum", "bound": None},
}
small_train, small_test = train.resize(size * 3 // 4), test.resize(size * 3 // 4)
middle = f2s.fit("median-target", small_train).translate(small_test.photos)
venkatesh = {}
for name in list(trials)[: f2s.choose(1, 6, 6)]:
    fitted = f2s.fit("venkatesh-vae", small_train, **dense, **trials[name])
    away = np.abs(fitted.translate(small_test.photos) - middle).mean()
    venkatesh[name] = examine(fitted, small_test) | {"from the median": away}
pd.DataFrame.from_dict(venkatesh, orient="index").round(4)

# %% [markdown]
# Look at the column *between people*. With a mean as its loss and the divergence beside it, the network draws one
# picture for everybody, whether the error is absolute or a cross-entropy: the code is worth zero nats. Leave the
# divergence out, or take the sum, with everything else as it was, and people differ. The bound on the variance changes
# little here. The absolute error is a second, milder cause: with the divergence or without, its answers stay near the
# median sketch and differ less.
#
# So the plain reading of the report, its layers, its loss, Keras' means, is enough to fail as described. It is a
# mechanism, not a proof: what was run there is not known.
#
# ## A conditional autoencoder
#
# All these codes pass on what is in the photo. What we asked for at the start is the opposite: a code for what is *not*
# in it. Sohn and others (2015) condition everything on the input $x$ and look for the likelihood of the answer $y$:
#
# $$\log p(y \mid x) \ge \mathbb{E}_{q}[\log p(y \mid x, z)] - \mathrm{KL}\big(q(z \mid x, y)\,\|\,p(z)\big).$$
#
# In training $q$ sees **both** pictures, the question and the answer. What can be learned from the question the decoder learns for nothing,
# from convolutions down and up again with skip connections (a U-Net, chapter 7); what it lacks it must buy through $z$, nat by nat. In use there is no answer to look at:
# $z$ comes from the prior. $z = 0$ gives a typical answer, and draws give others.
#
# For a normal likelihood of variance $\sigma^2$, $-\log p(y \mid x, z)$ is the sum of squared errors divided by
# $2\sigma^2$, plus a constant. So the loss "mse_sum" goes with a divergence of weight $2\sigma^2$. $\sigma$ says how
# much of the error is noise not worth a code. We take it several times larger than the errors that are left, because
# the errors of neighbouring pixels are not independent; and larger from sketch to photo, where so much is open that a
# cheap code would do the work before the decoder has learned to read the sketch.

# %%
f2s.show_source(variational.conditional_vae, variational._conditional_decoder, docstring=False)

# %%
import time

steps = {"batch_size": 8, "epochs": 1000, "max_steps": f2s.choose(2, 500, 4000), "progress": False}
sigma = {"photo2sketch": 0.6, "sketch2photo": 1.0}
cvae, plain = {}, {}
for task in f2s.TASKS:
    began = time.perf_counter()
    cvae[task] = f2s.fit("conditional-vae", train, task, sigma=sigma[task], learning_rate=2e-3, **steps)
    halfway = time.perf_counter()
    plain[task] = f2s.fit("skubisz-conv", train, task, **steps)
    print(f"{task}: {halfway - began:.0f} s, and {time.perf_counter() - halfway:.0f} s for skubisz-conv")
print(cvae["sketch2photo"])

# %% [markdown]
# ## Several answers
#
# The answer for $z = 0$, four draws of the code, and how much 24 draws differ at each pixel.


# %%
def answers(task, people, n=24):
    """Rows of a figure: input, real answer, z = 0, four draws, and the deviation of all n draws at each pixel."""
    chosen = test[people]
    inputs, targets = chosen.inputs(task), chosen.targets(task)
    drawn = variational.sample(cvae[task], inputs, n, seed=1)
    spread = drawn.std(axis=1).mean(axis=-1)
    typical = cvae[task].translate(inputs)
    rows = [
        [inputs[i], targets[i], typical[i], *drawn[i, :4], np.clip(4 * spread[i], 0, 1)]
        for i in range(len(people))
    ]
    titles = ["given", "real", "z = 0", "a draw", "another", "another", "another", "deviation (x4)"]
    tiles = [tile for row in rows for tile in row]
    figure = f2s.plots.grid(tiles, titles + [""] * (len(tiles) - len(titles)), columns=len(titles))
    return figure


# %% mystnb={"image": {"alt": "Three sketches, the real photos, the answer for z = 0, four drawn photos each, and a map of their deviation: the draws differ in the colour of the background and the tint of the skin, the features of a face stay"}}
answers("sketch2photo", [0, 1, 2])

# %% mystnb={"image": {"alt": "Three photos, the artist's sketches, the answer for z = 0, four drawn sketches each, nearly alike, and a dark map of their deviation with faint outlines and hair"}}
answers("photo2sketch", [0, 1, 2])

# %%
for task, fitted in cvae.items():
    mean, log_variance = variational.posterior(fitted, test.inputs(task), test.targets(task))
    nats = 0.5 * (np.exp(log_variance) + mean**2 - 1 - log_variance).mean(axis=0)
    drawn = variational.sample(fitted, test.inputs(task), 24)
    error = np.abs(fitted.translate(test.inputs(task)) - test.targets(task) / np.float32(255))
    agree = np.corrcoef(drawn.std(axis=1).ravel(), error.ravel())[0, 1]
    print(
        f"{task}: {nats.sum():.1f} nats, {(nats > 0.1).sum()} of {len(nats)} numbers of the code in use; a pixel of the draws "
        f"deviates by {255 * drawn.std(axis=1).mean():.1f} grey levels, correlation with the error {agree:.2f}"
    )

# %% [markdown]
# From sketch to photo the network has found out by itself what a sketch does not say: features and outline stay,
# background and tint of the skin change from draw to draw. From photo to sketch there is less to choose. The draws
# hardly differ to the eye, fewer nats are spent, and the deviations lie along outlines and in the hair, where the
# artist's hand was free. There the map also tells something about where the answer is wrong, as the correlation says;
# for the photos it tells less.
#
# ## A walk through the code
#
# Each number of the code that is in use has learned something. We take the three that carry most, and walk along each
# from -2.5 to 2.5 with the others at zero.

# %%
task = "sketch2photo"
mean, log_variance = variational.posterior(cvae[task], train.inputs(task), train.targets(task))
nats = 0.5 * (np.exp(log_variance) + mean**2 - 1 - log_variance).mean(axis=0)
stops, people = np.linspace(-2.5, 2.5, 7), test.inputs(task)[:4]
walks = {}
for place, number in enumerate(np.argsort(nats)[::-1][:3]):
    frames = []
    for stop in stops:
        codes = np.zeros((len(people), len(nats)))
        codes[:, number] = stop
        frames.append(np.concatenate(list(variational.decode(cvae[task], codes, people)), axis=1))
    name = ("the first number", "the second", "the third")[place]
    walks[name] = [np.kron(frame, np.ones((2, 2, 1))) for frame in frames]
words = {name: [f"Four people, {name} of the code at {stop:+.1f}" for stop in stops] for name in walks}
labels = [f"z = {stop:+.1f}" for stop in stops]
f2s.widgets.choices(walks, labels, "walk along", "number", alt=words, width=640)

# %% [markdown]
# Each direction changes all four people alike: backgrounds from grey to blue, the light from cold to warm, skin from
# dark to light. Features stay where the sketch has them. The directions are not pure, though: background and skin move
# together. Nobody told the code to sort what it learns into things that have a name.

# %% [markdown]
# ## What it is worth
#
# The answer for $z = 0$ beside the baselines, and beside a network of chapter 3 with as many steps of training. Two
# more rows show what scores think of draws: one draw per person, and the mean of 24.

# %%
results = {}
for task in f2s.TASKS:
    drawn = variational.sample(cvae[task], test.inputs(task), 24, seed=2)
    entries = {bar: f2s.fit(bar, train, task) for bar in bars}
    entries |= {"conditional-vae": cvae[task], "skubisz-conv": plain[task]}
    entries |= {"one draw": lambda _, d=drawn: d[:, 0], "mean of 24 draws": lambda _, d=drawn: d.mean(axis=1)}
    if task == "photo2sketch":
        entries |= {name: huang[name] for name in ("huang-vae", "huang-vae-elbo")}
    results[task] = f2s.compare(entries, test, task)
    nearest = ((drawn - test.targets(task)[:, None] / 255) ** 2).mean(axis=(2, 3, 4)).min(axis=1).mean()
    print(f"{task}: MSE {nearest:.4f} for the best of 24 draws, chosen by somebody who knows the answer")
results["photo2sketch"].sort_values("mse").round(4)

# %%
results["sketch2photo"].sort_values("mse").round(4)

# %% mystnb={"image": {"alt": "SSIM from sketch to photo, a dot with an interval for each method: conditional-vae and the mean of its draws on top, then the baselines"}}
f2s.plots.scores(results["sketch2photo"], "ssim", title="Sketch to photo")

# %% [markdown]
# The conditional autoencoder is the best of both tables in squared error, with intervals that overlap those of the
# convolutional network of chapter 3, and in structure it lies well above that network. (Each has its own learning rate,
# 0.002 and 0.001, and as many steps; the conditional one is larger and has skip connections, so not all of the gain is
# the code's.) Of the plain VAEs the published one is below the photo itself (`copy-input`), and the bound stays behind
# the linear regression.
#
# A single draw scores worse than $z = 0$. That need be no defect of the draws: if truth and draw come from the same
# distribution, the draw has *twice* the squared error of its mean. A score that asks for one picture rewards the
# average, and punishes whoever commits to one of several good answers. Somebody who knows the truth and may choose
# among 24 draws finds a better one than the average, by a third from sketch to photo.
#
# These are drawn faces. Their backgrounds come in a few colours, chosen independently of everything else, which is just
# what a code can carry. How the same networks do on photographs of students is on the page [what the real pairs
# say](../book/real_pairs.md).
#
# ## Where it fails
#
# **It blurs.** A normal likelihood around the output, pixel by pixel, asks for the average of what the code does not
# say. Sixteen numbers cannot say where each stroke goes, and a draw is hardly sharper than $z = 0$ or than a network
# without a code.


# %%
def detail(pictures):
    """Mean absolute difference of horizontal neighbours, in grey levels."""
    return 255 * np.abs(np.diff(pictures.mean(axis=-1), axis=2)).mean()


drawn = variational.sample(cvae["photo2sketch"], test.photos, 1)[:, 0]
sheets = {"one draw": drawn, "z = 0": cvae["photo2sketch"].translate(test.photos)}
sheets["skubisz-conv"] = plain["photo2sketch"].translate(test.photos)
for name, pictures in sheets.items():
    print(f"{name:13} {detail(pictures) / detail(test.sketches / 255):.0%} of the artist's detail")

# %% [markdown]
# **What it draws in training it does not draw in use.** In training the code comes from $q$, which has seen the answer;
# in use from the prior. Where the codes of all training pictures together do not fill the prior, some draws fall where
# the decoder has never been. How well do they fill it?

# %%
for task, fitted in cvae.items():
    mean, log_variance = variational.posterior(fitted, train.inputs(task), train.targets(task))
    whole = np.sqrt(mean.var(axis=0) + np.exp(log_variance).mean(axis=0))  # of the mixture of all q
    seen = variational.decode(fitted, mean, train.inputs(task))
    unseen = fitted.translate(train.inputs(task))
    target = train.targets(task) / np.float32(255)
    print(
        f"{task}: deviations of the code {whole.min():.2f} to {whole.max():.2f} (prior: 1), means {np.abs(mean.mean(axis=0)).max():.2f} "
        f"from 0 at most; MSE {((seen - target) ** 2).mean():.4f} with the answer's code, {((unseen - target) ** 2).mean():.4f} with z = 0"
    )

# %% [markdown]
# Near 1 and near 0, but not there: the codes of the training pictures leave some of the prior empty, and draws fall
# there too. How far the decoder leans on the code shows in the last two numbers: with a code that has seen the answer,
# the squared error from sketch to photo is less than half of that with $z = 0$. A smaller $\sigma$ widens this gap,
# until $z = 0$ is no good answer any more. Try `sigma=0.3`.
#
# ## Exercises
#
# ### Exercise 1: the divergence
#
# Compute the divergence of $N(\mu, e^{s})$ from the standard normal, for codes of N pictures.
#
# <details><summary>Hint</summary>
#
# The formula is above. The numbers of a code are independent, so their divergences add up; one result for each picture.
#
# </details>


# %%
def divergence(mean: np.ndarray, log_variance: np.ndarray) -> np.ndarray:
    """Nats for each row of codes (N, D)."""
    raise NotImplementedError


f2s.checks.chapter04.kl_divergence(divergence)


# %% tags=["hide-input"] cellView="form"
# @title Solution to exercise 1
def divergence_solution(mean, log_variance):
    return 0.5 * (np.exp(log_variance) + mean**2 - 1 - log_variance).sum(axis=1)


f2s.checks.chapter04.kl_divergence(divergence_solution)

# %% [markdown]
# ### Exercise 2: a draw that can be learned
#
# From mean, log-variance and standard normal noise, make a draw. Then compare with Huang's: what would his cost in
# exercise 1?
#
# <details><summary>Hint</summary>
#
# $e^{s}$ is a variance. What is multiplied by the noise is a deviation, its root.
#
# </details>


# %%
def draw(mean: np.ndarray, log_variance: np.ndarray, noise: np.ndarray) -> np.ndarray:
    raise NotImplementedError


f2s.checks.chapter04.reparameterised(draw)


# %% tags=["hide-input"] cellView="form"
# @title Solution to exercise 2
def draw_solution(mean, log_variance, noise):
    return mean + np.exp(log_variance / 2) * noise


f2s.checks.chapter04.reparameterised(draw_solution)

# %% [markdown]
# <details><summary>What Huang's draw would cost</summary>
#
# At $\mu = s = 0$ his formula charges nothing. But his noise is multiplied by $0.1\, e^{s}$, so what he draws has the variance
# $0.01\, e^{2s}$, there 0.01. In exercise 1 that costs $\tfrac12 (0.01 - 1 - \ln 0.01) = 1.81$ nats for each number of the code: it tells
# more than is paid for.
#
# </details>
#
# ### Exercise 3: the bound without a single draw
#
# For the picture of one pixel at the start, $z \sim N(0, 1)$ and $x \sim N(z, \sigma^2)$, the bound has a closed form for
# $q = N(\mu, v)$. Write it. It must touch $\log p(x)$ for the true posterior and lie below for every other.
#
# <details><summary>Hint</summary>
#
# $\mathbb{E}_q (x - z)^2 = (x - \mu)^2 + v$. Do not forget the constant of the normal density.
#
# </details>


# %%
def bound(x: float, mean: float, variance: float, sigma: float) -> float:
    raise NotImplementedError


f2s.checks.chapter04.evidence_bound(bound)


# %% tags=["hide-input"] cellView="form"
# @title Solution to exercise 3
def bound_solution(x, mean, variance, sigma):
    rebuilt = -0.5 * np.log(2 * np.pi * sigma**2) - ((x - mean) ** 2 + variance) / (2 * sigma**2)
    return rebuilt - 0.5 * (variance + mean**2 - 1 - np.log(variance))


f2s.checks.chapter04.evidence_bound(bound_solution)

# %% [markdown]
# ## What to take away
#
# - The bound has two terms: how well the picture is rebuilt from a draw, and what the code costs in nats. Its gap is the distance of $q$
#   from the true posterior.
# - A draw written as $\mu + \sigma\varepsilon$ has a gradient.
# - A mean where the bound has a sum multiplies the price of the code by the number of numbers in the picture, and the code collapses.
#   Measure it: nats, and the deviation between people.
# - An exponential of an unbounded number breaks on the first large step. Bound it smoothly.
# - A conditional code learns what the input does not say. Draws are worse than the average by any score that wants one picture, and better by
#   what they show.
#
# ## References
#
# - D. P. Kingma, M. Welling (2014), *Auto-Encoding Variational Bayes*. [arXiv:1312.6114](https://arxiv.org/abs/1312.6114)
# - D. J. Rezende, S. Mohamed, D. Wierstra (2014), *Stochastic Backpropagation and Approximate Inference in Deep Generative Models*.
#   [arXiv:1401.4082](https://arxiv.org/abs/1401.4082)
# - K. Sohn, H. Lee, X. Yan (2015), *Learning Structured Output Representation using Deep Conditional Generative Models*, NeurIPS.
# - I. Higgins and others (2017), *beta-VAE: Learning Basic Visual Concepts with a Constrained Variational Framework*, ICLR.
# - S. R. Bowman and others (2016), *Generating Sentences from a Continuous Space*, where the collapse of the code is described.
#   [arXiv:1511.06349](https://arxiv.org/abs/1511.06349)
# - Y.-C. Huang, P. Thirthahalli Venkatesh: coursework reports; their tables are in `f2s.published`.
