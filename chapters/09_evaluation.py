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
# # What the numbers are worth
#
# [![Open in Colab](https://colab.research.google.com/assets/colab-badge.svg)](https://colab.research.google.com/github/face2sketch/face2sketch/blob/main/chapters/09_evaluation.ipynb)
#
# **The question.** Every paper of this course ends in a table, and in every table its own system is on top. Which of two
# systems draws people better, and how would we know?
#
# You will be able to
#
# - say what a metric punishes, by provoking it;
# - explain why a picture of nobody in particular scores well;
# - tell apart a distance between pictures and a distance between sets of pictures;
# - test whether a difference is one, among many comparisons;
# - measure what police work needs, whether a sketch can be recognised, and ask people in a way that can be trusted.
#
# | | Two CPU cores (`book`) | Colab T4 (`paper`) |
# |---|---|---|
# | Time | about 3 minutes | not measured yet |
# | Needs | TensorFlow and PyTorch, the built-in faces; weights of LPIPS and Inception only for extra columns | the same |

# %% tags=["setup"]
import sys

if "google.colab" in sys.modules:  # Colab has the frameworks, but not the course's library
    library = "git+https://github.com/face2sketch/face2sketch#subdirectory=shared_lib"
    get_ipython().run_line_magic("pip", f"install -q --no-deps {library}")
import face2sketch as f2s

# %% [markdown]
# ## Fifteen numbers for one drawing
#
# This is what the library can say of a drawing and its target, and how each number is made. The settings are half of the meaning: an
# SSIM without its window, its range and its treatment of colour can be compared with no other
# ([notation](../book/notation.md) has all definitions).

# %%
import pandas as pd

register = [
    (m.label, "higher" if m.higher_is_better else "lower", m.settings) for m in f2s.metrics.METRICS.values()
]
pd.DataFrame(register, columns=["metric", "better", "computed as"]).set_index("metric").style

# %% [markdown]
# Which of them should one believe? A metric is an instrument, and instruments are tested by measuring what one knows
# already. We take true sketches, spoil them in known ways, and read off what each metric says.

# %% mystnb={"image": {"alt": "One built-in sketch, and ten spoiled forms of it: blurred a little and blurred, moved by one and by three pixels, noisy, with half the contrast, darker, flat grey, a ghostly median of other people, and another person's sketch"}}
import numpy as np

people = f2s.data.synthetic(n=f2s.choose(6, 24, 100), size=f2s.choose(64, 192, 250), seed=9)
truth = people.sketches / 255.0
spoiled = {"the true sketch": truth}
for name, spoil in f2s.provocations.PROVOCATIONS.items():
    spoiled[name] = spoil(truth, np.random.default_rng(0))
f2s.plots.grid([pictures[1] for pictures in spoiled.values()], list(spoiled), columns=6)

# %% [markdown]
# Nobody would hesitate here. The first seven are the same person, drawn well and shown badly; the last three are not a portrait of this
# person at all. A metric in which *being somebody else* costs more than *being shown badly* would agree with us. To read all of them
# side by side we need one unit. Let 0 be the true sketch and 1 be another person's: what does each metric charge?

# %%
here = f2s.weights.table()["found"] != "not on this machine"
names = ["mse", "mae", "ssim", "fsim", "scoot"]
if people.size[0] >= 176:  # MS-SSIM halves the picture four times
    names.insert(3, "ms_ssim")
if here["lpips-alex"] or here["alexnet"]:
    names.append("lpips")
charged = f2s.provocations.provoke(people.sketches, names)
charged.round(3)

# %% mystnb={"image": {"alt": "Table of ten provocations against the metrics, coloured by the charge: MSE is pale for blur, shift and noise; SSIM charges nine tenths of another person for noise and hardly anything for darkness; SCOOT charges as much as another person for a slight blur and for half the contrast"}}
prices = f2s.provocations.against_somebody_else(charged)
f2s.plots.heat(prices, high=1.2, note="0: the true sketch.   1: charged as much as another person's sketch.")

