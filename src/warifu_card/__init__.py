"""カードとリーダ: read a My Number Card (マイナンバーカード) from Python.

The library will offer transports (PC/SC and a simulator), an APDU layer whose one text form masks
secrets, and the card's applications (JPKI, 券面事項入力補助) as typed values. It knows neither Django
nor the Warifu server and is installed on its own.
"""
