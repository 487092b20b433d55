// An auction that makes one mistake, for the generator's own test: `lost`, `doubled`, `unordered` or `refused`.
import { createServer } from "node:http";
import { Server } from "socket.io";

const [mistake] = process.argv.slice(2);
const server = createServer();
const io = new Server(server);
let seq = 0;

function tell(socket, number) {
  if (mistake === "lost" && number === 5) return;
  socket.emit("bid_update", { seq: mistake === "unordered" && number === 5 ? 3 : number });
  if (mistake === "doubled" && number === 5) socket.emit("bid_update", { seq: number });
}

io.on("connection", (socket) => {
  socket.on("join_auction", (argument, ack) => (socket.join("room"), ack({ ok: true, seq })));
  socket.on("place_bid", async (bid, ack) => {
    seq++;
    ack(mistake === "refused" && seq === 5 ? { ok: false, error: { code: "BELOW_ASK" } } : { ok: true, seq });
    const [first, ...others] = await io.in("room").fetchSockets();
    tell(first, seq);
    for (const other of others) other.emit("bid_update", { seq });
  });
});
server.listen(0, "127.0.0.1", () => console.log(`listening on ${server.address().port}`));
process.on("SIGTERM", () => process.exit(0));
