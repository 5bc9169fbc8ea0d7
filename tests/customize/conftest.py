"""Fields that are kept unique have an index of the database, which outlives the rows of a test."""
import pytest

from prm.catalogue import uniqueness
from prm.catalogue.objects import objects
from prm.models import CustomField


@pytest.fixture(autouse=True)
def no_index_stays(store):
    yield
    known = objects()
    for row in CustomField.select().where(CustomField.unique == True):  # noqa: E712
        uniqueness.release(row, known[row.object])
