"""The demo centre: believable people, prose and files."""
