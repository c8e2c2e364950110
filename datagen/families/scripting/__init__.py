"""The family `scripting`: projects in JavaScript, TypeScript and shell, read and changed but not run."""
