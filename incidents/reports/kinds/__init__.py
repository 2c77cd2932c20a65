"""The kinds of reports: one file each, with a module-level `ReportKind` that a scanner finds."""
