"""The report: one page and one PDF of a course, for the person or whoever they show it to."""
