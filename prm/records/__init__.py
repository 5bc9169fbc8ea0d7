"""Records of the portal's own objects: list, page, new and edit, whatever an admin called them."""
