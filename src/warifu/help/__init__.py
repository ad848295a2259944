"""ヘルプ: what fits the reader's question: articles, procedures, refusals, found by one search (003-1).

Articles come from Markdown files in the repository (`articles/`) and from editors in the browser. Every organisation
writes for its own people, the operator for everybody.

ArticleVersion: DRAFT → REVIEWING → PUBLISHED → REPLACED, or REVIEWING → SENT_BACK → REVIEWING.

The index holds words of help only: no number, no person. What was asked for and not found is kept as words without
digits, so that authors see what is missing; it is never kept who asked.
"""
