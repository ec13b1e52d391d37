// Dresses the page: see docs/components.md.