# %% [markdown]
# Read it column by column.
#
# - **MSE** does not mind blur. Whoever is not sure where a stroke lies does best to smear it: that is what made all networks of
#   chapters 2 to 6 draw in fog.
# - **SSIM** does not mind darkness, and hates noise: its window compares contrasts, and on blank paper there is nothing but
#   the noise to compare. A displacement of 3 pixels costs four fifths of a stranger.
# - **MS-SSIM** looks from further away as well, and forgives more of this than SSIM does, the noise above all.
# - **FSIM** is blind to brightness by design. Edges that are blurred and edges that have moved are much the same to it.
# - **SCOOT** compares the texture of strokes in sixteen blocks. A shift costs little. A blur that one can hardly see costs
#   nearly as much as a stranger, for a *stranger's sketch is an excellent sketch*. It judges the hand and not the sitter.
#
# And read it row by row. A measure of likeness would charge less for each of the seven portraits of the right person than for any of the three of
# nobody. MSE, MAE, MS-SSIM and FSIM pass this test; SSIM fails on noise, SCOOT on blur, noise and contrast. But a fog in which
# no stroke is left costs MSE an eleventh of a stranger, and MS-SSIM less than a fifth. To minimise such a measure is to draw the fog. **Each metric is right about something and blind to something else**, and a network finds the blind spot.
#
# ## Why nobody's portrait scores well
#
# The *median of the others* is one grey ghost for everybody. In SSIM it costs about as much as noise that
# leaves the person recognisable, and chapters 1 to 8 had to admit again and again that it beats trained networks. Where do its points
# come from? SSIM is a mean over windows, so we can look at the windows.

# %% mystnb={"image": {"alt": "A sketch, the median of other people, and the map of their SSIM: white over the paper around the head, dark over hair, cheeks and mouth, bright spots in the eyes"}}
from skimage.metrics import structural_similarity

ghost = spoiled["median of the others"]
setting = {
    "data_range": 1.0,
    "gaussian_weights": True,
    "sigma": 1.5,
    "use_sample_covariance": False,
    "full": True,
}
maps = [structural_similarity(t[..., 0], g[..., 0], **setting)[1] for t, g in zip(truth, ghost)]
f2s.plots.grid(
    [truth[1], ghost[1], np.clip(maps[1], 0, 1)], ["the sketch", "the median", "SSIM, window by window"]
)

# %%
inside = np.s_[:, 5:-5, 5:-5]  # SSIM leaves out the border, where its window hangs over the edge
paper = truth[..., 0][inside] > 0.9  # where the artist drew nothing
print(f"blank paper: {paper.mean():.0%} of a sketch")
for name in ("median of the others", "blurred", "noise", "moved by 3 px"):
    pairs = zip(truth[..., 0], spoiled[name][..., 0])
    maps = np.stack([structural_similarity(t, g, **setting)[1] for t, g in pairs])[inside]
    on, off, both = maps[paper].mean(), maps[~paper].mean(), maps.mean()
    print(f"{name:21} SSIM on paper {on:.3f}, on strokes {off:.3f}, all {both:.3f}")

# %% [markdown]
# On most of the blank paper the ghost is nearly perfect, and paper is a large part of every sketch; what pulls its mean down there is paper beside other people's
# hair. Where there are strokes it is nearly as wrong as an unrelated picture. The mean of both is what a table prints. Noise has the opposite profile. (This is also why a
# *smooth* answer does well: where SSIM's window finds no contrast in either picture, the score is decided by brightness alone.)
#
# ## Sets are not their members
#
# Not every metric asks for this person's target. FID, the most cited figure for generated pictures, compares two *sets*: it takes
# features of all pictures by a trained network, fits a normal distribution to each set, and measures the distance between these two.
# KID compares the features without the normal distribution. Both want the Inception network of 2015, a file of 96 MB:

# %%
import textwrap

for metric in f2s.metrics.SET_METRICS.values():
    print(f"{metric.label}: {metric.settings}")
