"""Jobs: tables that the server works through by itself, and the answers that it keeps of them by key."""
