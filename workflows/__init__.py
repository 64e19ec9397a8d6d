"""What must survive: Temporal workflows, their activities and the store."""
