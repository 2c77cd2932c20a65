"""The agent: reads facts of its host and its neighbours, and reports them; it judges nothing."""
