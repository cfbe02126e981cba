"""A local DLI: the documented service of enhanced connections over SQLite, with faults on request.

It is written from the documentation alone and shares nothing with the client but loopback sockets, so that
each checks the other. `serve.start()` is the door; the way of a request is

    wire -> door (log, faults) -> gateway (size, rate, signature or token) -> service -> page -> store
"""
