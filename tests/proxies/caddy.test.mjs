// F3: WebSockets refused, swallowed, cut or passed by caddy: polling carries the session on.
import { matrix } from "./matrix.mjs";
import { caddy } from "./caddy.mjs";

matrix(caddy);
