"""What fetch, package and publish share of the Hugging Face Hub, through its own client."""
