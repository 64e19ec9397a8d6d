"""The sync activity: for a batch of refs, read all members, merge against the base, write what differs."""
