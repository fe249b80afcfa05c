"""The server: hands out what the build wrote, with the headers that the browser runtime needs."""
