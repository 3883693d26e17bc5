"""Live attacks: watched, bounded, cancelled."""

from __future__ import annotations

import re
import threading
import time
from pathlib import Path
from typing import Any

import httpx
import pytest
import yaml

from seqattack.app.curve import draw_curve
from seqattack.app.live import AT_ONCE, WAITING, BusyError, LiveAttack, LiveAttacks, Order, State
from seqattack.app.model_store import RECIPES
from seqattack.app.server import ServerSettings, make_site
from seqattack.app.site import Site
from seqattack.attack.resources.masked_lm import MaskedLMResource
from seqattack.attack.resources.similarity import SimilarityResource
from seqattack.cli.main import main
from seqattack.errors import SeqAttackError
from seqattack.records import Outcome, Stop
from seqattack.sentence import Sentence
from seqattack.victim.tagging import tag_text
from tests.helpers.configs import minimal_config
from tests.helpers.examples import RUN
from tests.helpers.fake_victim import FakeVictim

SENTENCE = Sentence("typed", ("Ann", "visited", "Berlin"), ("B-PER", "O", "B-LOC"))


def order(**changes: Any) -> Order:
    values = {"sentence": SENTENCE, "victim": "fake", "recipe": "deepwordbug-i-5"}
    values |= {"goal": "untargeted", "queries": 64, "seconds": 60}
    return Order(**{**values, **changes})


def wait(live: LiveAttacks, name: str) -> State:
    deadline = time.monotonic() + 120
    while not (attack := live.get(name)).is_over and time.monotonic() < deadline:  # type: ignore[union-attr]
        time.sleep(0.02)
    return attack.state  # type: ignore[union-attr]


def test_an_attack_is_watched_to_its_end(site: Site) -> None:
    attack = site.live.start(order())
    assert wait(site.live, attack.id) is State.FINISHED
    assert attack.record
    assert attack.record.original.tokens == SENTENCE.tokens
    assert attack.queries == attack.record.queries <= 64
    site.live.close()


def test_a_snapshot_is_not_changed_by_the_end(site: Site) -> None:
    """A page with the end but without what was found would be the last one that is asked for."""
    attack = LiveAttack(order())
    seen = attack.snapshot()
    attack.run(site.live._search)
    assert (seen.is_over, seen.record) == (False, None)
    assert attack.snapshot().is_over
    assert attack.snapshot().record is not None
    site.live.close()


def test_the_budget_is_kept(site: Site) -> None:
    attack = site.live.start(order(queries=3))
    wait(site.live, attack.id)
    assert attack.record
    assert attack.record.queries <= 3
    site.live.close()


