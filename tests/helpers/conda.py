"""conda as far as Snakemake calls it, with rattler as its solver and a channel of the test's own.

The channel's packages are the Python, pip and Java of this machine. So an environment is solved,
linked and activated for real, and what pip adds to it is there already.
"""

from __future__ import annotations

import argparse
import asyncio
import io
import json
import os
import shutil
import stat
import subprocess
import sys
import tarfile
from pathlib import Path

import yaml
from rattler import Subdir, VirtualPackage, install, solve
from rattler.index import index_fs

from tests.helpers.running import ROOT

CHANNEL = "STAND_IN_CHANNEL"
"""The environment variable that names the channel that stands for all."""

ACTIVATE = """\
export CONDA_PREFIX="$1"
export PATH="$1/bin:$PATH"
"""


def install_conda(folder: Path) -> dict[str, str]:
    """Make a conda and its channel in a folder; return the variables that put it on the path."""
    channel = folder / "channel"
    python = ".".join(map(str, sys.version_info[:3]))
    write_package(channel, "python", python, {"bin/python": sys.executable}, [])
    write_package(channel, "pip", "26.0", {"bin/pip": f"{sys.executable} -m pip"}, ["python"])
    write_package(channel, "openjdk", "17.0.1", {"bin/java": shutil.which("java") or "false"}, [])
    asyncio.run(index_fs(channel, Subdir("linux-64")))
    programs = folder / "base" / "bin"
    programs.mkdir(parents=True)
    (programs / "activate").write_text(ACTIVATE)
    call = f'PYTHONPATH="{ROOT}" exec {sys.executable} -m tests.helpers.conda "$@"'
    (programs / "conda").write_text(f"#!/bin/sh\n{call}\n")
    (programs / "conda").chmod(0o755)
    return {"PATH": f"{programs}:{os.environ['PATH']}", CHANNEL: str(channel)}


def write_package(
    channel: Path, name: str, version: str, programs: dict[str, str], depends: list[str]
) -> None:
    """Write a conda package whose programs call those of this machine.

    Args:
        channel: The channel's folder.
        name: The package's.
        version: The package's.
        programs: By path in the environment, the command that it calls.
        depends: What the package needs.
    """
    about = {"name": name, "version": version, "build": "0", "build_number": 0}
    about |= {"depends": depends, "subdir": "linux-64", "arch": "x86_64", "platform": "linux"}
    files = {path: f'#!/bin/sh\nexec {call} "$@"\n' for path, call in programs.items()}
    paths = [{"_path": path, "path_type": "hardlink"} for path in files]
    texts = {
        "info/index.json": json.dumps(about),
        "info/files": "\n".join(files),
        "info/paths.json": json.dumps({"paths": paths, "paths_version": 1}),
        **files,
    }
    folder = channel / "linux-64"
    folder.mkdir(parents=True, exist_ok=True)
    with tarfile.open(folder / f"{name}-{version}-0.tar.bz2", "w:bz2") as package:
        for path, text in texts.items():
            info = tarfile.TarInfo(path)
            info.size, info.mode = len(text.encode()), stat.S_IFREG | 0o755
            package.addfile(info, io.BytesIO(text.encode()))


def create(file: Path, prefix: Path) -> None:
    """Create an environment from its YAML file, as ``conda env create`` does."""
    wanted = yaml.safe_load(file.read_text())
    if "nodefaults" in wanted["channels"]:
        raise SystemExit("nodefaults is no channel")
    specs = [each for each in wanted["dependencies"] if isinstance(each, str)]
    pins = [pin for each in wanted["dependencies"] if isinstance(each, dict) for pin in each["pip"]]

    async def make() -> None:
        channel = Path(os.environ[CHANNEL]).as_uri()
        records = await solve(
            [channel], specs, platforms=["linux-64"], virtual_packages=VirtualPackage.detect()
        )
        await install(records, target_prefix=prefix, show_progress=False)

    asyncio.run(make())
    listed = prefix / "pip.txt"
    listed.write_text("\n".join(pins))
    command = [str(prefix / "bin" / "python"), "-m", "pip", "install", "--no-index"]
    subprocess.run([*command, "--quiet", "--requirement", str(listed)], check=True)


def main() -> None:
    """Answer one call of conda."""
    words = sys.argv[1:]
    if words[0] == "--version":
        print("conda 26.7.0")
    elif words[0] == "info":
        base = Path(str(shutil.which("conda"))).parents[1]
        print(json.dumps({"conda_prefix": str(base), "platform": "linux-64"}))
    elif words[:2] == ["config", "--get"]:
        print(json.dumps({"get": {"channel_priority": "strict"}}))
    elif words[:2] == ["env", "create"]:
        parser = argparse.ArgumentParser()
        parser.add_argument("--quiet", action="store_true")
        parser.add_argument("--no-default-packages", action="store_true")
        parser.add_argument("--file", type=Path, required=True)
        parser.add_argument("--prefix", type=Path, required=True)
        options = parser.parse_args(words[2:])
        create(options.file, options.prefix)
    elif words[0] != "clean":
        raise SystemExit(f"conda {' '.join(words)} is not known here")


if __name__ == "__main__":
    main()
