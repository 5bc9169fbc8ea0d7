"""A real mail server that keeps the mails it takes, as messages to be read."""
from email import message_from_bytes, policy

import pytest
from aiosmtpd.controller import Controller

from prm.core import mail
from prm.core.mail import Server
from tests.core.test_mail import free_port


@pytest.fixture
def postbox():
    """{address: the mails that the server has taken for it}; it refuses bounce@example.com."""
    taken = {}

    class Box:
        async def handle_RCPT(self, server, session, envelope, address, options):
            if address == "bounce@example.com":
                return "550 no such mailbox"
            envelope.rcpt_tos.append(address)
            return "250 OK"

        async def handle_DATA(self, server, session, envelope):
            for address in envelope.rcpt_tos:
                taken.setdefault(address, []).append(message_from_bytes(envelope.content.replace(b"\r\n", b"\n"), policy=policy.default))
            return "250 OK"

    controller = Controller(Box(), hostname="127.0.0.1", port=free_port())
    controller.start()
    mail.configure(Server("127.0.0.1", controller.port), "portal@kestrel.example")
    yield taken
    mail.configure(None)
    controller.stop()
