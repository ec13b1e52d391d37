"""What the pages of internal quality assurance show, each in a fixed number of statements."""
