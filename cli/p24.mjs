#!/usr/bin/env node
// Starts the CLI from its TypeScript sources, wherever it is called from, with the loader that the engine uses, too.
import { createRequire } from "node:module";

const require = createRequire(import.meta.url);
require("../core/loader.cjs");
require("./main.ts");
