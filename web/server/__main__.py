"""`python -m web.server`: see `web.server.serve`."""

import sys

from web.server.serve import main

sys.exit(main())
