from . import backlog, brokers, deaths, members, messages, networks, stores  # noqa: F401
