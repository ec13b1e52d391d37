"""The cohort's grid: learners by criteria, what waits longest, and the same as a table to take away."""

from .page import Cell, Grid, Head, LongWait, Row, grid
from .table import grid_table

__all__ = ("Cell", "Grid", "Head", "LongWait", "Row", "grid", "grid_table")
