"""電子証明書ツール: obtains the electronic certificate of a person on their own computer (000-31 … 000-36).

A distribution of its own, which knows neither Django nor the server. `flow` tells the story once; a terminal and a
window are two ways of asking (`dialogue`). The key is made here (`credential`) and goes into the store that the
person chooses (`stores`); the server gets a request and never the key (C-03). Secrets are in no command line, no
environment and no log.
"""

__version__ = "0.1.0"
