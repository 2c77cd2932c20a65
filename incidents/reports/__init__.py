"""Documents that people sign: one structure, two print layouts, PDF and docx of both."""
