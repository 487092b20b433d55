// F3: WebSockets refused, swallowed, cut or passed by haproxy: polling carries the session on.
import { matrix } from "./matrix.mjs";
import { haproxy } from "./haproxy.mjs";

matrix(haproxy);
