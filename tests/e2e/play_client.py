"""Follows one sale with Debian's python3-socketio and bids once on each lot; prints what it saw as JSON.

usage: play_client.py URL SALE TOKEN [TRANSPORT...]
"""

import json
import sys

import socketio

url, sale, token, *transports = sys.argv[1:]
# Durable events have one more argument, the offset of connection state recovery: this library passes it on.
client = socketio.Client(reconnection=False)
lots, wrong, last = {}, [], {"seq": None}


def outcome(lot, phase, price, winner):
    return f"{lot} sold {price} {winner}" if phase == "sold" else f"{lot} {phase}"


def in_order(name, event):
    if last["seq"] is not None and event["seq"] != last["seq"] + 1:
        wrong.append(f"{name} {event['seq']} after {last['seq']}")
    last["seq"] = event["seq"]


@client.event
def connect():
    client.emit("join_auction", {"sale": sale}, callback=lambda answer: print("joined" if answer["ok"] else f"refused {answer}", flush=True))


@client.on("auction_snapshot")
def snapshot(event, _offset):
    last["seq"] = event["seq"]
    for lot in event["lots"]:
        lots[lot["id"]] = outcome(lot["id"], lot["phase"], lot["price"], None)


@client.on("lot_started")
def lot_started(event, _offset):
    in_order("lot_started", event)
    lot = event["lot"]
    client.emit("place_bid", {"sale": sale, "lot": lot["id"], "amount": lot["ask"], "id": f"py-{lot['id']}-{lot['round']}"},
                callback=lambda answer: answer["ok"] or answer["error"]["code"] == "BELOW_ASK" or wrong.append(f"bid refused: {answer}"))


@client.on("sold")
def sold(event, _offset):
    in_order("sold", event)
    lots[event["lot"]] = outcome(event["lot"], "sold", event["price"], event["winner"]["id"])


@client.on("unsold")
def unsold(event, _offset):
    in_order("unsold", event)
    lots[event["lot"]] = outcome(event["lot"], "unsold", None, None)


@client.on("auction_complete")
def complete(event, _offset):
    in_order("auction_complete", event)
    print(json.dumps({"lots": list(lots.values()), "wrong": wrong}), flush=True)
    client.disconnect()


for durable in ("auction_started", "bid_update", "anti_snipe", "participants_changed", "round_started", "lots_changed"):
    client.on(durable, lambda event, _offset, name=durable: in_order(name, event))

client.connect(url, auth={"token": token}, transports=transports or None)
client.wait()
sys.exit(1 if wrong else 0)
