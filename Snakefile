"""SeqAttack, rebuilt: from a corpus to the paper's tables and figures.

snakemake --cores 8                                        the paper's experiment
snakemake --cores all --configfile config/demo.yaml        the embedded default, offline
"""

from snakemake.utils import min_version

min_version("9.0")

# Not loaded beside another config: Snakemake would mix the two.
if not workflow.config_settings.configfiles:

    configfile: "config/config.yaml"


report: "rules/captions/workflow.rst"


include: "rules/common.smk"
include: "rules/shown.smk"


if len(CONFIG.seeds) == 1:

    include: "rules/artefacts.smk"
    include: "rules/backends.smk"
    include: "rules/data.smk"
    include: "rules/train.smk"
    include: "rules/attack.smk"
    include: "rules/waves.smk"
    include: "rules/augment.smk"
    include: "rules/report.smk"

    rule cards:
        """The cards of all trained victims."""
        input:
            [LAYOUT.card(victim) for victim in PLAN.victims if victim not in PLAN.ready],
        localrule: True

else:

    include: "rules/seeds.smk"


localrules:
    all,


rule all:
    default_target: True
    input:
        LAYOUT.summary,
        LAYOUT.tables_text,
        # Of report.smk or seeds.smk; with the scores, so that lost ones are made again beside
        # finished tables.
        TARGETS,
        make_damaged_again,


onstart:
    check_parts()
    work_alone()
    heed_hangup()
    set_damaged_aside()


onerror:
    HELD.close()


onsuccess:
    HELD.close()
    if LAYOUT.summary.exists():  # not where another target was asked for
        print(LAYOUT.summary.read_text(encoding="utf-8"))
