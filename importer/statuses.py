"""Exit statuses of the command; scripts rely on them."""

CLEAN, FINDINGS, CANNOT_WORK = 0, 1, 2
CHANGES, FAILED, UNKNOWN, AGAIN_LATER = 3, 4, 5, 75
INTERRUPTED, TERMINATED = 130, 143
