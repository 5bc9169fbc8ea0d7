"""`python -m prm` is the command `prm`."""
from prm.cli import main

main(prog_name="prm")
