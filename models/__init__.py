"""The shared record: tables, store functions, migrations and settings. Imports no other room."""
