"""What must never come out: planted by the client and the server of the canary test, looked for by the test.

Made up, and each of a kind: a key of a payment service, a signed token, an address, a card, a telephone, words of people.
"""

TOKEN = "sk_live_4eC39HqLyjWDarjtT1zdp7dc"
SESSION = "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08"
OPAQUE = "Zk3vQ9xT7LmP2rW8yN4bH6cJ1dF5gS0a"
JWT = "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxMjM0NTY3ODkwIiwibmFtZSI6IkJvYmJ5In0.c2lnbmF0dXJlLW9mLWNhbmFyeQ"
EMAIL = "bobby.canary@leak.example"
CARD = "4111 1111 1111 1111"
DIGITS = "4111111111111111"
PHONE = "+49 170 5550123"
PERSON = "Bobby Canarovic"
SENTENCE = "meet me behind the aviary at nine"

EVERY = [TOKEN, SESSION, OPAQUE, JWT, EMAIL, CARD, DIGITS, PHONE, PERSON, SENTENCE]
NAMES = [EMAIL, TOKEN, JWT, PHONE, CARD, SESSION, OPAQUE]
"""Those that are put into names of events, keys and namespaces: what has a form. Words cannot be told from a name."""
FIELDS = ["status", "type", "kind", "state", "token", "email", "name", "note", "x", "value", "code", "label"]
