"""Files that must say the same thing do: versions, addresses, targets, licences."""

import re
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest
import yaml
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name
from packaging.version import Version

ROOT = Path(__file__).resolve().parents[2]
PROJECT = tomllib.loads((ROOT / "shared_lib" / "pyproject.toml").read_text())["project"]
EXTRAS = PROJECT["optional-dependencies"]
WORKFLOWS = sorted((ROOT / ".github" / "workflows").glob("*.yml"))
NODE_24 = {  # the first major of each action that runs on Node 24; GitHub has withdrawn Node 20
    "checkout": 5,
    "setup-python": 6,
    "cache": 5,
    "upload-artifact": 6,
    "upload-pages-artifact": 5,
    "deploy-pages": 5,
}


def requirements() -> list[Requirement]:
    """Every direct requirement of the library and its extras."""
    return [
        Requirement(line)
        for line in [*PROJECT["dependencies"], *(line for extra in EXTRAS.values() for line in extra)]
    ]


def constraints() -> dict[str, Version]:
    """The tested versions by canonical name."""
    pinned = {}
    for line in (ROOT / "constraints.txt").read_text().splitlines():
        if line.strip() and not line.startswith("#"):
            requirement = Requirement(line)
            (specifier,) = requirement.specifier
            assert specifier.operator == "==", line
            pinned[canonicalize_name(requirement.name)] = Version(specifier.version)
    return pinned


@pytest.mark.parametrize("requirement", requirements(), ids=str)
def test_the_tested_version_satisfies_the_lower_bound(requirement: Requirement) -> None:
    pinned = constraints()
    name = canonicalize_name(requirement.name)
    assert name in pinned, f"{name} is required but constraints.txt does not pin it"
    assert requirement.specifier.contains(pinned[name]), (
        f"{pinned[name]} was tested, {requirement} is asked for"
    )


def test_the_library_sets_lower_bounds_only() -> None:
    for requirement in requirements():
        operators = {specifier.operator for specifier in requirement.specifier}
        allowed = {">=", "<"} if requirement.name == "jupyter-book" else {">="}
        assert operators <= allowed, requirement
        assert ">=" in operators, requirement


def test_jupyter_book_stays_below_2_everywhere() -> None:
    """Version 2 knows no _config.yml."""
    (bound,) = [requirement for requirement in requirements() if requirement.name == "jupyter-book"]
    assert not bound.specifier.contains("2.0.0")
    assert constraints()["jupyter-book"] < Version("2")


def test_constraints_carry_no_local_build_and_no_path() -> None:
    text = (ROOT / "constraints.txt").read_text()
    assert "+cpu" not in text
    assert "file:" not in text
    assert " @ " not in text


def test_the_environment_runs_the_tested_versions() -> None:
    """What this run shows, it shows for the versions in constraints.txt."""
    from importlib.metadata import version

    pinned = constraints()
    for name in ("numpy", "keras", "tensorflow", "torch", "jupyter-book", "scikit-image"):
        assert Version(Version(version(name)).public) == pinned[name], (
            f"{name}: `make setup` brings the tested version"
        )


def test_conda_installs_the_same_as_make() -> None:
    environment = yaml.safe_load((ROOT / "environment.yml").read_text())
    names = [entry for entry in environment["dependencies"] if isinstance(entry, str)]
    (pip,) = [entry["pip"] for entry in environment["dependencies"] if isinstance(entry, dict)]
    import setup_env

    assert f"--editable shared_lib[{setup_env.EXTRAS}]" in pip
    assert f"--extra-index-url {setup_env.TORCH_INDEX}" in pip
    assert "--constraint constraints.txt" in pip
    assert set(setup_env.EXTRAS.split(",")) == set(EXTRAS)
    (python,) = [entry.split("=")[1] for entry in names if entry.startswith("python=")]
    assert setup_env.OLDEST <= tuple(map(int, python.split("."))) <= setup_env.NEWEST
    assert {"pip", "git", "make"} <= set(names)
    oldest = ".".join(map(str, setup_env.OLDEST))
    assert PROJECT["requires-python"] == f">={oldest}"


