"""Rules of the room ヘルプ: searching, Markdown, articles, the employees' manual, the business flow."""
