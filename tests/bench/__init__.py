"""What a page costs: processor time and statements of a request, beside a plain view of the same shape."""
