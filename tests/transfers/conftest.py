"""A file as somebody would have it, on its way into the portal."""
import io
import re

import pytest

from prm.access.system import SYSTEM
from prm.core.jobs import run_once
from prm.models import Import, Organisation
from prm.transfers import jobs, running


@pytest.fixture
def written(tmp_path):
    """`written("Name,…")` is the path of a file with this text or these bytes."""

    def write(content, name="file.csv"):
        path = tmp_path / name
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
        return path

    return write


@pytest.fixture
def load(app, written):
    """`load("deal", "Deal no,…")` imports a text as the command does, and says what came of it."""

    def run(object, content, viewer=SYSTEM, **options):
        token = Organisation.remember()
        try:
            return running.import_file(viewer, object, written(content), **options)
        finally:
            Organisation.forget(token)

    return run


@pytest.fixture
def upload(sign_in):
    """`upload(sam, "partner", "Partner no,…")` sends a file as Sam; returns his client and the answer."""

    def send(person, object, content, name="file.csv", client=None):
        client = client or sign_in(person)
        content = content if isinstance(content, bytes) else content.encode()
        form = {"object": object, "file": (io.BytesIO(content), name)}
        return client, client.post("/import/new", data=form, content_type="multipart/form-data")

    return send


@pytest.fixture
def looked_at(upload):
    """The same, and the file was accepted and every row is checked: returns the client and the import."""

    def send(person, object, content, **more):
        client, answer = upload(person, object, content, **more)
        assert answer.status_code == 303, errors_of(answer)
        work()
        return client, Import.select().order_by(Import.id.desc()).get()

    return send


def work() -> None:
    """Do what is queued: the kinds of job are known since their module is loaded."""
    assert jobs
    while run_once():
        pass


def errors_of(answer) -> list[str]:
    """What a form says is wrong with it."""
    return [text.strip() for text in re.findall(r'class="err"[^>]*>.*?</svg>(.*?)</p>', answer.text, re.DOTALL)]


def again(batch: Import) -> Import:
    return Import.get_by_id(batch.id)
