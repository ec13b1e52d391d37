"""Writing Markdown: the field and widget of django-markdownx, with everything behind them replaced.

As it comes, its preview and upload answer anybody, its upload stores pages and scripts, and its script traps the Tab
key and swallows dropped files. Here: the field, the names of the URLs and the data attributes; nothing else of it runs.
"""
