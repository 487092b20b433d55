import { matrix } from "./matrix.mjs";
import { caddy } from "./caddy.mjs";

matrix(caddy);
