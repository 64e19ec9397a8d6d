"""The numbers that Syncline promises, measured on the real processes: `make bench`."""
