"""Where data arrives: sources, runs with receipts that reconcile, rows waiting for a person.

Its words: a *source* is an agreed flow of one supplier into one dataset; a *run* (lượt nạp) is
one arrival and, by its number, one batch of the lake; a *receipt* (biên nhận) says what became of
every row; *quarantine* (dữ liệu chờ xử lý) keeps the rows that break the contract, with reasons,
until a person mends, replays or discards them. It does not know what a figure means.
"""
