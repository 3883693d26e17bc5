"""A hostile corpus stays text: in tables, pages, figures and the terminal."""

from __future__ import annotations

import csv
import io
import json
import re
from collections.abc import Sequence
from pathlib import Path

import pytest
from matplotlib.figure import Figure
from matplotlib.text import Text
from rich.console import Console

from seqattack.attack.engine import Engine
from seqattack.attack.settings import AttackSettings
from seqattack.cli.console import render_record
from seqattack.cli.main import main
from seqattack.corpus import read_conll, read_jsonl
from seqattack.errors import CorpusError
from seqattack.io import write_jsonl
from seqattack.records import AttackRecord, Prediction, read_records
from seqattack.report.drawing import write_examples
from seqattack.report.example_figures import ExampleFigure
from seqattack.report.examples import caption, choose, classes
from seqattack.report.figures import Comparison, write_figure_4
from seqattack.report.page import to_html
from seqattack.report.style import class_looks
from seqattack.report.table_files import write_table
from seqattack.report.tables import Column, Row, Table, to_text
from tests.helpers.fake_victim import FakeVictim
from tests.helpers.html_page import Page
from tests.helpers.records import GOAL, attack_record, scored_example

TEXTS = (
    "<script>alert(1)</script>",
    "<img/src=x/onerror=alert(1)>",
    "&lt;b&gt;",
    "\x1b[2J\x1b]0;owned\x07",
    "\x9b31m",
    "\u202eevil\u202c",
    "\u200f\u2067rtl",
    "\x00nul",
    '=HYPERLINK("http://x","y")',
    "@SUM(1)",
    "-cmd|x",
    "+1+cmd",
    "＝1+1",
    "|cell|cell|",
    "`code`*bold*_it_~~s~~",
    "[text](javascript:alert(1))",
    "\\input{/etc/passwd}",
    "\\\\[2em]",
    "[2em]",
    "*",
    "$x^2$%\\",
    "'quoted'\"quoted\"",
    "[bold]markup[/bold]",
    "naïve北京",
    "a;=1+1",
    "https://evil.example/x",
    "WWW.evil.example",
    "me@evil.example",
)
HUGE = "x" * 10_000_000
CONTROL = re.compile("[\x00-\x09\x0b-\x1f\x7f-\x9f\u200e\u200f\u202a-\u202e\u2066-\u2069]")
"""Control characters, line feeds apart, and marks of direction."""


def conll(path: Path, tags: tuple[str, ...]) -> Path:
    """Write a file in which each text is a token once, in sentences of five."""
    lines = [f"{text} {tags[i % len(tags)]}" for i, text in enumerate(TEXTS)]
    blocks = ["\n".join(["Rome B-LOC", *lines[i : i + 4]]) for i in range(0, len(lines), 4)]
    path.write_text("\n\n".join(blocks), encoding="utf-8", newline="")
    return path


def record(name: str, tokens: tuple[str, ...], tags: tuple[str, ...]) -> AttackRecord:
    """Return a success in which everything is changed and wrong."""
    scores = (0.5,) * len(tokens)
    return attack_record(
        Prediction(tokens, tags, tags, scores),
        Prediction(tuple(t[::-1] for t in tokens), tags, ("O",) * len(tags), scores),
        id=name,
        newly_broken=tuple(range(len(tokens))),
    )


@pytest.fixture(scope="module")
def records() -> list[AttackRecord]:
    """Hostile tokens, hostile classes and hostile ids."""
    tags = tuple(f"B-{text}" for text in TEXTS)
    shown = [record(text, TEXTS[:20], tags[:20]) for text in TEXTS[:3]]
    return [*shown, record(TEXTS[3], TEXTS[20:], tags[20:]), record(HUGE, (HUGE,), (f"B-{HUGE}",))]


