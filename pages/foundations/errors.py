"""Error messages of the "Foundations" page, keyed by the codes of `core.errors.CoreError`."""

from pages.components.text import _


def messages() -> dict[str, str]:
    """Return the error messages, keyed by error code. Names in braces are placeholders for error parameters."""
    return {
        "line_undetermined": _("A line needs two points with different x values."),
        "points_damaged": _("These points cannot be read. The address may be incomplete."),
        "points_too_many": _("Too many points: at most {limit} are allowed."),
        "points_too_few": _("Too few points: at least {least} are needed."),
        "points_one_class": _("All labels are the same. Two different labels are needed."),
        "points_one_spot": _("All points have the same coordinates. The network cannot separate them."),
        "table_not_text": _("This file is not a text file. Save the table as CSV in UTF-8."),
        "table_spreadsheet": _("This is a spreadsheet. Save it as a CSV file, and upload the CSV file."),
        "table_empty": _("This file has no complete row. Each row needs two numbers and a label."),
        "table_columns": _(
            "Line {row} must have 3 columns, not {found}. Write two features and the label, separated by commas, "
            "semicolons, or tabs."
        ),
        "table_not_a_number": _(
            "Line {row}, column {column}: “{text}” is not a number. The label must be in the last column."
        ),
        "table_mixed_decimals": _(
            "Line {row}, column {column}: “{text}” and the numbers above it have different decimal separators. Use "
            "the same decimal separator in the whole column."
        ),
        "table_decimal": _(
            "Line {row}, column {column}: “{text}” can mean {point} or {comma}. Choose the decimal separator of this "
            "file."
        ),
        "table_rare_labels": _(
            "Rows whose label is neither “{zero}” nor “{one}”: {count}. The first such label is “{text}” on line "
            "{row}. Correct the file, or choose what to do."
        ),
        "table_rare_names": _(
            "Rows whose label is neither “{zero}” nor “{one}”: {count}. The first such label is “{text}” on line "
            "{row}. Correct the file, or leave out these rows."
        ),
        "table_many_classes": _(
            "Too many different labels: {count}, for example {names}. Keep two labels and remove the rows with "
            "other labels."
        ),
    }
