"""Keeps the keys of links out of the log: whoever reads a log must not be able to open somebody's invite."""

from __future__ import annotations

import logging
import re

KEY = re.compile(r"(/[ir]/)[A-Za-z0-9_~%-]{8,}")
LOGGERS = ("prm", "prm.ui.refusals", "werkzeug", "waitress", "waitress.queue")


class WithoutKeys(logging.Filter):
    def filter(self, record: logging.LogRecord) -> bool:
        text = record.getMessage()
        if KEY.search(text):
            record.msg, record.args = KEY.sub(r"\1…", text), ()
        return True


def init_app() -> None:
    for name in LOGGERS:
        logger = logging.getLogger(name)
        if not any(isinstance(each, WithoutKeys) for each in logger.filters):
            logger.addFilter(WithoutKeys())
