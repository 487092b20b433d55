import { matrix } from "./matrix.mjs";
import { apache } from "./apache.mjs";

matrix(apache);
