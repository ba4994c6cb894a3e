"""The pages: server-rendered, each within what its visitor may see; no rule and no query lives here."""
