"""Mailbox: attachments of mail from known senders."""
