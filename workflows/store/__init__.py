"""Links, bases, intents, journal and what else must outlive a process."""