try:
    f2s.weights.locate("inception-fid", download=False)
    print("\nInception's weights are here:", round(f2s.metrics.get_set("fid").function(truth, ghost), 1))
except f2s.DownloadError as missing:
    print("\n" + textwrap.fill(str(missing), 110, break_on_hyphens=False, break_long_words=False))

# %% [markdown]
# Their logic can be studied with any features. We take the 32 numbers per picture that SCOOT compares (contrast and energy of each
# block) and measure the same two distances between the *set* of true sketches and a set of spoiled ones. This is not FID, and its
# numbers compare with nobody's FID.

# %%
from face2sketch.metrics.distributions import frechet_distance, kernel_distance
from face2sketch.metrics.scoot import texture

features = {name: texture(pictures) for name, pictures in spoiled.items()}
true = features["the true sketch"]
sets = {
    name: (frechet_distance(true, other), kernel_distance(true, other)[0]) for name, other in features.items()
}
pd.DataFrame.from_dict(sets, orient="index", columns=["Frechet distance", "kernel distance"]).round(3)

# %% [markdown]
# *Somebody else* is at distance zero: every drawing is of the wrong person, and the set is the same. Nothing in FID knows who was to be
# drawn. In return it sees blur and noise that are spread over a whole set as what they are, another way of drawing.
#
# (The kernel distance of a set from itself is a little below 0: it leaves each picture's comparison with itself out within a set, and meets it again
# between the two copies. It is meant for two separate samples.)
#
# And a second trap: the Frechet distance of finite sets is biased. We draw two samples from *one* source, whose distance should be 0,
# and vary how many pictures each has.

# %% mystnb={"image": {"alt": "Distance between two separate samples of true sketches against the number in each: the Frechet distance falls steadily from a high value towards zero as sets grow, the kernel distance stays at zero"}}
many = f2s.data.synthetic(n=f2s.choose(16, 240, 1000), size=64, seed=10)
points = texture(many.sketches / 255.0)
sizes = [count for count in (4, 8, 15, 30, 60, 120, 250, 500) if 2 * count <= len(points)]
lines = {"Frechet distance": [], "kernel distance": []}
for count in sizes:
    draws = [np.random.default_rng(seed).permutation(len(points)) for seed in range(20)]
    halves = [(points[order[:count]], points[order[count : 2 * count]]) for order in draws]
    lines["Frechet distance"].append(np.mean([frechet_distance(a, b) for a, b in halves]))
    lines["kernel distance"].append(np.mean([kernel_distance(a, b, subsets=10)[0] for a, b in halves]))
f2s.plots.curve(sizes, lines, "pictures in each", "distance of two samples of one kind", marks=True)

# %% [markdown]
# With few pictures two samples of the same kind look different; the more so the more features there are (not shown here), and FID has 2,048. Duan's FIDs do not
# say from how many pictures; the field's usual tests have 338 and 944, and a covariance of 2,048 features from so few is singular. So an FID is comparable only with one
# from the same reference set and equally many pictures, and even then roughly: the bias differs between systems (Chong and Forsyth 2020). KID, by its
# construction, is around 0 for two samples of one kind, whatever their size.
#
# ## A league of our own
#
# Now the instruments go to work. One system of each family of this course, and what there was before networks: **LLE** (2005) looks up, for each
# patch of the photo, the five most similar patches of training photos, and mixes the pieces of sketch that belong to them.
# Nothing is trained. `fast-rslcr` (2018) does it with a random sample of patches instead of the nearest.

# %%
f2s.show_source(f2s.exemplars.lle, f2s.exemplars._embed, docstring=False)

# %%
import time