def test_the_recipe_for_a_gpu_brings_the_tested_torch_with_its_libraries() -> None:
    """Without its dependencies PyTorch has no CUDA; beside the build for the processor pip would install nothing."""
    recipe = re.findall(r"^#     (pip .*?)(?: +#.*)?$", (ROOT / "environment.yml").read_text(), re.MULTILINE)
    assert not any("--no-deps" in command for command in recipe)
    torch = [command for command in recipe if re.search(r"\btorch\b", command)]
    assert torch[0] == "pip uninstall --yes torch"
    assert torch[1].startswith(f"pip install torch=={constraints()['torch']} --index-url ")
    assert "/cu" in torch[1]


def test_stamping_changes_nothing() -> None:
    checked = subprocess.run(
        [sys.executable, "tools/stamp.py", "--check"], cwd=ROOT, capture_output=True, text=True
    )
    assert checked.returncode == 0, checked.stdout


def test_the_address_stands_where_readers_look_for_it() -> None:
    repository, site = PROJECT["urls"]["Repository"], PROJECT["urls"]["Documentation"]
    config = yaml.safe_load((ROOT / "_config.yml").read_text())
    citation = yaml.safe_load((ROOT / "CITATION.cff").read_text())
    assert config["repository"]["url"] == citation["repository-code"] == repository
    assert config["html"]["baseurl"] == citation["url"] == site
    readme = (ROOT / "README.md").read_text()
    assert repository in readme
    assert site in readme


def test_stamping_another_name_reaches_every_file() -> None:
    import stamp
    from project import address

    new = stamp.of("Someone/a-course")
    assert new.site == "https://someone.github.io/a-course"
    for name in ("README.md", "_config.yml", "CITATION.cff", "shared_lib/pyproject.toml"):
        text = stamp.stamped((ROOT / name).read_text(), address(), new)
        assert address().repository not in text
        assert address().site not in text
        assert new.repository in text
    kept = "https://github.com/Dino1G/SCC413 and https://github.com/face2sketch/face2sketch-other"
    assert stamp.stamped(kept, address(), new) == kept


def test_what_is_stamped_works_under_another_name() -> None:
    """A clone has the folder that the next command enters or installs from, and no link shows the address it had before."""
    import stamp
    from project import address

    new = stamp.of("somebody-else/another-course")
    clones = []
    for path in sorted({path for pattern in stamp.STAMPED for path in ROOT.glob(pattern)}):
        text = stamp.stamped(path.read_text(), address(), new)
        assert address().site.removeprefix("https://").split("/")[0] not in text, path.name
        follows = r"(?:(?: && |\n)cd |\n!pip install -q --no-deps \./)([\w-]+)"
        clones += re.findall(rf"git clone (?:-\w+ )?{new.repository} ?(\S*){follows}", text)
        assert text.count("git clone") == len(re.findall(rf"git clone (?:-\w+ )?{new.repository}\b", text))
    assert clones == [("face2sketch", "face2sketch")] * 3


@pytest.mark.parametrize("name", ["README.md", "book/replication/replicate.md"])
def test_a_first_replication_goes_to_a_folder_of_its_own(name: str) -> None:
    """The repository brings its records, and what has its record is not run again."""
    code = "".join(
        re.findall(r"^ *```\w*\n(.*?)^ *```$", (ROOT / name).read_text(), re.MULTILINE | re.DOTALL)
    )
    commands = re.findall(r"face2sketch replicate huang .*", code)
    assert len(commands) >= 2
    assert [command for command in commands if "--out " not in command] == []


def test_the_version_is_the_same_everywhere() -> None:
    version = PROJECT["version"]
    assert yaml.safe_load((ROOT / "CITATION.cff").read_text())["version"] == version
    assert f'__version__ = "{version}"' in (ROOT / "shared_lib" / "face2sketch" / "__init__.py").read_text()
    assert f"## {version}" in (ROOT / "CHANGELOG.md").read_text()


def make_targets() -> set[str]:
    """What `make` can be asked for."""
    return set(re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text(), re.MULTILINE))


def test_make_help_lists_every_target() -> None:
    listed = subprocess.run(["make", "help"], cwd=ROOT, capture_output=True, text=True, check=True).stdout
    named = set(re.findall(r"^  ([a-z-]+) ", listed, re.MULTILINE))
    assert named == make_targets()
    assert {
        "book",
        "test",
        "setup",
        "serve",
        "lint",
        "format",
        "clean",
        "notebooks",
        "stamp",
        "test-colab",
    } <= named


