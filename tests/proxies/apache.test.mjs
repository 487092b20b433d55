// F3: WebSockets refused, swallowed, cut or passed by apache: polling carries the session on.
import { matrix } from "./matrix.mjs";
import { apache } from "./apache.mjs";

matrix(apache);
