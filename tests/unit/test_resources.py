"""What resources are made of: what is said of them counts, and what is not known is named."""

from __future__ import annotations

from argparse import ArgumentParser
from typing import Any

import pytest

import seqattack
from seqattack.attack.resources.loaded import Resources
from seqattack.attack.resources.registry import OWN, find_resource
from seqattack.attack.settings import Machine
from seqattack.errors import ConfigError, RecipeError
from tests.helpers.fake_victim import FakeVictim


def said(name: str, *words: str) -> Any:
    """Return what a resource makes of a command's options."""
    parser = ArgumentParser()
    find_resource(name).add_options(parser.add_argument_group())
    return find_resource(name).from_options(parser.parse_args(words))


@pytest.mark.parametrize(
    ("name", "words", "says"),
    [
        ("paraphraser", ["--parser=stanza"], "--parser needs --paraphraser: name its folder too"),
        ("paraphraser", ["--parser-path=x"], "--parser-path needs --paraphraser"),
        ("masked-lm", ["--masked-lm-revision=1"], "--masked-lm-revision needs --masked-lm: name"),
    ],
)
def test_no_option_is_ignored(name: str, words: list[str], says: str) -> None:
    with pytest.raises(RecipeError, match=says):
        said(name, *words)


def test_options_that_say_what_a_resource_is_made_of() -> None:
    assert said("paraphraser", "--parser=shallow") is None
    scpn = {"path": "x", "parser": "stanza", "parser_path": "y"}
    assert said("paraphraser", "--paraphraser=x", "--parser=stanza", "--parser-path=y") == scpn
    named = {"name": "a/b", "revision": "1"}
    assert said("masked-lm", "--masked-lm=a/b", "--masked-lm-revision=1") == named
    assert said("masked-lm") is None


@pytest.mark.parametrize("name", OWN)
def test_a_key_that_is_not_known_is_named(name: str) -> None:
    with pytest.raises(ConfigError, match=f"resources.{name}: 'file' is not known; write one of"):
        find_resource(name).load({"file": "names.yaml"}, Machine("cpu"))


@pytest.mark.parametrize("name", sorted(OWN.keys() - {"similarity"}))
def test_a_resource_of_nothing_is_refused(name: str) -> None:
    with pytest.raises(ConfigError, match=f"resources.{name}: no source is given; write "):
        find_resource(name).load({}, Machine("cpu"))


def test_no_sentence_has_no_entity() -> None:
    assert Resources.of("entity-swap").loaded["entities"].by_class == {}
    assert seqattack.attack(FakeVictim(), [], "entity-swap").records == ()
    with pytest.raises(RecipeError, match="every sentence has an entity"):
        Resources.of("concat", {"distractors": {"sentences": []}})
