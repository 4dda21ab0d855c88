import { FaultsError } from "../fault.js";
import { Secret } from "../seal/secret.js";

/** A terminal, as far as a hidden prompt needs it: `process.stdin` and what is shown on. */
export interface Terminal {
  readonly input: NodeJS.ReadableStream & { setRawMode?: (raw: boolean) => unknown };
  readonly output: { write(text: string): unknown };
}

/**
 * A value on standard input. The end of a line that is the only one is not part of it (`echo` and PowerShell's pipe add
 * one); a value of several lines is taken as it is. A byte order mark is dropped.
 */
export async function readSecret(input: AsyncIterable<Buffer | string>): Promise<Secret> {
  const chunks: Buffer[] = [];
  for await (const chunk of input) {
    chunks.push(Buffer.from(chunk));
  }
  const text = Buffer.concat(chunks)
    .toString("utf8")
    .replace(/^\uFEFF/, "");
  return new Secret(/^[^\n]*\n$/.test(text) ? text.replace(/\r?\n$/, "") : text);
}

const CONTROL_C = "\u0003";
const CONTROL_D = "\u0004";
const CONTROL_U = "\u0015";

/** Asks on a terminal without showing what is typed or pasted, not even its length. Throws a FaultsError when it is broken off. */
export function askSecret({ input, output }: Terminal, question: string): Promise<Secret> {
  // Before the question: from the moment that it stands there nothing is echoed.
  input.setRawMode?.(true);
  output.write(question);
  input.setEncoding("utf8");
  input.resume();
  let typed = "";
  return new Promise<Secret>((resolve, reject) => {
    const end = (settle: () => void) => {
      input.off("data", take);
      input.setRawMode?.(false);
      input.pause();
      output.write("\n");
      settle();
    };
    const take = (chunk: string | Buffer) => {
      for (const sign of String(chunk)) {
        if (sign === "\r" || sign === "\n") {
          end(() => {
            resolve(new Secret(typed));
          });
          return;
        }
        if (sign === CONTROL_C || sign === CONTROL_D) {
          end(() => {
            reject(new FaultsError([BROKEN_OFF]));
          });
          return;
        }
        typed = edited(typed, sign);
      }
    };
    input.on("data", take);
  });
}

const BROKEN_OFF = { where: "the prompt", what: "was broken off; nothing was changed", repair: "run again" };

function edited(typed: string, sign: string): string {
  switch (sign) {
    case "\u007f":
    case "\b":
      return Array.from(typed).slice(0, -1).join("");
    case CONTROL_U:
      return "";
    default:
      return typed + sign;
  }
}