size, count = f2s.choose(32, 64, 128), f2s.choose(12, 100, 400)
pairs = f2s.data.synthetic(n=count + f2s.choose(8, 40, 100), size=size, seed=11)
train, test = pairs[:count], pairs[count:]
steps = {"batch_size": 8, "progress": False}
narrow = {"width": f2s.choose(8, 16, 64), "progress": False}
systems = {
    "huang-dae": {"epochs": f2s.choose(1, 60, 400), **steps},
    "skubisz-conv": {"epochs": f2s.choose(1, 60, 200), **steps},
    "fcn": {"epochs": f2s.choose(1, 15, 100), **steps},
    "conditional-vae": {"epochs": f2s.choose(1, 30, 300), **steps},
    "pix2pix": {"epochs": f2s.choose(1, 16, 200), "batch_size": 4, "learning_rate": 1e-3, **narrow},
    "duan-no-cycle": {"epochs": f2s.choose(1, 10, 100), "batch_size": 4, "weights": "random", **narrow},
    "draft-and-refine": {"epochs": f2s.choose(1, 6, 20), "levels": 3, "weights": "random", **narrow},
}
untrained = ["lle", "fast-rslcr", "ridge", "nearest-10"]
untrained += ["grey-gain", "copy-input", "median-target", "filter-dodge"]
print(f"{len(train)} people to learn from, {len(test)} to be judged on, {size} px")


# %%
def enter(task):
    """Train every system in one direction; outputs and scores by name."""
    outputs = {}
    for name, options in ({n: {} for n in untrained if task in f2s.methods.get(n).tasks} | systems).items():
        began = time.perf_counter()
        outputs[name] = f2s.fit(name, train, task, **options).translate(test.inputs(task))
        seconds[name, task] = time.perf_counter() - began
    return outputs


seconds = {}
drawn = enter("photo2sketch")
print(pd.Series({name: took for (name, _), took in seconds.items()}).round(1).to_string())

# %% mystnb={"image": {"alt": "Two test people, each with the photo, the artist's sketch and the drawings of all systems, in bands: exemplar drawings with crisp strokes and seams, networks' drawings blurred, pix2pix with dark strokes, the median the same ghost for all"}}
f2s.plots.contact_sheet(test, drawn, rows=2)

# %%
measures = ("mse", "ssim", "fsim", "scoot", *(["lpips"] if "lpips" in names and size >= 64 else []))


def judge(outputs, task):
    """Every picture's score by every measure, and how many people are recognised."""
    scores = {name: f2s.evaluate(lambda _, o=o: o, test, task, measures) for name, o in outputs.items()}
    found = {name: f2s.recognition.nlda(test.targets(task), o).accuracy for name, o in outputs.items()}
    return scores, found


scores, recognised = judge(drawn, "photo2sketch")
league = f2s.league.table(scores, measures, recognised)
league[[*measures, "nlda", "mean_rank"]].round(4)

# %% [markdown]
# (In the published page, click on a column's head to sort by it.)
#
# Sort by each column: no system is first in all. `draft-and-refine`, which the next chapter builds upon the two exemplar methods, has SSIM, FSIM and
# recognition; the smooth `fast-rslcr` has the smallest squared error, the crisper `lle` the likest texture. That is not a nuisance to be averaged away, it is the answer:
# *better* has several meanings, and the systems were made for different ones. The mean rank orders the rows of this table and should not be quoted.
#
# ## Is the difference one?
#
# Two rows of this table differ by a hundredth or less in SSIM. With forty test people, is that anything? We ask in three steps.
# The **interval** of each mean says what other people would change. The **paired** difference is sharper, since an easy face is easy for
# both. And the **p-value**: if it made no difference which of the two drew, each person's difference could as well have had the other sign, so we throw the signs at
# random, many times, and see how often the mean is as far from zero as ours.

# %%
f2s.show_source(f2s.evaluation.paired_test, docstring=False)

# %%
contrasts = f2s.evaluation.compare_all(scores, "ssim")
print(
    f"{len(contrasts)} pairs of systems: {(contrasts['p'] < 0.05).sum()} with p < 0.05,",
    f"{(contrasts['p_holm'] < 0.05).sum()} after Holm's correction",
)
contrasts[(contrasts["p"] < 0.05) & (contrasts["p_holm"] >= 0.05)].round(4)

