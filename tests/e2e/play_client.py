"""Follows one sale with Debian's python3-socketio and bids once on each lot; prints what it saw as JSON.

usage: play_client.py URL SALE TOKEN [--plain] [TRANSPORT...]

--plain: wants no recovery, and has handlers of one parameter.
"""

import json
import sys

import socketio

url, sale, token, *transports = sys.argv[1:]
plain = "--plain" in transports
transports = [word for word in transports if word != "--plain"]
client = socketio.Client(reconnection=False)
lots, wrong, last = {}, [], {"seq": None}


def outcome(lot, phase, price, winner):
    return f"{lot} sold {price} {winner}" if phase == "sold" else f"{lot} {phase}"


def in_order(name, event):
    if last["seq"] is not None and event["seq"] != last["seq"] + 1:
        wrong.append(f"{name} {event['seq']} after {last['seq']}")
    last["seq"] = event["seq"]


def on(name):
    """Durable events have one more argument, the offset of connection state recovery: this library passes it on."""
    def add(handle):
        def with_offset(event, _offset):
            handle(event)

        def alone(event):
            handle(event)

        client.on(name, alone if plain else with_offset)
        return handle
    return add


@client.event
def connect():
    client.emit("join_auction", {"sale": sale}, callback=lambda answer: print("joined" if answer["ok"] else f"refused {answer}", flush=True))


@on("auction_snapshot")
def snapshot(event):
    last["seq"] = event["seq"]
    for lot in event["lots"]:
        lots[lot["id"]] = outcome(lot["id"], lot["phase"], lot["price"], None)


@on("lot_started")
def lot_started(event):
    in_order("lot_started", event)
    lot = event["lot"]
    client.emit("place_bid", {"sale": sale, "lot": lot["id"], "amount": lot["ask"], "id": f"py-{lot['id']}-{lot['round']}"},
                callback=lambda answer: answer["ok"] or answer["error"]["code"] == "BELOW_ASK" or wrong.append(f"bid refused: {answer}"))


@on("sold")
def sold(event):
    in_order("sold", event)
    lots[event["lot"]] = outcome(event["lot"], "sold", event["price"], event["winner"]["id"])


@on("unsold")
def unsold(event):
    in_order("unsold", event)
    lots[event["lot"]] = outcome(event["lot"], "unsold", None, None)


@on("auction_complete")
def complete(event):
    in_order("auction_complete", event)
    print(json.dumps({"lots": list(lots.values()), "wrong": wrong}), flush=True)
    client.disconnect()


for durable in ("auction_started", "bid_update", "anti_snipe", "participants_changed", "round_started", "lots_changed"):
    on(durable)(lambda event, name=durable: in_order(name, event))

client.connect(url, auth={"token": token, "recovery": False} if plain else {"token": token}, transports=transports or None)
client.wait()
sys.exit(1 if wrong else 0)
