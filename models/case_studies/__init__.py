"""Case studies: what is quoted of compressed networks, beside what was counted and measured here."""
