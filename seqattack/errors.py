"""The project's exceptions: each message says what was wrong, where, and what to do."""


class SeqAttackError(Exception):
    """Base of all errors that a user can cause and cure; the CLI prints no traceback for them."""


class CorpusError(SeqAttackError):
    """A corpus could not be read, or a sentence in it is not usable."""


class ConfigError(SeqAttackError):
    """A configuration value is missing, unknown or out of range."""


class ModelError(SeqAttackError):
    """A model could not be loaded, or does not fit the data."""


class RecipeError(SeqAttackError):
    """An attack recipe is unknown or cannot be built."""


class RecordError(SeqAttackError):
    """A file of attack records is corrupt or belongs to another run."""


class IntegrityError(SeqAttackError):
    """A file of a run is not as it was when it was made."""


class BackendError(SeqAttackError):
    """A backend (sentence encoder, grammar checker, hub) is not installed, reachable or intact."""


class ShortageError(SeqAttackError):
    """There are fewer sentences or adversarial examples than were asked for."""
