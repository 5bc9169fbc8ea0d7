"""Charts drawn on the server as SVG: no script in the browser, and the same code draws the page and the PDF.

On a page x is in per cent and text in pixels, so a chart follows its box and its labels never shrink; colours are
classes, so dark mode and the brand just work. With `width=` (pixels) everything is absolute and painted outright,
which is what the PDF needs. Each chart has a spoken summary (`label`); pair it with `data_table`, so that the numbers
are there without sight or mouse.
"""
from prm.ui.charts.bars import bar, hbars, share
from prm.ui.charts.combo import Series, combo
from prm.ui.charts.donut import donut
from prm.ui.charts.plot import PAPER, Paint
from prm.ui.charts.small import ring, sparkline
from prm.ui.charts.stacked import scatter, stacked
from prm.ui.charts.table import data_table

__all__ = [
    "PAPER", "Paint", "Series", "bar", "combo", "data_table", "donut", "hbars", "ring", "scatter", "share", "sparkline",
    "stacked",
]  # fmt: skip
