"""Lists of learners as a centre brings them: which column is what, and what is the matter with a line. Pure reading."""
