"""The blueprint of portals; its screens are in three files: partners' (views.py), Setup's (setup.py), applications (reviewing.py)."""
from flask import Blueprint

bp = Blueprint("portals", __name__)
