"""Who has which book, and what is allowed."""

LIMIT = 2
MEMBERS = {"Ines", "Milo", "Tove"}
BOOKS = {1: "Weather Signs", 2: "Apple Trees", 3: "Old Maps", 4: "Bread at Home"}
LOANS = {1: "Milo", 3: "Milo"}


class Refused(Exception):
    """A rule forbids it."""

    def __init__(self, text: str, status: int = 409) -> None:
        super().__init__(text)
        self.status = status


def overview() -> list[dict[str, object]]:
    return [{"id": key, "title": BOOKS[key], "member": LOANS.get(key)} for key in BOOKS]


def lend(book: int, member: str) -> None:
    if book not in BOOKS or member not in MEMBERS:
        raise Refused("unknown book or member", 404)
    if book in LOANS:
        raise Refused("book is lent already")
    if list(LOANS.values()).count(member) >= LIMIT:
        raise Refused(f"{member} has {LIMIT} books already")
    LOANS[book] = member


def give_back(book: int) -> None:
    if book not in LOANS:
        raise Refused("book is not lent")
    del LOANS[book]
