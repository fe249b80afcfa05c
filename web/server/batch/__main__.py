"""`python -m web.server.batch`: predict a file on this machine."""

import sys

from web.server.batch.command import main

if __name__ == "__main__":
    sys.exit(main())
