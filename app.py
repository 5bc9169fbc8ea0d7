"""What `flask --app app …` and WSGI servers load."""
from prm import create_app

app = create_app()
