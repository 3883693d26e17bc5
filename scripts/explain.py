"""Tell what each edit of an attack's adversarial examples does."""

import argparse

from seqattack.cli.process import run_script, set_threads
from seqattack.io import write_jsonl
from seqattack.records import read_records


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--records", required=True, help="the attack's records, JSON lines")
    parser.add_argument("--model", required=True, help="the victim: its folder, or KIND:NAME")
    parser.add_argument("--budget", type=int, required=True, help="queries an example")
    parser.add_argument("--device", default="auto", help="auto, cpu or cuda")
    parser.add_argument("--precision", default="float32", help="of the victim's forward passes")
    parser.add_argument("--backend", default="torch", help="what computes them")
    parser.add_argument("--threads", type=int, default=1, help="processor threads")
    parser.add_argument("--output", required=True, help="output: JSON lines, one an example")
    options = parser.parse_args()

    set_threads(options.threads)
    from seqattack.explain.explanation import explain
    from seqattack.victim.kinds import load_victim

    victim = load_victim(
        options.model,
        device=options.device,
        precision=options.precision,
        backend=options.backend,
    )
    records = (record for record in read_records(options.records) if record.adversarial)
    found = (explain(record, victim, options.budget).to_json() for record in records)
    write_jsonl(options.output, found)


if __name__ == "__main__":
    run_script(main)