def test_a_cancelled_attack_keeps_what_it_found(
    site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    found = []

    def cancel_once_found(attack: LiveAttack, goal: Any) -> bool:
        if goal.best is not None:
            found.append(goal.best.text.tokens)
            attack.cancel()
        return attack.is_cancelled

    monkeypatch.setattr(LiveAttack, "watch", cancel_once_found)
    # Against the victim's own tags, so that one edit is far from enough.
    sentence = tag_text("Ann Lee Bob Cy Dee Eli Fay Gus Hal Ida Jo Kim", FakeVictim())
    attack = site.live.start(order(sentence=sentence))
    assert wait(site.live, attack.id) is State.CANCELLED
    assert attack.record
    assert attack.record.stop is Stop.CANCELLED
    assert attack.record.outcome is Outcome.SUCCESS
    assert attack.record.adversarial
    assert attack.record.adversarial.tokens == found[-1]
    site.live.close()


def test_only_so_many_run_and_wait(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    go = threading.Event()
    running = []

    def search(attack: Any) -> Any:
        running.append(attack)
        go.wait(60)
        raise SeqAttackError("over")

    monkeypatch.setattr(site.live, "_search", search)
    attacks = [site.live.start(order()) for _ in range(AT_ONCE + WAITING)]
    with pytest.raises(BusyError):
        site.live.start(order())
    while not running:
        time.sleep(0.01)
    assert len(running) == AT_ONCE
    attacks[-1].cancel()
    go.set()
    assert wait(site.live, attacks[0].id) is State.BROKEN
    assert attacks[0].error == "over"
    assert wait(site.live, attacks[-1].id) is State.CANCELLED
    site.live.close()


@pytest.mark.parametrize("limits", [{"queries": 0}, {"queries": 10**6}, {"seconds": float("nan")}])
def test_limits_are_bounded(limits: dict[str, Any]) -> None:
    with pytest.raises(SeqAttackError, match="write a number"):
        order(**limits)


def test_recipes_that_lack_something_say_so(site: Site) -> None:
    assert "models/masked-lm-default" in site.store.missing("bert-attack")
    assert "train.jsonl" in site.store.missing("entity-swap")
    assert "models/scpn" in site.store.missing("scpn")
    assert site.store.missing("deepwordbug-ii-30") == ""
    with pytest.raises(SeqAttackError, match="masked-lm"):
        site.store.resources("clare")
    with pytest.raises(SeqAttackError, match="unknown"):
        site.store.resources("pwws")


def test_resources_are_loaded_once(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = site.library.results / "models" / "masked-lm-default"
    folder.mkdir(parents=True)
    loaded: list[Any] = []

    def load(self: Any, settings: Any, machine: Any) -> str:
        loaded.append(settings)
        return "loaded"

    monkeypatch.setattr(MaskedLMResource, "load", load)
    monkeypatch.setattr(SimilarityResource, "load", load)
    assert site.store.missing("bert-attack") == ""
    assert site.store.resources("bert-attack").loaded["masked-lm"] == "loaded"
    assert site.store.resources("clare").loaded["similarity"] == "loaded"
    assert loaded == [{"path": str(folder)}, {}]


def test_resources_are_those_of_the_run_s_configuration(site: Site) -> None:
    config = minimal_config(
        masked_lm={"default": {"name": "some/lm", "revision": "1"}},
        similarity={"model": "some/encoder", "revision": "2"},
        scpn={"path": "data/scpn", "parser": "shallow"},
    )
    (site.library.results / "config.yaml").write_text(yaml.safe_dump(config))
    assert site.store.missing("bert-attack") == ""
    made = site.store._settings("bert-attack")
    assert made["masked-lm"] == {"name": "some/lm", "revision": "1"}
    assert (made["similarity"]["model"], made["similarity"]["revision"]) == ("some/encoder", "2")
    assert "data/scpn" in site.store.missing("scpn")


def test_resources_of_several_seeds_are_those_of_the_first(site: Site) -> None:
    for seed in (0, 1):
        folder = site.library.results / f"seed-{seed}"
        (folder / "models/masked-lm-default").mkdir(parents=True)
        config = minimal_config(results=str(folder), seeds=[seed])
        (folder / "config.yaml").write_text(yaml.safe_dump(config))
    assert site.store.missing("bert-attack") == ""
    made = site.store._settings("bert-attack")["masked-lm"]
    assert made["path"] == str(site.library.results / "seed-0/models/masked-lm-default")


def test_victims_are_those_that_tag_tokens(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.undo()
    for name, kind in (("full", "BertForTokenClassification"), ("lm", "BertForMaskedLM")):
        folder = site.library.results / "models" / name
        folder.mkdir(parents=True)
        (folder / "config.json").write_text(f'{{"architectures": ["{kind}"]}}')
    assert list(site.store.victims()) == ["full"]
    with pytest.raises(SeqAttackError, match=r"no victim has the name '\.\./full'"):
        site.store.victim("../full")


def test_a_further_victim_takes_no_other_s_name(results: Path, tmp_path: Path) -> None:
    folders = [results / "models" / "full", tmp_path / "mine" / "full"]
    for folder in folders:
        folder.mkdir(parents=True)
        kind = '{"architectures": ["BertForTokenClassification"]}'
        (folder / "config.json").write_text(kind)
    own, mine = map(str, folders)
    site = make_site(ServerSettings(results, models={"full": mine}))
    assert site.store.victims() == {"full": mine, "models/full": own}
    index = site.library.index(RUN)
    assert index
    assert site.store.attacked(index.run) == "models/full", "the one that the run attacked"
    alone = make_site(ServerSettings(results))
    assert alone.store.victims() == {"full": own}
    assert alone.store.attacked(index.run) == "full"


def test_two_further_victims_of_one_name_are_both_there(
    results: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    served: list[ServerSettings] = []
    monkeypatch.setattr("seqattack.app.server.serve", served.append)
    folders = [str(tmp_path / name) for name in ("a/model", "b/model", "other")]
    for folder in folders:
        Path(folder).mkdir(parents=True)
    assert main(["app", str(results), *(f"--model={each}" for each in folders)]) == 0
    first, second, other = folders
    assert served[0].models == {first: first, second: second, "other": other}


def test_from_sentence_to_result_without_a_script(client: httpx.Client) -> None:
    assert "The first sentence takes some seconds longer" in client.get("/try").text
    page = client.post("/try/tag", data={"victim": "fake", "text": "Ann visited Berlin"}).text
    assert page.count('<select name="tag-') == 3
    assert "needs masked-lm in" in page
    data = {
        "victim": "fake",
        "tokens": "Ann visited Berlin",
        "tag-0": "B-PER",
        "tag-2": "I-LOC",  # repaired
        "recipe": "deepwordbug-i-5",
        "goal": "untargeted",
        "queries": "64",
        "seconds": "60",
    }
    where = client.post("/try/attack", data=data).headers["location"]
    for _ in range(600):
        part = client.get(where, params={"part": "true"}).text
        if 'data-over="yes"' in part:
            break
        time.sleep(0.1)
    assert re.search(r"Finished \([a-z-]+\):\s+\d+ of 64 queries", part)
    assert "<progress" not in part
    assert "B-LOC" in part
    page = client.get(where).text
    assert "Berlin: I-LOC begins an entity, so it is B-LOC." in page
    assert "/cancel" not in page
    again = client.get(f"/try?attack={where.rpartition('/')[2]}").text
    assert '<input type="hidden" name="tokens" value="Ann visited Berlin">' in again
    assert re.findall(r"<option selected[^>]*>([^<]+)", again) == ["B-PER", "O", "B-LOC"]
    assert f'href="{where}"' in again
    assert client.post(f"{where}/cancel").status_code == 303


def test_the_end_says_what_the_record_says(site: Site) -> None:
    sentence = tag_text("Ann Lee Bob Cy Dee Eli Fay Gus Hal Ida Jo Kim", FakeVictim())
    attack = site.live.start(order(sentence=sentence))
    wait(site.live, attack.id)
    record = attack.record
    assert record
    assert record.adversarial
    assert (attack.labels_score_before, attack.labels_score, attack.queries) == (
        record.labels_score_before,
        record.labels_score,
        record.queries,
    )
    assert attack.steps[-1].text == record.adversarial
    scores = [step.labels_score for step in attack.steps]
    assert scores == sorted(set(scores))
    curve = draw_curve(attack)
    assert curve
    assert len(curve.points) == len(attack.steps)
    assert [point.y for point in curve.points] == sorted({p.y for p in curve.points}, reverse=True)
    site.live.close()


def test_nothing_that_was_entered_is_lost(
    client: httpx.Client, site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    long = "x" * 2001
    answer = client.post("/try/tag", data={"victim": "fake", "text": long})
    assert answer.status_code == 400
    assert "2001 characters" in answer.text
    assert long in answer.text
    entered = {
        "victim": "fake",
        "text": "Ann, here",
        "tokens": "Ann , here",
        "tag-0": "B-PER",
        "recipe": "morpheus",
        "goal": "targeted",
        "queries": "many",
        "seconds": "7",
    }
    answer = client.post("/try/attack", data=entered)
    assert answer.status_code == 400
    assert "write numbers" in answer.text

    def full(order: Order) -> LiveAttack:
        raise BusyError("too many attacks are waiting; try again when one has ended.")

    monkeypatch.setattr(site.live, "start", full)
    answer = client.post("/try/attack", data={**entered, "queries": "8"})
    assert answer.status_code == 429
    assert "too many attacks" in answer.text
    for kept in (
        ">Ann, here</textarea>",
        'name="tokens" value="Ann , here"',
        '<option value="morpheus" selected',
        '<option value="targeted" selected',
        'name="queries" value="8"',
        'name="seconds" value="7"',
    ):
        assert kept in answer.text
    assert re.findall(r"<option selected[^>]*>([^<]+)", answer.text) == ["B-PER", "O", "O"]


def test_all_attacks_side_by_side_wait_as_one(client: httpx.Client, site: Site) -> None:
    data = {"victim": "fake", "tokens": "Ann met Bob in Rome", "tag-0": "B-PER", "tag-4": "B-LOC"}
    data |= {"queries": "40", "seconds": "60", "every": "yes"}
    where = client.post("/try/attack", data=data).headers["location"]
    usable = [name for name in RECIPES if not site.store.missing(name)]
    assert len(usable) > 2
    for _ in range(600):
        part = client.get(where, params={"part": "true"}).text
        if 'data-over="yes"' in part:
            break
        time.sleep(0.1)
    assert part.count('class="side-by-side"') == len(usable)
    assert part.count("Finished") == len(usable), "and none is broken"
    assert "DeepWordBug-I-5</a>" in part
    assert client.get(where).status_code == 200
    assert client.get("/try/groups/none").status_code == 404


def test_cancelling_a_group_ends_all_of_it(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    go = threading.Event()

    def search(attack: LiveAttack) -> Any:
        go.wait(60)
        raise SeqAttackError("over")

    monkeypatch.setattr(site.live, "_search", search)
    attacks = site.live.start_all([order()] * (AT_ONCE + WAITING + 1))
    site.live.start(order())
    for attack in site.live.group(attacks[0].id):
        attack.cancel()
    go.set()
    assert {wait(site.live, attack.id) for attack in attacks[1:]} == {State.CANCELLED}
    site.live.close()


def test_a_live_attack_can_be_picked(client: httpx.Client, site: Site) -> None:
    sentence = tag_text("Ann Lee Bob Cy Dee Eli Fay Gus Hal Ida Jo Kim", FakeVictim())
    attack = site.live.start(order(sentence=sentence))
    wait(site.live, attack.id)
    assert client.post(f"/try/attacks/{attack.id}/pick").status_code == 303
    (pick,) = site.picks.read().accepted
    assert attack.record
    assert pick.record.final == attack.record.final
    page = client.get("/picks").text
    assert page.count("<article") == 1
    assert "/example?" not in page  # it has none


@pytest.mark.parametrize(
    ("path", "data"),
    [
        ("/try/tag", {"victim": "fake", "text": ""}),
        (
            "/try/attack",
            {"victim": "fake", "tokens": "a", "goal": "x", "queries": "1", "seconds": "1"},
        ),
    ],
)
def test_what_cannot_be_tried(client: httpx.Client, path: str, data: dict[str, str]) -> None:
    assert client.post(path, data=data).status_code == 400


def test_attacks_are_found_by_their_own_name_only(client: httpx.Client) -> None:
    assert client.get("/try/attacks/nothing").status_code == 404