# %% [markdown]
# Fifteen systems make a hundred pairs. Of a hundred comparisons between *equal* systems five would fall below 0.05, and one could write a
# paper about each. Holm's correction multiplies the smallest p-value by the number of tests, the next by one less, and so on; the rows
# above are the ones that do not survive it. None of the five papers reports an interval or a test, and most have one run
# per system.
#
# For each measure, then: who is first, and who cannot be told from the first?

# %%
firsts = {f2s.metrics.get(name).label: ", ".join(f2s.league.best(scores, name)) for name in measures}
pd.Series(firsts, name="first, or not to be told from it").to_frame()

# %% [markdown]
# Here each system is tested against the first alone: fourteen tests instead of a hundred and five, and a smaller correction. A pair that did not survive above may be told
# apart here; say which family of tests you correct for *before* you look. The first was picked because it scored best, which no correction for the number of tests
# undoes: gaps from it look a little too large. And not to be told apart is not the same as equal.
#
# All this is about *people*. Another seed is another question: the same network, trained again, may move by more than
# its interval ([chapter 8](08_msg_sarl.ipynb) had one that did). Every system here was trained once.
#
# ## Do the metrics agree?
#
# Each metric puts the systems in an order. Spearman's rank correlation compares two orders: 1 for the same, 0 for unrelated, −1 for the
# reverse.

# %% mystnb={"image": {"alt": "Square table of rank correlations between the metrics on the systems of this page: SSIM and FSIM agree best, SCOOT least with MSE; recognition agrees best with MSE and SSIM"}}
f2s.plots.heat(f2s.league.agreement(league), digits=2)

# %% [markdown]
# (A correlation depends on who stands in the table: add ten hopeless systems, and all metrics agree.) Where two columns agree, the second adds little: choose one. Where they disagree, a paper that prints only one has made a
# choice for you. The same on photographs of real people, from the records of [the league](../book/league.md):

# %% mystnb={"image": {"alt": "Square table of rank correlations between seven measures over all systems on the real pairs, from photo to sketch: MS-SSIM comes nearest to recognition; LPIPS agrees best with SCOOT and least with MSE"}}
try:
    real, known = f2s.league.recorded("photo2sketch")
    shown = f2s.league.agreement(f2s.league.table(real, recognition=known))
    print(f"{len(real)} systems on the real CUHK pairs")
except f2s.DataError as absent:
    shown = f2s.league.agreement(league)
    print(f"{absent}. Shown again: the built-in faces")
f2s.plots.heat(shown, digits=2)

# %% [markdown]
# On photographs the measures fall into two camps, with FSIM between them: MSE, SSIM, MS-SSIM and recognition here, SCOOT and LPIPS there. Between MSE, the
# oldest, and LPIPS, one of the two youngest, there is the least agreement.
#
# ## Who is it?
#
# A police sketch is drawn to find a person. The field's test of that: the artist's sketch of each test person is the probe, the
# *synthesised* sketches of all test people are the gallery, and the probe must find its own. Pixels are not compared as they are, but in
# a space learned from other people: the directions in which a person's two sketches coincide while people differ
# (**null-space linear discriminant analysis**, Chen and others, 2000). Half of the test people teach the space, the other half are to be found;
# twenty draws of who is in which half.

# %% mystnb={"image": {"alt": "Share of people recognised against the number of discriminant directions: rising steeply for networks and exemplar drawings, lower for the nearest ten, zero for the median"}}
shown = ["draft-and-refine", "lle", "skubisz-conv", "copy-input", "nearest-10", "median-target"]
found = {name: f2s.recognition.nlda(test.sketches, drawn[name]) for name in shown}
longest = max(result.curve.shape[1] for result in found.values())
curves = {name: np.pad(r.curve.mean(0), (0, longest - r.curve.shape[1]), "edge") for name, r in found.items()}
f2s.plots.curve(range(1, longest + 1), curves, "discriminant directions", "share of people recognised")

