"""The web pages: server-rendered, live by server-sent events, complete without any script."""
