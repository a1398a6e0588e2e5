"""The error messages of the page "Foundations", by the codes of `core.errors.CoreError`."""

from pages.components.text import _


def messages() -> dict[str, str]:
    """Return the messages, with their parameters in braces."""
    return {
        "line_undetermined": _("A line needs two points with different x."),
        "points_damaged": _("These points cannot be read: the address may be incomplete."),
        "points_too_many": _("{limit} points are the most."),
        "points_too_few": _("These are too few points: {least} are the fewest."),
        "points_one_class": _("With one class there is nothing to tell apart: two different labels are needed."),
        "points_one_spot": _("All points are on one spot. There is nothing by which a network could tell them apart."),
        "table_not_text": _("This is no table of text. Save it as CSV."),
        "table_spreadsheet": _("This is a spreadsheet. Save it as CSV, and choose that file."),
        "table_empty": _("There is no complete row in this file: two numbers and a label are needed in each."),
        "table_columns": _(
            "In line {row} the number of columns is {found}. Three are needed, two features and the label, with a "
            "comma, a semicolon or a tab between them."
        ),
        "table_not_a_number": _(
            "Line {row}, column {column}: “{text}” is no number. The label has to be the last column."
        ),
        "table_many_classes": _(
            "There are {count} different labels, among them {names}. Two can be told apart here: leave out the others."
        ),
    }
