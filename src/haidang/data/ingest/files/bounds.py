"""How much a file may hold. Beyond these a file is refused with a sentence, never tried."""

COLUMNS = 1_000
ROWS_AT_ONCE = 20_000
CELL_CHARACTERS = 65_536
HEADER_SEARCH = 30

BOOK_BYTES = 1 << 30
BOOK_RATIO = 250
BOOK_ENTRIES = 4_000
BOOK_COLUMNS = 2_000  # as stored; the columns that say something are at most COLUMNS
BOOK_CELLS = 20_000_000

JSON_BYTES = 64 << 20
