"""What every screen of the reports hangs on."""
from flask import Blueprint

bp = Blueprint("reports", __name__, url_prefix="/reports")
