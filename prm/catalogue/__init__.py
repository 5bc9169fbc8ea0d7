"""What can be asked: kinds, operators, objects and their fields, and the one Question over them."""
