"""The part of the family `answering` that is talk: greetings, thanks, what the assistant can do.

Some of these chats have no tools, and then no system prompt either: a client's first message.

Not covered: requests (the sibling modules).
"""

from datagen.families.answering.folder import some_tools
from datagen.families.answering.services import able, offer, report, start
from datagen.families.answering.texts import TOPICS, begin, draw, person, texts
from datagen.session import Session
from datagen.worlds import services
from datagen.worlds.services import acting


def greeting(session: Session) -> None:
    """A greeting is answered, with tools or without any."""
    r = session.random
    who = person(session)
    request = draw(session, texts.greetings, person=who)
    if r.random() < 0.5:
        session.user(request)
    else:
        begin(session, request)
        some_tools(session)
    hellos = texts.hellos_by_name if who in request and r.random() < 0.7 else texts.hellos
    session.say(draw(session, hellos, person=who))


def what_can_you_do(session: Session) -> None:
    """The assistant tells what its tools can do, or that it has none."""
    r = session.random
    request = draw(session, texts.abilities, person=person(session), topic=r.choice(TOPICS))
    if r.random() < 0.35:
        session.user(request)
        session.say(draw(session, texts.plain_abilities))
        return
    begin(session, request)
    if r.random() < 0.5:
        some_tools(session)
    else:
        offer(session, start(session))
    session.say(draw(session, texts.able_answers, able=able(session)))


def thanks(session: Session) -> None:
    """After a piece of work the user says thanks."""
    r = session.random
    desk = start(session)
    tool = r.choice([*acting(desk, "get", "find", "update")])
    given = services.arguments(desk, tool, r)
    begin(session, draw(session, texts.requests, task=services.sentence(desk, tool, given)))
    offer(session, desk, tool)
    result = session.call(tool.name, given)
    session.say(report(session, desk, tool, given, result))
    session.user(draw(session, texts.thanks, topic=r.choice(TOPICS)))
    session.say(draw(session, texts.welcome))
