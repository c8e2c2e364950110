"""Fine-tuning of a coder model on chats with tool calls, from data to verified GGUF files.

`stage.py` is the page to read first: it shows every stage, what it reads and what it writes.

Importing this package, or any module outside `synthia.stages`, never imports torch.
"""
