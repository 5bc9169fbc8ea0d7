"""The reports that are ready: each is answered, and can be made one's own."""
import pytest

from prm.access.system import SYSTEM
from prm.models import Folder, Report
from prm.reporting.asking import ask
from prm.reporting.library import FOLDERS, ready
from prm.ui.pictures import problem

KEYS = [each.key for each in ready()]


def test_there_are_twenty_six_in_their_folders():
    assert len(KEYS) == 26 and {each.folder for each in ready()} == set(FOLDERS)
    assert not [each.name for each in ready() if not each.description or problem(each.content.question)]


@pytest.mark.parametrize("key", KEYS)
def test_each_is_answered_on_both_databases(database, make, key):
    make.stages()
    make.deal("Forty bikes", amount=1000)
    content = next(each.content for each in ready() if each.key == key)
    assert ask(content, SYSTEM).said.startswith("Showing")


def test_one_is_read_and_copied(sign_in, make, book, ann, ada):
    client = sign_in(ann)
    assert client.get("/reports/library").text.count("/copy") == 26
    page = client.get("/reports/library/revenue-by-tier")
    assert page.status_code == 200 and "Revenue by tier" in page.text
    answer = client.post("/reports/library/revenue-by-tier/copy")
    made = Report.get()
    assert answer.location == f"/reports/{made.id}" and (made.name, made.owner_id, made.sharing) == ("Revenue by tier", ann.id, "private")
    assert made.folder.name == "Revenue" and Folder.select().count() == 1
    assert client.get("/reports/library/nonsense").status_code == 404 and sign_in(ada).get("/reports/library").status_code == 403
