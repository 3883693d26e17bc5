"""SeqAttack, rebuilt: from a corpus to the paper's tables and figures.

    snakemake --cores 8                                        the paper's experiment
    snakemake --cores all --configfile config/demo.yaml        the embedded default, offline
"""

from snakemake.utils import min_version

min_version("9.0")

if not workflow.config_settings.configfiles:

    configfile: "config/config.yaml"


include: "rules/common.smk"
include: "rules/data.smk"
include: "rules/train.smk"
include: "rules/attack.smk"
include: "rules/augment.smk"
include: "rules/report.smk"


localrules:
    all,


rule all:
    default_target: True
    input:
        [
            RESULTS / "attacks" / e / v / r / f"shard-{n}.jsonl"
            for e, v, r in attacks()
            for n in shards(CONFIG.subset.size, CONFIG.attack.shard_size)
        ],
        [RESULTS / "evaluation" / f"{v}.json" for v in ["full", "small", *ROBUST]],