def test_make_says_what_is_missing(tmp_path: Path) -> None:
    """A chapter that there is not, or none named; pages that have not been built. `PY=true` stands for what would be run."""

    def make(*arguments: str) -> subprocess.CompletedProcess:
        command = ["make", "-f", ROOT / "Makefile", "ACTIVE=1", "PY=true", *arguments]
        return subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, timeout=60)

    (tmp_path / "chapters").mkdir()
    for name in ("01_one", "02_two"):
        (tmp_path / "chapters" / f"{name}.ipynb").write_text("")
    for named in ("", "NB=03_three", "NB=01_one.ipynb"):
        refused = make("chapter", *named.split())
        assert refused.returncode
        assert "no such chapter; name one of 01_one 02_two" in refused.stderr
    assert make("chapter", "NB=02_two").returncode == 0
    refused = make("serve")
    assert refused.returncode
    assert "_build/html: no built pages (index.html) there; run make book" in refused.stderr
    (tmp_path / "_build" / "html").mkdir(parents=True)
    (tmp_path / "_build" / "html" / "index.html").write_text("")
    assert make("serve").returncode == 0


@pytest.mark.parametrize("name", ["README.md", "CONTRIBUTING.md", ".ci/run"])
def test_documents_name_targets_that_exist(name: str) -> None:
    text = (ROOT / name).read_text()
    used = set(re.findall(r"(?:^|`|exec )make ([a-z][a-z-]+)", text, re.MULTILINE))
    assert used
    assert used <= make_targets()


@pytest.mark.parametrize("path", WORKFLOWS, ids=lambda path: path.name)
def test_workflows_use_targets_that_exist_and_pinned_actions(path: Path) -> None:
    workflow = yaml.safe_load(path.read_text())
    assert workflow[True], "on: is read as true by YAML 1.1"
    assert workflow["permissions"] is not None
    for job in workflow["jobs"].values():
        assert job["timeout-minutes"]
        for step in job["steps"]:
            if "uses" in step:
                action = re.fullmatch(r"actions/([\w-]+)@v(\d+)", step["uses"])
                assert action, step["uses"]
                assert int(action[2]) >= NODE_24[action[1]], step["uses"]
            for target in re.findall(r"\bmake ([a-z][a-z-]*)", step.get("run", "")):
                assert target in make_targets(), target


def test_every_workflow_is_there() -> None:
    assert {path.stem for path in WORKFLOWS} == {"tests", "pages", "colab", "links"}


def test_the_library_carries_the_licence_of_the_code() -> None:
    """pip installs shared_lib alone: the licence comes along only from there."""
    licence = (ROOT / "shared_lib" / "LICENSE").read_text()
    assert licence.startswith("MIT License\n")
    assert (ROOT / "LICENSE").read_text().endswith(licence)
    assert PROJECT["license-files"] == ["LICENSE"]


def test_the_library_is_built_by_a_setuptools_that_knows_its_licence_field() -> None:
    """As a string ("MIT") and with `license-files` it is PEP 639, which setuptools reads from version 77 on."""
    pyproject = tomllib.loads((ROOT / "shared_lib" / "pyproject.toml").read_text())
    (setuptools,) = map(Requirement, pyproject["build-system"]["requires"])
    assert setuptools.name == "setuptools"
    assert not setuptools.specifier.contains("76.1.0")
    assert setuptools.specifier.contains("77.0.3")


def test_both_licences_are_named() -> None:
    text = (ROOT / "LICENSE").read_text()
    assert "MIT License" in text
    assert "CC BY 4.0" in text
    assert PROJECT["license"] == "MIT"
    for covered in ("book/_static/", "Makefile", ".github/", ".ci/", "book/results/"):
        assert covered in text, f"LICENSE does not say what holds for {covered}"
    assert "CC BY 4.0" in (ROOT / "README.md").read_text()


def test_ci_runs_the_command_of_the_readme() -> None:
    assert "make test" in (ROOT / ".ci" / "run").read_text()
    assert "make test" in (ROOT / "README.md").read_text()
