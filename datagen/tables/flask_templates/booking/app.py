"""Bookings of rooms by the hour."""

from flask import Flask, jsonify, request
from flask.typing import ResponseReturnValue

app = Flask(__name__)

ROOMS = ("attic", "studio")
BOOKINGS = [
    {"room": "studio", "start": 9, "end": 11},
    {"room": "studio", "start": 14, "end": 16},
]


def conflict(room: str, start: int, end: int) -> dict | None:
    """The first booking of the room that overlaps; touching ends do not."""
    for booking in BOOKINGS:
        if booking["room"] == room and start < booking["end"] and booking["start"] < end:
            return booking
    return None


@app.get("/rooms/<room>/bookings")
def list_bookings(room: str) -> ResponseReturnValue:
    if room not in ROOMS:
        return jsonify(error="unknown room"), 404
    found = [booking for booking in BOOKINGS if booking["room"] == room]
    return jsonify(sorted(found, key=lambda booking: booking["start"]))


@app.post("/bookings")
def book() -> ResponseReturnValue:
    data = request.get_json(silent=True) or {}
    room, start, end = data.get("room"), data.get("start"), data.get("end")
    if room not in ROOMS:
        return jsonify(error="unknown room"), 400
    if not isinstance(start, int) or not isinstance(end, int) or not 0 <= start < end <= 24:
        return jsonify(error="start and end must be hours, start before end"), 400
    if taken := conflict(room, start, end):
        return jsonify(error="room is taken", booking=taken), 409
    booking = {"room": room, "start": start, "end": end}
    BOOKINGS.append(booking)
    return jsonify(booking), 201