# %%
rows = {
    name: {
        "first": r.accuracy,
        "deviation over draws": r.deviation,
        "among five": r.ranks.mean(0)[min(4, r.ranks.shape[1] - 1)],
    }
    for name, r in found.items()
}
print(f"{found['lle'].people[0]} people to learn from, {found['lle'].people[1]} to be recognised")
pd.DataFrame.from_dict(rows, orient="index").round(3)

# %% [markdown]
# The median recognises nobody, whatever its SSIM: all its sketches are one. And `copy-input`, the photo in grey, is no sketch at all and
# is found nine times in ten. Recognition is blind to drawing as SSIM is to likeness. Two warnings. The figure papers report is the
# *highest* point of the mean curve, chosen on the very people it is reported for, so it flatters. And an identification among twenty people
# says nothing about one among a million, nor about drawings from an eyewitness' memory
# ([ethics](../book/ethics.md)).
#
# ## Ask people
#
# In the end a sketch is for the eye. Duan and others asked thirty volunteers to choose the best of several drawings and report shares. A study is worth
# something if it is *blind* (no names), *randomised* (another order each time), *balanced* (everybody is judged equally often), and if it says how far
# volunteers agreed. The library makes the plan, a questionnaire for the notebook, and the same on paper:

# %% mystnb={"image": {"alt": "A sheet for pen and paper: three rows, each with a photo, the artist's sketch and four drawings under the letters A to D with boxes to tick, in another order in each row"}}
rivals = {name: drawn[name] for name in ("draft-and-refine", "lle", "skubisz-conv", "pix2pix")}
asked = f2s.choose(4, 10, 10)
plan = f2s.study.make_plan(list(rivals), test.people, volunteers=30, each=min(asked, len(test)), seed=0)
print(f"{len(plan)} questions for 30 volunteers")
short = [question for question in plan if question.volunteer == 0 and question.number < 3]
f2s.study.sheet(short, test, rivals, volunteer=0)

# %% [markdown]
# With a running kernel, `f2s.study.questionnaire(plan, test, rivals, volunteer=0, path="answers.csv")` shows the pictures with buttons and
# writes each answer at once. To see what becomes of answers we invent thirty volunteers, **and say so**: half of them choose the drawing
# with the highest SCOOT and half the one with the lowest MSE, each with some whim.

# %%
from pathlib import Path
from tempfile import mkdtemp

answers = Path(mkdtemp()) / "invented.csv"
whim = np.random.default_rng(0)
row_of = {person: row for row, person in enumerate(test.identities)}
for volunteer in range(30):
    letters = ""
    for question in (q for q in plan if q.volunteer == volunteer):
        metric, sign = (("scoot", 1), ("mse", -1))[volunteer % 2]
        liked = np.array([sign * scores[name][metric][row_of[question.identity]] for name in question.order])
        letters += "ABCD"[(liked + whim.normal(0, liked.std() + 1e-9, len(liked))).argmax()]
    f2s.study.enter(plan, volunteer, letters, answers)
verdict = f2s.study.summarise(f2s.study.read_answers(answers))
print(
    f"{verdict.attrs['answers']} answers of {verdict.attrs['volunteers']}, Fleiss' kappa {verdict.attrs['kappa']:.2f}"
)
verdict.round(3)

# %% [markdown]
# Shares with intervals over volunteers, not over answers: ten answers of one person are not ten independent opinions. The low
# **kappa** says that these volunteers hardly agree: at 1 all agree, at 0 as often as by chance. We know why, having invented it: half look for strokes and half for
# tones, and all have whims. In a real study it would be a reason to ask what people had looked for. (The paper gives no kappa.)
#
# ## The other direction
#
# The same systems, from sketch to photo:

# %%
painted = enter("sketch2photo")
back, known_back = judge(painted, "sketch2photo")
table = f2s.league.table(back, measures, known_back)
table[[*measures, "nlda", "mean_rank"]].round(4)

# %% mystnb={"image": {"alt": "Two test people from sketch to photo by all systems: sharp mosaics from exemplars, soft faces from networks, brown hair for most, the copied sketch in grey"}}
f2s.plots.contact_sheet(test, painted, task="sketch2photo", rows=2)

