"""What this machine offers: environments, the Docker Engine, disk, processor, downloads."""
