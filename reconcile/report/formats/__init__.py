"""The forms of a report: text, HTML, CSV, JSON, an explanation, a comparison, the decisions to fill in."""
