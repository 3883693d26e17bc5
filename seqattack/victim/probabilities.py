"""The output of a victim: for each token, the probability of each tag."""

from __future__ import annotations

from typing import Any

import numpy as np

Probabilities = np.ndarray[Any, np.dtype[np.float32]]
