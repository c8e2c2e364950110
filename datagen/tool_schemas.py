"""Names, descriptions and JSON Schemas of the tools that the shipped conversations call.

Not covered: what the tools do (`datagen.workbench`).
"""

from typing import Any

STRING = {"type": "string"}
PATH = {"type": "string", "description": "Path relative to the project folder"}


def _tool(
    name: str, description: str, properties: dict[str, Any], required: list[str]
) -> dict[str, Any]:
    parameters = {"type": "object", "properties": properties, "required": required}
    function = {"name": name, "description": description, "parameters": parameters}
    return {"type": "function", "function": function}


TOOLS: dict[str, dict[str, Any]] = {
    tool["function"]["name"]: tool
    for tool in (
        _tool(
            "read_file",
            "Read a text file, or some of its lines",
            {
                "path": PATH,
                "start_line": {"type": "integer", "minimum": 1},
                "end_line": {"type": "integer", "minimum": 1},
            },
            ["path"],
        ),
        _tool(
            "write_file",
            "Create a text file or replace its whole content",
            {"path": PATH, "content": STRING},
            ["path", "content"],
        ),
        _tool("list_directory", "List the entries of a folder", {"path": PATH}, ["path"]),
        _tool(
            "search",
            "Search files for a regular expression; prints path:line: text",
            {
                "pattern": STRING,
                "path": {"type": "string", "description": "File or folder, default the project"},
                "glob": {"type": "string", "description": "Only files with such names, e.g. *.py"},
            },
            ["pattern"],
        ),
        _tool(
            "apply_patch",
            "Change files by a unified diff",
            {"patch": {"type": "string", "description": "Unified diff with ---, +++ and @@ lines"}},
            ["patch"],
        ),
        _tool(
            "run_python",
            "Run Python code in the project folder and return what it prints",
            {
                "code": STRING,
                "timeout": {"type": "integer", "minimum": 1, "description": "Seconds, default 5"},
            },
            ["code"],
        ),
        _tool(
            "run_tests",
            "Run pytest",
            {
                "path": {"type": "string", "description": "Test file or folder, default all"},
                "keyword": {"type": "string", "description": "Only tests whose name matches"},
            },
            [],
        ),
        _tool("git_status", "Show changed and new files", {}, []),
        _tool("git_diff", "Show uncommitted changes", {"path": PATH}, []),
        _tool(
            "git_commit", "Commit all changes", {"message": STRING}, ["message"]
        ),
        _tool(
            "http_request",
            "Send a request to the Flask app in app.py",
            {
                "method": {"type": "string", "enum": ["GET", "POST", "PUT", "PATCH", "DELETE"]},
                "path": {"type": "string", "description": "Path with query, e.g. /items?limit=2"},
                "json": {"type": "object", "description": "JSON body"},
            },
            ["method", "path"],
        ),
    )
}  # fmt: skip
"""By name. What a row declares is a copy of some of these."""
