"""The address of surveys, shared by the files that are named after their screens."""
from flask import Blueprint

bp = Blueprint("surveys", __name__)
