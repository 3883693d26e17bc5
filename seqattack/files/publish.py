"""Datasets on the Hugging Face hub: put there in one commit, private unless said otherwise."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

from seqattack.errors import BackendError, ConfigError
from seqattack.text import reason_of

T = TypeVar("T")

KIND = "dataset"

CURES = {
    401: "the hub does not know the token; set HF_TOKEN to one of yours that may write",
    403: "the token may not write there; set HF_TOKEN to one that may",
    404: "there is no such account, or the token may not see it",
}
"""What to do about the hub's answers."""


@dataclass(frozen=True, slots=True)
class Destination:
    """A dataset of the hub that is going to be written.

    Args:
        name: ``ACCOUNT/NAME``.
        public: Whether everyone may see it.
    """

    name: str
    public: bool = False

    def check(self) -> None:
        """Check, before any work, that it can be written; nothing is made.

        Raises:
            ConfigError: The name is none, or the dataset is public already and must not be.
            BackendError: There is no token, or the hub cannot be reached or refuses it.
        """
        from huggingface_hub import HfApi, get_token
        from huggingface_hub.errors import RepositoryNotFoundError

        if re.fullmatch(r"[\w][\w.-]*/[\w][\w.-]*", self.name, re.ASCII) is None:
            raise ConfigError(
                f"--push-to-hub {self.name!r}: is no name of a dataset; write ACCOUNT/NAME."
            )
        if not get_token():
            raise BackendError(
                "there is no token for the hub; set HF_TOKEN to one of yours that may write, or "
                "run `hf auth login`."
            )
        api = HfApi()
        _asked(self.name, api.whoami)
        try:
            found = _asked(self.name, lambda: api.repo_info(self.name, repo_type=KIND))
        except BackendError as error:
            if isinstance(error.__cause__, RepositoryNotFoundError):
                return
            raise
        if not found.private and not self.public:
            raise ConfigError(
                f"{self.name}: everyone can see this dataset; give --public, or another name."
            )

    def push(self, files: Mapping[str, Path | bytes], message: str) -> str:
        """Make the dataset if it is not there, and put files into it in one commit.

        Args:
            files: By path in the dataset, a file or its bytes.
            message: Of the commit.

        Returns:
            The dataset's address.

        Raises:
            BackendError: The hub cannot be reached or refuses it.
        """
        from huggingface_hub import CommitOperationAdd, HfApi

        api = HfApi()
        adding = [
            CommitOperationAdd(path, content if isinstance(content, bytes) else str(content))
            for path, content in files.items()
        ]

        def send() -> str:
            made = api.create_repo(
                self.name, repo_type=KIND, private=not self.public, exist_ok=True
            )
            api.create_commit(self.name, adding, commit_message=message, repo_type=KIND)
            return str(made)

        return _asked(self.name, send)


def _asked(name: str, ask: Callable[[], T]) -> T:
    """Return what the hub answers.

    Raises:
        BackendError: It does not, or refuses; the message says why in one line.
    """
    try:
        return ask()
    except Exception as error:  # each version of the hub's client has errors of its own
        status = getattr(getattr(error, "response", None), "status_code", 0)
        reason = CURES.get(status, f"{reason_of(error)} ({type(error).__name__})")
        raise BackendError(f"{name}: could not be put on the hub: {reason}.") from error
