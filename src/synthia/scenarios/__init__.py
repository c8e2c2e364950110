"""The shipped conversations: programs that act with real tools, look at the results, and decide.

`workbench` runs the tools, `session` records a conversation while it happens, the family modules
(`fixing`, `flask_apps`, ...) hold the scenarios, and `generate` turns them into the data files.

Not covered: checking data files (`synthia.data_check`) and turning rows into tokens.
"""
