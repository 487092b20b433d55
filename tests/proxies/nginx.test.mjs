import { matrix } from "./matrix.mjs";
import { nginx } from "./nginx.mjs";

matrix(nginx);
