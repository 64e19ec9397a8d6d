"""A crash at every step between a webhook and the commit of what came of it."""
