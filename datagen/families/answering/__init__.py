"""An answer is due although tools are offered: something is missing, or impossible, or known already."""