# %% [markdown]
# ## A figure to play with
#
# Choose how to spoil a sketch and move the slider: the caption says what three metrics make of it.

# %%
strengths = {
    "blur": [f2s.provocations.blurred(s) for s in (0, 1, 2, 3, 5, 8)],
    "shift": [lambda p, r: p] + [f2s.provocations.shifted(s) for s in (1, 2, 4, 7, 11)],
    "noise": [f2s.provocations.noisy(s) for s in (0, 0.03, 0.06, 0.1, 0.2, 0.3)],
    "contrast": [f2s.provocations.faded(s) for s in (1, 0.8, 0.6, 0.4, 0.2, 0.05)],
}
one, played = truth[1:2], {}
for name, ladder in strengths.items():
    played[name] = []
    for spoil in ladder:
        worse = spoil(one, np.random.default_rng(0))
        parts = [
            f"{f2s.metrics.get(m).label} {f2s.metrics.get(m).function(one, worse)[0]:.3f}"
            for m in ("mse", "ssim", "scoot")
        ]
        played[name].append(f2s.plots.grid([one[0], worse[0]], ["the true sketch", ", ".join(parts)]))
f2s.widgets.choices(played, [f"strength {number}" for number in range(6)], "strength", "spoiled by")

# %% [markdown]
# ## Where it fails
#
# **Metrics become targets.** A network trained on SSIM has a high SSIM; one trained on VGG's features does well by LPIPS, whose features are a
# relative's. A score says less about a system that was trained on it. Say so beside the number, as the next chapter has to.
#
# **All of them trust the target.** The artist exaggerates, leaves out, and draws another expression than the photo shows. The "error" of a perfect
# drawing by *another* artist would not be small. How large, nobody can say for these data: there is one
# sketch per person.
#
# **Our league is kind.** Built-in faces come from one renderer; forty people are few; each system was trained once, for seconds. Look at
# [the league on real people](../book/league.md) before you conclude anything.

# %% [markdown]
# ## Exercises
#
# ### Exercise 1: an interval of a difference
#
# Two arrays of scores, for the same people in the same order. Give the 95 % bootstrap interval (low, high) of the mean of `a - b`, drawing
# *people*.
#
# <details><summary>Hint</summary>
#
# Draw rows with `rng.integers(n, size=(resamples, n))`, and use the same rows for both. Then `np.quantile`.
#
# </details>


# %%
def paired_interval(a, b, resamples=2000, seed=0):
    raise NotImplementedError


f2s.checks.chapter09.paired_interval(paired_interval)


# %% tags=["hide-input"] cellView="form"
# @title Solution to exercise 1
def paired_interval_solution(a, b, resamples=2000, seed=0):
    difference = np.asarray(a) - np.asarray(b)
    rows = np.random.default_rng(seed).integers(len(difference), size=(resamples, len(difference)))
    return tuple(np.quantile(difference[rows].mean(axis=1), [0.025, 0.975]))


f2s.checks.chapter09.paired_interval(paired_interval_solution)

# %% [markdown]
# ### Exercise 2: Holm's correction
#
# P-values of m tests in, corrected ones out, in the same order.
#
# <details><summary>Hint</summary>
#
# Sort; multiply the smallest by m, the next by m − 1, ...; let none be smaller than one before it (`np.maximum.accumulate`), none above 1; put
# them back where they came from.
#
# </details>


# %%
def holm(p_values):
    raise NotImplementedError


f2s.checks.chapter09.holm(holm)


# %% tags=["hide-input"] cellView="form"
# @title Solution to exercise 2
def holm_solution(p_values):
    p = np.asarray(p_values, dtype=float)
    order = p.argsort()
    corrected = np.empty_like(p)
    corrected[order] = np.minimum(np.maximum.accumulate(p[order] * np.arange(len(p), 0, -1)), 1)
    return corrected


f2s.checks.chapter09.holm(holm_solution)

