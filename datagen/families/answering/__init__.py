"""An answer is due although tools are offered: it is known already, or nothing is to be done."""
