// F3: WebSockets refused, swallowed, cut or passed by nginx: polling carries the session on.
import { matrix } from "./matrix.mjs";
import { nginx } from "./nginx.mjs";

matrix(nginx);
