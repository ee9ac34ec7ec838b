"""Text on its way into somebody's spreadsheet."""

_RUNS = ("=", "+", "-", "@", "\t", "\r")


def harmless(cell: str) -> str:
    """Return a cell that a spreadsheet shows and never runs; numbers stay numbers."""
    if not cell.startswith(_RUNS):
        return cell
    bare = cell[1:].replace(".", "").replace(",", "")
    return cell if cell[0] in "+-" and bare.isdigit() else f"'{cell}"
