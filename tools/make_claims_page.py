"""Write docs/claims.md from seqattack/report/paper-results.yaml."""

from pathlib import Path

from seqattack.report.claims import SIGNS
from seqattack.report.paper import Claim, paper_results
from seqattack.text import markdown

ROOT = Path(__file__).resolve().parent.parent
PAGE = ROOT / "docs" / "claims.md"
HEAD = """\
# The paper's claims

What the paper's abstract and its sections 5 and 6 claim, in its own words, and how a run checks
it. Made from `seqattack/report/paper-results.yaml` by `python -m tools.make_claims_page`.

`results/tables/claims` holds, for each, the paper's figures, the run's, the 95 % interval of what
is compared, and a verdict:

- *holds* or *fails*: the whole interval agrees, or disagrees, with the claim. The interval is a
  bootstrap over sentences; all attacks share one subset, so the same sentences are drawn for all.
  For F1 on the test set (Tables 4 and 5) each entity is drawn for itself.
- A claim of a significant change holds if p < 0.05 and the change has the paper's direction, and
  fails if it has the other one. A claim that there is no such change fails where the other would
  hold.
- *not decidable*: anything else. A difference that is smaller than the run's interval, fewer than
  10 sentences, and "no significant change" with fewer than 100 pairs decide nothing.

The paper gives no intervals. A claim with a size ("by 21 %") is checked with that size, one
without ("increases") by its direction alone. The first, second, third and last size are those of
a training's `sizes`; in the paper 500, 1000, 1500 and 2000 for DeepWordBug-I-5, 500 and 1000 for
BERT-Attack. With several seeds, the table counts the seeds in which a claim holds, fails and is
not decidable.

| section | the paper's words | claim | checked |
| --- | --- | --- | --- |
"""


def row(claim: Claim) -> str:
    """Return a claim's line of the table."""
    left = f"`{claim.left}`" + (f" − `{claim.minus}`" if claim.minus else "")
    right = claim.right if isinstance(claim.right, tuple) else (f"{claim.right:g}",)
    names = ", ".join(f"`{name}`" if "/" in name else name for name in right)
    relation = f"{left} {SIGNS[claim.relation]} {names}"
    words = (claim.section, f"“{markdown(claim.quote)}”", markdown(claim.says), relation)
    return f"| {' | '.join(words)} |\n"


def page() -> str:
    """Return the whole page."""
    return HEAD + "".join(map(row, paper_results().claims))


def main() -> None:
    PAGE.write_text(page(), encoding="utf-8")


if __name__ == "__main__":
    main()
