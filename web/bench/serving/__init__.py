"""The benchmark of predictions over HTTP: what the server sustains on this machine, and what limits it."""
