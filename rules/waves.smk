"""What the rules about training sets ask for: shards of a wave, and the victim of reduced examples."""

# Whether examples are reduced, which takes forward passes of the small victim.
IS_MINIMAL = any(map(PLAN.is_minimal, PLAN.origins))


def augmentation_shards(recipe, stop):
    """Return the first `stop` shards of the attack on the training set."""
    return [LAYOUT.augmentation(recipe).shard(n) for n in range(stop)]


def wave(recipe, number):
    """Return what a finished wave found; Snakemake waits for it here."""
    output = checkpoints.augmentation_wave.get(recipe=recipe, wave=number).output[0]
    return read_json(output)


def shards_of_wave(wildcards):
    """Return the shards that a wave counts: the first wave's are planned from the order's length."""
    if int(wildcards.wave) == 0:
        order = checkpoints.augmentation_order.get(recipe=wildcards.recipe).output.plan
        return augmentation_shards(wildcards.recipe, read_json(order)["first_wave"])
    before = wave(wildcards.recipe, int(wildcards.wave) - 1)
    return augmentation_shards(wildcards.recipe, before["next_shards"])


def last_wave(wildcards):
    """Return the number of the wave that found enough."""
    number = 0
    while not wave(wildcards.recipe, number)["is_last"]:
        number += 1
    return number


def waves(wildcards):
    """Return what all waves found, as files: they run again when their shards do."""
    folder = LAYOUT.augmentation(wildcards.recipe)
    return [folder.wave(number) for number in range(last_wave(wildcards) + 1)]


def shards_of_last_wave(wildcards):
    """Return all shards that were needed for the examples."""
    count = wave(wildcards.recipe, last_wave(wildcards))["shards"]
    return augmentation_shards(wildcards.recipe, count)


def minimal_options(origin):
    """Return the options that have examples reduced to the edits that the small victim needs."""
    victim = ["--minimal", PLAN.model("small"), "--device", CONFIG.device]
    return victim if PLAN.is_minimal(origin) else []


def minimal_contents(origin):
    """Return checksums of that victim's files, where it is a ready one."""
    return PLAN.model_contents("small") if PLAN.is_minimal(origin) else []


def minimal_files(origin):
    """Return what that victim is loaded from."""
    return PLAN.model_files("small") if PLAN.is_minimal(origin) else []
