"""The measurements, one file each subject."""
