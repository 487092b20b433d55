import { matrix } from "./matrix.mjs";
import { haproxy } from "./haproxy.mjs";

matrix(haproxy);
