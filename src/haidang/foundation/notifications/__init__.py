"""Telling people, and proving it.

A *message* is for one account and stands in its inbox with the transaction that wrote it. Each
*delivery* is one way that it takes: in the application at once, by e-mail through a job that tries
again with growing waits, and keeps the server's answer. `proofs` says when a message was sent,
delivered and read.

A mail that the server took over right before a worker died goes out again under the same
Message-ID. Without a mail server (HAIDANG_SMTP_URL) letters lie in the data folder's `mail`.

Not here: when somebody is to be told (the domain that sends), deadlines (`obligations`).
"""
