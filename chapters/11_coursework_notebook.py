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
# # A notebook to fill in
#
# [![Open in Colab](https://colab.research.google.com/assets/colab-badge.svg)](https://colab.research.google.com/github/face2sketch/face2sketch/blob/main/chapters/11_coursework_notebook.ipynb)
#
# This notebook goes with [the brief](../book/coursework.md). It runs as it is, with three designs that stand in for yours; replace them, from top to
# bottom. Lines that begin with **Write** are for you.
#
# **Write:** name, date, device, and the hours you had.

# %% tags=["setup"]
import sys

if "google.colab" in sys.modules:  # Colab has the frameworks, but not the course's library
    library = "git+https://github.com/face2sketch/face2sketch#subdirectory=shared_lib"
    get_ipython().run_line_magic("pip", f"install -q --no-deps {library}")
import face2sketch as f2s

# %% [markdown]
# ## Data
#
# Built-in faces are drawn on the spot (fewer and smaller here, so that the page is made in seconds; the brief has the numbers that count). For the real pairs, where you may use them, put `f2s.data.cuhk_student().split("standard")` in their place.

# %% mystnb={"image": {"alt": "Four training people: photo and the built-in artist's sketch"}}
count, size = f2s.choose(24, 120, 400), f2s.choose(32, 64, 128)
train, test = f2s.data.synthetic(n=count, size=size, seed=0).split(test=0.2, seed=3)
print(f"{len(train)} people to learn from, {len(test)} to be judged on")
f2s.plots.contact_sheet(train, rows=4)

# %% [markdown]
# Tuning happens on a part of the *training* people. Leave the test people alone until the last section.

# %%
learn, tune = train.split(test=0.2, seed=0)

# %% [markdown]
# ## Design 1
#
# **Write:** the idea in two sentences. Layers, shapes, weights. What it minimises. What you expect, and what you expect it to do badly.

# %%
import numpy as np


def design_1(train, task, seed):
    """Stands in for yours: the mean of the ten nearest people's targets."""
    return f2s.fit("nearest-10", train, task)


# %% [markdown]
# ## Design 2
#
# **Write:** as above.


# %%
def design_2(train, task, seed):
    """Stands in for yours: linear regression from all pixels to all pixels."""
    return f2s.fit("ridge", train, task)


# %% [markdown]
# ## Design 3, your own
#
# **Write:** as above. What does it take from which chapter, and what is new?


# %%
def design_3(train, task, seed):
    """Stands in for yours: half the answer of one design, half of another."""
    first, second = design_1(train, task, seed), design_2(train, task, seed)

    def translate(inputs):
        return (first.translate(inputs) + second.translate(inputs)) / 2

    return translate


# %% [markdown]
# ## Tuning
#
# **Write:** every setting you try gets a row, the bad ones too.

# %%
import pandas as pd

tried = {}
for name, design in {"design 1": design_1, "design 2": design_2, "design 3": design_3}.items():
    answer = design(learn, "photo2sketch", 0)
    translate = getattr(answer, "translate", answer)
    tried[name] = f2s.evaluate(translate, tune, "photo2sketch", ("mse", "ssim")).mean(numeric_only=True)
pd.DataFrame(tried).T.round(4)

# %% [markdown]
# ## The test
#
# Once. If you change a design after this section has run, say so in the text.

# %%
from pathlib import Path
from tempfile import mkdtemp

folder = Path(mkdtemp())  # put a folder of your own here: it is what you hand in
random, seeds = False, (0,)  # True and (0, 1, 2) as soon as there is chance in a design
designs = {"design-1": design_1, "design-2": design_2, "design-3": design_3}
reports = {}
for name, fit in designs.items():
    entry = f2s.submission.Entry(name, fit, authors="...", description="...", tasks=f2s.TASKS, random=random)
    settings = {"pairs": (train, test), "seeds": seeds, "progress": False}
    reports[name] = f2s.evaluate_submission(entry, folder=folder / name, **settings)
    print(f"{name}: {reports[name].verdict}")

# %%
checks = pd.concat([report.checks.assign(design=name) for name, report in reports.items()])
print(checks["status"].value_counts().to_string())
checks.query("status != 'passed'")[["design", "task", "check", "status", "found"]].style.hide(axis="index")

# %%
summary = pd.concat([report.summary for report in reports.values()]).drop_duplicates(
    ["task", "system", "metric"]
)
summary.pivot(index=["task", "system"], columns="metric", values="mean").round(4)

# %% [markdown]
# ## The judgement
#
# Which differences are differences? Each design against each bar, with intervals and p-values (corrected for one design and task at a time: with three designs you make
# three times as many comparisons):

# %%
gaps = pd.concat([report.comparisons.assign(design=name) for name, report in reports.items()])
gaps[gaps["metric"] == "ssim"].drop(columns="metric").round(4)

# %% mystnb={"image": {"alt": "The three test people whom the third design draws worst: photo, artist's sketch, drawing"}}
answer = design_3(train, "photo2sketch", 0)
errors = f2s.evaluate(answer, test, "photo2sketch", ("ssim",))["ssim"].to_numpy()
worst = np.argsort(errors)[:3]
f2s.plots.contact_sheet(test[worst], {"design 3": answer}, task="photo2sketch", rows=3)

# %% [markdown]
# **Write:** which expectations came true. What went wrong with these three people, and how you know. What you would try next, and what
# result would convince you that it does not help.
#
# ## To hand in
#
# This notebook, and for each design `report.html`, `scores.csv` and `results/`, without `work/`, which keeps all outputs. Mind that `report.html` shows test people.

# %%
for path in sorted(p for p in folder.glob("*/*") if p.name != "work"):
    print(path.relative_to(folder))
