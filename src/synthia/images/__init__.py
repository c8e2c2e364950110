"""The two images: built, checked byte by byte, locked, loaded, described, built again."""
