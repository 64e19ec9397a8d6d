"""A stand-in for Jira, Cloud or Data Center: an in-memory server that answers as the vendor's API does."""
