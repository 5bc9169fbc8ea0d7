"""What the tests of accounts do again and again."""

PASSWORD = "three quiet green boats"
OTHER = "four loud yellow trains"


def enter(client, email="uma@kestrel.example", password=PASSWORD, **more):
    """Send the sign-in form."""
    return client.post("/sign-in", data={"email": email, "password": password, **more})
