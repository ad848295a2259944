"""カードとリーダ: read a My Number Card (マイナンバーカード) from Python.

    from warifu_card import jpki
    from warifu_card.card import Card
    from warifu_card.transport import pcsc

    with pcsc.connect() as transport:
        print(jpki.certificate(Card(transport), jpki.AUTH).not_after)

From the bottom: `transport` moves bytes (PC/SC or the simulator), `apdu` gives them a form whose one text masks
secrets, `card` selects, reads, counts and verifies, and `jpki`, `profile`, `surface` and `resident` are the card's
applications as typed values. `token` and `evidence` are what a program and a server agree upon. `simulator` is a
software card with an authority of its own. It knows neither Django nor the Warifu server.
"""

__version__ = "0.1.0"
