import { createInterface } from "node:readline/promises";

import { FaultsError } from "../core/fault.js";
import { generate, isKind, KINDS } from "../core/seal/generate.js";
import type { Secret } from "../core/seal/secret.js";
import { askSecret, readSecret } from "../core/sources/typed.js";
import type { Invocation } from "./verb.js";

/** Asks for a yes. Throws a FaultsError with `repair`, the flag that answers, where there is no terminal. */
export async function agrees(where: string, question: string, repair: string): Promise<boolean> {
  if (!process.stdin.isTTY) {
    throw new FaultsError([{ where, what: "there is no terminal to ask on; nothing was changed", repair }]);
  }
  const terminal = createInterface({ input: process.stdin, output: process.stderr });
  try {
    return /^y(?:es)?$/i.test((await terminal.question(`${question} [y/N] `)).trim());
  } finally {
    terminal.close();
  }
}

/** The options with which a verb takes a value. */
export const VALUE_OPTIONS = { generate: { type: "string" } } as const;
export const VALUE_HELP = [
  `--generate KIND   a fresh value: ${KINDS.join(", ")}; without it the value is asked for, or read from standard input`,
];

/** A value: generated, from a hidden prompt, or from standard input. Never from an argument. Throws a FaultsError. */
export async function takeValue(options: Invocation["options"], name: string): Promise<Secret> {
  const kind = options["generate"];
  if (typeof kind === "string") {
    if (!isKind(kind)) {
      const repair = `--generate with one of: ${KINDS.join(", ")}`;
      throw new FaultsError([{ where: "--generate", what: "does not know this kind", repair }]);
    }
    return generate(kind);
  }
  return process.stdin.isTTY
    ? askSecret({ input: process.stdin, output: process.stderr }, `New value of ${name} (not shown): `)
    : readSecret(process.stdin);
}
