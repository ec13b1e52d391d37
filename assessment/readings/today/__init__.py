"""Today: what waits for a person, in order, and one click to each; every role they hold on one page."""

from .page import TodayPage, today_page

__all__ = ["TodayPage", "today_page"]