# %% [markdown]
# ### Exercise 3: rank k
#
# A table of distances, a row for each probe and a column for each gallery picture; probe i's own person is column i. Give the share of probes whose own
# person is among the k nearest. What should a tie be worth?
#
# <details><summary>Hint</summary>
#
# Count, for each probe, how many gallery pictures are as near as its own one or nearer. If a tie counted in favour, a system that draws the
# same picture for everybody would recognise everybody.
#
# </details>


# %%
def rank_k(distances, k):
    raise NotImplementedError


f2s.checks.chapter09.rank_k(rank_k)


# %% tags=["hide-input"] cellView="form"
# @title Solution to exercise 3
def rank_k_solution(distances, k):
    distances = np.asarray(distances)
    as_near = (distances <= np.diagonal(distances)[:, None]).sum(axis=1)
    return (as_near <= k).mean()


f2s.checks.chapter09.rank_k(rank_k_solution)

# %% [markdown]
# ## What to take away
#
# - Provoke a metric before you believe it. None of these measures likeness; each measures something that likeness brings along.
# - Blank paper gives points. A ghost of everybody is the bar, not zero.
# - A distance between sets does not know who was to be drawn, and with few pictures it is not even small for two samples of the same kind.
# - Report intervals over people, test differences in pairs, correct for their number, and train more than once.
# - Recognition and human choice are what sketches are for. Both have protocols that can be done badly.
#
# ## References
#
# - Z. Wang, A. C. Bovik, H. R. Sheikh, E. P. Simoncelli (2004), *Image Quality Assessment: From Error Visibility to Structural
#   Similarity*. [doi:10.1109/TIP.2003.819861](https://doi.org/10.1109/TIP.2003.819861)
# - L. Zhang, L. Zhang, X. Mou, D. Zhang (2011), *FSIM*. [doi:10.1109/TIP.2011.2109730](https://doi.org/10.1109/TIP.2011.2109730)
# - D.-P. Fan and others (2019), *Scoot: A Perceptual Metric for Facial Sketches*.
#   [arXiv:1908.08433](https://arxiv.org/abs/1908.08433)
# - R. Zhang and others (2018), *The Unreasonable Effectiveness of Deep Features as a Perceptual Metric*.
#   [arXiv:1801.03924](https://arxiv.org/abs/1801.03924)
# - M. Heusel and others (2017), on FID. [arXiv:1706.08500](https://arxiv.org/abs/1706.08500); M. Bińkowski and others (2018), on KID and
#   the bias of FID. [arXiv:1801.01401](https://arxiv.org/abs/1801.01401)
# - M. J. Chong, D. Forsyth (2020), *Effectively Unbiased FID and Inception Score and Where to Find Them*.
#   [arXiv:1911.07023](https://arxiv.org/abs/1911.07023)
# - Q. Liu, X. Tang, H. Jin, H. Lu, S. Ma (2005), *A Nonlinear Approach for Face Sketch Synthesis and Recognition*.
#   [doi:10.1109/CVPR.2005.39](https://doi.org/10.1109/CVPR.2005.39)
# - N. Wang, X. Gao, J. Li (2018), *Random Sampling for Fast Face Sketch Synthesis*.
#   [doi:10.1016/j.patcog.2017.11.008](https://doi.org/10.1016/j.patcog.2017.11.008)
# - L.-F. Chen and others (2000), on null-space LDA. [doi:10.1016/S0031-3203(99)00139-9](https://doi.org/10.1016/S0031-3203(99)00139-9)
# - S. Holm (1979), *A Simple Sequentially Rejective Multiple Test Procedure*, Scandinavian Journal of Statistics 6, 65–70.
# - B. Phipson, G. K. Smyth (2010), *Permutation P-values Should Never Be Zero*.
#   [doi:10.2202/1544-6115.1585](https://doi.org/10.2202/1544-6115.1585)
# - J. L. Fleiss (1971), *Measuring nominal scale agreement among many raters*. [doi:10.1037/h0031619](https://doi.org/10.1037/h0031619)
