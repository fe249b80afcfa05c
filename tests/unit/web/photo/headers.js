// Reads headers for test_headers.py: paths as a JSON list on standard input, headers as one on standard output.

import { readFileSync } from "node:fs";
import { readHeader } from "../../../../web/app/photo/header.js";

const paths = /** @type {string[]} */ (JSON.parse(readFileSync(0, "utf8")));
console.log(JSON.stringify(paths.map((path) => readHeader(readFileSync(path)))));
