// The bench's application on npm socket.io with its default WebSocket engine (ws). One line on stdout when it listens.
import { createServer } from "node:http";
import { Server } from "socket.io";

const server = createServer();
const io = new Server(server, { cors: { origin: "*" } });

io.on("connection", (socket) => {
  socket.on("subscribe", (ack) => {
    socket.join("bench");
    ack(true);
  });
  socket.on("echo", (text, ack) => ack(text));
  socket.on("broadcast", (...texts) => {
    for (const text of texts) io.to("bench").emit("news", text);
  });
});

server.listen({ port: Number(process.argv[2] ?? 0), host: "127.0.0.1", backlog: 4096 }, () => {
  console.log(`listening on ${server.address().port}`);
});
process.on("SIGTERM", () => process.exit(0));
