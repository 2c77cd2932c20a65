"""Questions about targets: asked by the collector and by agents."""
