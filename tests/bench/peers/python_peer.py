"""The bench's application on python-socketio with aiohttp. One line on stdout when it listens."""

import asyncio
import signal
import sys

import socketio
from aiohttp import web

sio = socketio.AsyncServer(async_mode="aiohttp", cors_allowed_origins="*")
app = web.Application()
sio.attach(app)


@sio.event
async def subscribe(sid):
    sio.enter_room(sid, "bench")
    return True


@sio.event
async def echo(_sid, text):
    return text


@sio.event
async def broadcast(_sid, *texts):
    for text in texts:
        await sio.emit("news", text, room="bench")


async def main():
    runner = web.AppRunner(app)
    await runner.setup()
    port = int(sys.argv[1]) if len(sys.argv) > 1 else 0
    site = web.TCPSite(runner, "127.0.0.1", port, backlog=4096)
    await site.start()
    print(f"listening on {runner.addresses[0][1]}", flush=True)
    stop = asyncio.Event()
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, stop.set)
    await stop.wait()


asyncio.run(main())
