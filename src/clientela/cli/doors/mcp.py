"""The command that answers an assistant: mcp."""

from __future__ import annotations

from clientela.cli.shell import AsUserOption, WorkspaceOption, app
from clientela.errors import OK, UsageError


@app.command()
def mcp(workspace: WorkspaceOption = None, user: AsUserOption = None) -> int:
    """Answer an assistant that speaks MCP over standard input and output; it can read, and change nothing."""
    from clientela import config
    from clientela.workspace import Workspace

    folder = config.workspace_folder(workspace)
    if user is not None:
        Workspace(folder).refuse_unknown(user)
    try:
        from clientela.mcp.serving import over_pipes
    except ModuleNotFoundError as missing:
        if missing.name not in ("mcp", "mcp_types"):
            raise
        raise UsageError("to answer assistants needs one more package: pip install 'clientela[mcp]'") from None
    from clientela.cli import collect_as_usual

    collect_as_usual()
    over_pipes(folder, user)
    return OK
