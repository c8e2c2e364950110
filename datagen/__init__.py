"""What writes `data/`: programs that act with real tools, look at the results, and decide.

`workbench` runs the tools, `session` records a conversation while it happens, `families` holds the
scenarios, `worlds` what they are about, and `generate` turns them into the data files. It imports
`synthia`, which never imports it. README.md tells how to add to it.

Not covered: checking data files (`synthia.data.check`) and turning rows into tokens.
"""
