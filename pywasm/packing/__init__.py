"""What packs Python for the browser, and the stages of every build. Runs on the host only."""
