"""Coming in with the account one has elsewhere: OpenID Connect, authorisation code with PKCE."""