def test_a_hostile_file_is_read_and_attacked(tmp_path: Path) -> None:
    sentences = read_conll(conll(tmp_path / "a.conll", ("O", "B-PER")), "a")
    assert [t for s in sentences for t in s.tokens if t != "Rome"] == list(TEXTS)
    engine = Engine(FakeVictim(), AttackSettings("deepwordbug-i-5", query_budget=40))
    engine.run(sentences, tmp_path / "a.jsonl")
    found = list(read_records(tmp_path / "a.jsonl"))
    assert [r.original.tokens for r in found] == [s.tokens for s in sentences]


@pytest.mark.filterwarnings("ignore:Glyph:UserWarning")  # the figures' font is not Chinese
def test_pages_hold_no_element_but_their_own(records: list[AttackRecord], tmp_path: Path) -> None:
    shown = choose(records, 9)
    figure = ExampleFigure("page", "title", caption(shown), (), shown)
    write_examples(figure, class_looks(classes(shown)), tmp_path / "page")
    page = (tmp_path / "page.html").read_text(encoding="utf-8")
    parsed = Page(page)
    own = {"html", "head", "meta", "title", "style", "body", "h1", "dl", "dt", "dd"}
    assert set(parsed.tags) <= own | {"mark", "small", "ins", "bdi", "p"}
    assert {name for _, name, _ in parsed.attributes} <= {
        "lang",
        "charset",
        "name",
        "content",
        "class",
        "style",
        "http-equiv",
        "title",
    }
    assert not CONTROL.search(page)
    assert len(page) < 100_000, "a long token is shortened"
    for ending in (".pdf", ".png"):
        assert (tmp_path / f"page{ending}").stat().st_size > 500


