"""The tables and figures that reports show."""

from seqattack.pipeline.names import BASELINE


def shown_table(name, ending, content):
    """Return one of a table's files, which Snakemake's own report shows."""
    caption = f"captions/{CAPTIONS[name]}.rst"
    labels = {"table": name, "file": content}
    path = LAYOUT.table(name, ending)
    return report(path, caption=caption, category="Tables", labels=labels)


def shown_tables(names):
    """Return the tables' files that Snakemake's own report shows."""
    contents = {".csv": "figures", "-long.csv": "n and intervals"}
    return [shown_table(name, *each) for name in names for each in contents.items()]


def other_tables(names):
    """Return the tables' other files."""
    endings = (".md", ".tex", "-narrow.tex", ".json")
    return [LAYOUT.table(name, ending) for name in names for ending in endings]


def figure_4(source):
    """Return the attacks on the undefended victim and on the robust one with the fewest examples."""
    folders = PLAN.robust_attacks(source)
    return folders[BASELINE], next(iter(folders.values()))


def example_page(name):
    """Return the page of a figure with examples, which Snakemake's own report shows."""
    number = name.removeprefix("figure") if name.startswith("figure") else "examples"
    labels = {"figure": number, "attack": name.removeprefix("examples-")}
    path = LAYOUT.figure(name, ".html")
    return report(
        path, caption="captions/examples.rst", category="Figures", labels=labels
    )


def example_levels():
    """Return the options that name the recipes of Figures 1 and 2."""
    options = {"--word-level": PLAN.word_level, "--sentence-level": PLAN.sentence_level}
    return [
        word
        for option, recipes in options.items()
        for each in recipes[:1]
        for word in (option, each)
    ]
