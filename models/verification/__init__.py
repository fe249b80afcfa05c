"""The verification gate: every execution of a pipeline held to the host's, before anything is released."""