@pytest.mark.filterwarnings("ignore:Glyph:UserWarning")
def test_figures_draw_names_as_they_are(
    records: list[AttackRecord], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    drawn: list[str] = []

    def keep(figure: Figure, stem: str | Path, endings: Sequence[str] = ()) -> None:
        figure.canvas.draw()
        drawn.extend(text.get_text() for text in figure.findobj(Text))

    monkeypatch.setattr("seqattack.report.drawing.save", keep)
    monkeypatch.setattr("seqattack.report.figures.save", keep)
    shown = choose(records, 9)
    figure = ExampleFigure("page", "title", caption(shown), (), shown)
    write_examples(figure, class_looks(classes(shown)), tmp_path / "page")
    scores = [scored_example(n, 0.1 * n, 0.2 * n) for n in range(1, 5)]
    names = ("a$x^2$%", "$\\frac")
    write_figure_4(Comparison("a", GOAL, 9, names, (scores, scores), 0), tmp_path / "figure4")
    assert any("$x^2$%" in text for text in drawn)
    assert not [text for text in drawn if CONTROL.search(text.replace("\n", ""))]


def test_json_files_steer_no_terminal(records: list[AttackRecord], tmp_path: Path) -> None:
    write_jsonl(tmp_path / "a.jsonl", [each.to_json() for each in records])
    text = (tmp_path / "a.jsonl").read_text(encoding="utf-8")
    assert not CONTROL.search(text)
    assert list(read_records(tmp_path / "a.jsonl")) == records


def test_the_terminal_gets_text_alone(records: list[AttackRecord]) -> None:
    out = io.StringIO()
    console = Console(file=out, width=200, soft_wrap=True, highlight=False, color_system=None)
    for each in records:
        for line in render_record(each):
            console.print(line)
    assert not CONTROL.search(out.getvalue())
    assert "[bold]markup[/bold]" in out.getvalue()
    assert max(map(len, out.getvalue().splitlines())) < 6000


@pytest.fixture
def table(tmp_path: Path) -> Table:
    """A table all of whose names are hostile."""
    columns = tuple(Column(text, text) for text in TEXTS)
    rows = tuple(Row(text, dict.fromkeys(TEXTS, 0.5), n={text: 3}) for text in TEXTS)
    made = Table("hostile", " ".join(TEXTS), TEXTS[0], columns, rows)
    write_table(made, tmp_path)
    return made


def test_spreadsheets_compute_nothing(table: Table, tmp_path: Path) -> None:
    for name, count in (("hostile.csv", len(TEXTS)), ("hostile-long.csv", len(TEXTS) ** 2)):
        text = (tmp_path / name).read_text(encoding="utf-8")
        rows = list(csv.reader(io.StringIO(text)))
        assert len(rows) == count + 1
        assert {len(row) for row in rows} == {len(rows[0])}
        cells = {cell for row in rows for cell in row}
        assert not {cell for cell in cells if re.search(r"(^|;\s*)[=+\-@\t\r＝＋－＠]", cell)}
        assert "'@SUM(1)" in cells
        assert not CONTROL.search(text)


def test_markdown_keeps_its_cells(table: Table, tmp_path: Path) -> None:
    text = (tmp_path / "hostile.md").read_text(encoding="utf-8")
    lines = text.splitlines()[: len(TEXTS) + 2]
    bare = [re.sub(r"\\.", "", line) for line in lines]
    assert {line.count("|") for line in bare} == {len(TEXTS) + 2}
    assert not re.search(r"[<`\[\]*~$@]|https?:|www\.", "".join(bare), re.IGNORECASE)
    assert not CONTROL.search(text)


def test_latex_sees_no_command_of_a_name(table: Table, tmp_path: Path) -> None:
    text = (tmp_path / "hostile.tex").read_text(encoding="utf-8")
    own = (
        r"begin|end|centering|small|footnotesize|setlength|tabcolsep|toprule|midrule|bottomrule|caption"
        r"|label|raggedright|arraybackslash|linewidth|scriptsize|shortstack|textit|addtocounter"
        r"|textless|textgreater|textbar|resizebox|rotatebox|ifdim|width|else|fi"
    )
    known = rf"\\(?:{own}|textbackslash|textasciitilde|textasciicircum|[&%$#_{{}}\\])"
    rest = re.sub(known, "", text)
    assert "\\" not in rest
    assert not re.search(r"[%$#_^~]", rest)
    assert not re.search(r"\\\\\s*[\[*]", text), "an option of the line's end"
    assert not re.search(r"rule\s*[\[*]", text), "an option of the rule"
    assert not CONTROL.search(text)
    assert r"\textbackslash{}input\{/etc/passwd\}" in text
    assert r"\$x\textasciicircum{}2\$\%\textbackslash{}" in text


def test_html_tables_hold_no_element_but_their_own(table: Table) -> None:
    page = to_html(table)
    parsed = Page(page)
    own = {"table", "caption", "thead", "tbody", "tr", "th", "td", "small"}
    assert set(parsed.tags) == own
    assert {name for _, name, _ in parsed.attributes} == {"scope", "class"}
    assert not CONTROL.search(page)


def test_plain_text_tables_have_no_markup(table: Table) -> None:
    text = to_text(table, width=5000)
    assert not CONTROL.search(text)
    assert "[bold]markup[/bold]" in text


def test_errors_show_what_is_wrong_as_text(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "a.jsonl"
    sentence = {"id": "\x1b[2J\u202e", "tokens": ["a"], "tags": ["O"]}
    path.write_text("\n".join([json.dumps(sentence)] * 2))
    options = [f"--{split}={path}" for split in ("train", "dev", "test")]
    assert main(["train", *options, "--pretrained=embedded", f"--output={tmp_path / 'm'}"]) == 2
    error = capsys.readouterr().err
    assert "\\x1b[2J\\u202e" in error
    assert not CONTROL.search(error)


def test_half_a_character_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "a.jsonl"
    path.write_text('{"id": "a", "tokens": ["\\ud800"], "tags": ["O"]}')
    with pytest.raises(CorpusError, match=r"a\.jsonl:1: .*half a character"):
        read_jsonl(path)
