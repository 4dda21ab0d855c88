#!/usr/bin/env node
// Starts the CLI from its TypeScript sources, wherever it is called from.
import { createRequire } from "node:module";
import { register } from "tsx/cjs/api";

register();
createRequire(import.meta.url)("./main.ts");
