"""The forms of a report: text, HTML, Markdown, Excel, CSV, JSON, an explanation, a comparison, the decisions to fill in."""
