"""A software card with an authority of its own (cards.md 2.5, 3): for tests, demonstrations and OpenSC.

`personas` loads people from a file, `authority` makes their certificates (`O=WARIFU-TEST`, nothing of it can be taken
for real), `card` is what answers commands, `vpcd` presents it to the real PC/SC daemon. Numbers are practice numbers
only, whose check digit is off by five (N-05).
"""
