"""The floor: the same pages with Flask, flask-login, peewee on SQLite and Jinja, and nothing else.

No permissions, no audit, no custom fields, no look: a bound to measure against, not a portal. Run as a server:
`python -m benchmarks.floor DATABASE PORT`.
"""
from __future__ import annotations

import sys

from flask import Flask, render_template_string
from flask_login import LoginManager, UserMixin, login_required
from peewee import BigIntegerField, CharField, DateField, ForeignKeyField, Model, SqliteDatabase, fn

db = SqliteDatabase(None)


class Row(Model):
    class Meta:
        database = db


class Partner(Row):
    number, name, type, territory = CharField(), CharField(), CharField(), CharField()

    class Meta:
        table_name = "partner"


class Deal(Row):
    number, title, outcome = CharField(), CharField(), CharField()
    partner = ForeignKeyField(Partner)
    amount = BigIntegerField()
    closed_on = DateField()

    class Meta:
        table_name = "deal"


class User(UserMixin):
    id = "1"


PAGE = "<!doctype html><title>{{ title }}</title><h1>{{ title }}</h1>"
LIST = PAGE + "<table>{% for row in rows %}<tr>{% for cell in row %}<td>{{ cell }}</td>{% endfor %}</tr>{% endfor %}</table>{{ count }}"


def create() -> Flask:
    app = Flask("floor")
    app.secret_key = "floor"
    login = LoginManager(app)
    login.request_loader(lambda request: User() if request.cookies.get("who") else None)
    app.before_request(lambda: db.connect(reuse_if_open=True) and None)
    app.teardown_request(lambda error: None if db.is_closed() else db.close() and None)

    @app.get("/sign-in")
    def sign_in():
        return render_template_string(PAGE + "<form><input name=email><input name=password><button>In</button></form>", title="In")

    @app.get("/partners/")
    @login_required
    def partners():
        rows = Partner.select(Partner.name, Partner.number, Partner.type, Partner.territory).order_by(Partner.name).limit(25)
        return render_template_string(LIST, title="Partners", rows=list(rows.tuples()), count=Partner.select().count())

    @app.get("/partners/<int:id>")
    @login_required
    def partner(id):
        row = Partner.get_by_id(id)
        deals = Deal.select(Deal.title, Deal.amount, Deal.closed_on).where(Deal.partner == row).limit(25)
        return render_template_string(LIST, title=row.name, rows=list(deals.tuples()), count=0)

    @app.get("/deals/")
    @login_required
    def deals():
        rows = Deal.select(Deal.title, Partner.name, Deal.amount, Deal.closed_on).join(Partner)
        rows = rows.order_by(Deal.closed_on.desc()).limit(25)
        return render_template_string(LIST, title="Deals", rows=list(rows.tuples()), count=Deal.select().count())

    @app.get("/report")
    @login_required
    def report():
        rows = Deal.select(fn.SUBSTR(Deal.closed_on, 1, 7), fn.SUM(Deal.amount), fn.COUNT(Deal.id)).where(Deal.outcome == "won")
        return render_template_string(LIST, title="Report", rows=list(rows.group_by(fn.SUBSTR(Deal.closed_on, 1, 7)).tuples()), count=0)

    return app


if __name__ == "__main__":
    import waitress

    db.init(sys.argv[1], pragmas={"journal_mode": "wal"})
    waitress.serve(create(), host="127.0.0.1", port=int(sys.argv[2]), threads=4, _quiet=True)
