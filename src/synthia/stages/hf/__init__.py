"""What stages that compute with PyTorch share."""
