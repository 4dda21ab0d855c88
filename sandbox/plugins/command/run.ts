/** What running a command has in common, on this machine and on another one. */
import { Failure } from "../wire/failure.js";
import type { Log } from "../wire/engine.js";

/** The inputs of a command, of both resources, after their marks are taken off. */
export interface CommandInputs {
  readonly create?: string;
  readonly update?: string;
  readonly delete?: string;
  readonly stdin?: string;
  readonly logging?: string;
  readonly environment?: Readonly<Record<string, string>>;
  readonly addPreviousOutputInEnv?: boolean;
  readonly connection?: Connection;
  readonly interpreter?: readonly string[];
  readonly dir?: string;
  readonly assetPaths?: readonly string[];
  readonly archivePaths?: readonly string[];
}

/** How to reach a host; `Connection` may go through a `proxy`. */
export interface Login {
  readonly host: string;
  readonly port?: number;
  readonly user?: string;
  readonly password?: string;
  readonly privateKey?: string;
  readonly privateKeyPassword?: string;
  readonly agentSocketPath?: string;
  readonly dialErrorLimit?: number;
  readonly perDialTimeout?: number;
  readonly hostKey?: string;
}
export interface Connection extends Login {
  readonly proxy?: Login;
}

/** What a finished command wrote, without the last newline. */
export interface Output {
  readonly stdout: string;
  readonly stderr: string;
}

/** One run: the command, the inputs around it, and what the previous run wrote. `signal` ends waiting, not the host. */
export interface Run {
  readonly command: string;
  readonly inputs: CommandInputs;
  readonly previous: Output;
  readonly log: Log;
  readonly signal: AbortSignal;
}

/** Environment names under which a command finds the output of the previous one, with their values. */
export function previousOutput(run: Run): [string, string][] {
  if (run.inputs.addPreviousOutputInEnv === false) return [];
  const { stdout, stderr } = run.previous;
  const pairs: [string, string][] = [
    ["PULUMI_COMMAND_STDOUT", stdout],
    ["PULUMI_COMMAND_STDERR", stderr],
  ];
  return pairs.filter(([, value]) => value !== "");
}

/** Collects what a command writes, and logs it line by line as far as `logging` allows. */
export class Capture {
  private readonly out: Buffer[] = [];
  private readonly err: Buffer[] = [];
  private readonly both: Buffer[] = [];
  private rest = Buffer.alloc(0);
  private logged: Promise<void> = Promise.resolve();

  constructor(private readonly run: Run) {}

  stdout(chunk: Buffer): void {
    this.take(chunk, this.out, "stdout");
  }

  stderr(chunk: Buffer): void {
    this.take(chunk, this.err, "stderr");
  }

  /** Waits until every line is logged. To be called once, after the command has ended. */
  async finish(): Promise<void> {
    if (this.rest.length > 0) this.line(this.rest);
    await this.logged;
  }

  output(): Output {
    const text = (chunks: Buffer[]): string => Buffer.concat(chunks).toString().replace(/\n$/, "");
    return { stdout: text(this.out), stderr: text(this.err) };
  }

  /** The failure as the official plugin words it: the reason, the whole command, and all that it wrote. */
  failure(reason: string): Failure {
    return new Failure(`${reason}: running ${quoted(this.run.command)}:\n${Buffer.concat(this.both).toString()}`);
  }

  private take(chunk: Buffer, own: Buffer[], name: "stdout" | "stderr"): void {
    own.push(chunk);
    this.both.push(chunk);
    const { logging } = this.run.inputs;
    if (logging !== undefined && logging !== name && logging !== "stdoutAndStderr") return;
    let data = Buffer.concat([this.rest, chunk]);
    for (let end = data.indexOf(10); end >= 0; end = data.indexOf(10)) {
      this.line(data.subarray(0, end));
      data = data.subarray(end + 1);
    }
    this.rest = Buffer.from(data);
  }

  private line(bytes: Buffer): void {
    const message = bytes.toString().replace(/\r$/, "");
    this.logged = this.logged.then(() => this.run.log.status(message));
  }
}

const escapes: Readonly<Record<string, string>> = {
  '"': '\\"',
  "\\": "\\\\",
  "\x07": "\\a",
  "\b": "\\b",
  "\f": "\\f",
  "\n": "\\n",
  "\r": "\\r",
  "\t": "\\t",
  "\v": "\\v",
};

/** A text in Go's double quotes (strconv.Quote): printable characters stay, everything else is escaped. */
export function quoted(text: string): string {
  const body = Array.from(text, (c) => {
    const escape = escapes[c];
    if (escape !== undefined) return escape;
    if (c === " " || /[\p{L}\p{M}\p{N}\p{P}\p{S}]/u.test(c)) return c;
    const code = c.codePointAt(0) ?? 0;
    if (code < 0x80) return `\\x${code.toString(16).padStart(2, "0")}`;
    return code > 0xffff ? `\\U${code.toString(16).padStart(8, "0")}` : `\\u${code.toString(16).padStart(4, "0")}`;
  });
  return `"${body.join("")}"`;
}
