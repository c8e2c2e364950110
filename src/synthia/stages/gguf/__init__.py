"""What stages that work on GGUF files share."""
