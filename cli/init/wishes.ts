import { readFile } from "node:fs/promises";
import { text } from "node:stream/consumers";

import { type Fault, FaultsError } from "../../core/fault.js";
import { type DotenvFile, readDotenvFile } from "../../core/sources/dotenvFile.js";
import type { Invocation } from "../verb.js";
import type { Wishes } from "./step.js";

type Options = Invocation["options"];

/**
 * Reads the flags. Of what is malformed only the flag's name is repeated: a private part may have been put there. Throws a
 * FaultsError with all faults.
 */
export async function readWishes(options: Options, stdin: NodeJS.ReadableStream = process.stdin): Promise<Wishes> {
  const faults: Fault[] = [];
  const recipients = pairs(options, "recipient", /^age1[0-9a-z]+$/, "vps_i1=age1…", faults);
  const hostKeys = pairs(options, "host-key", HOST_KEY, 'vps-i1="ssh-ed25519 AAAA…"', faults);
  const admin = given(options, "admin") ?? "root";
  if (!/^[A-Za-z0-9_][A-Za-z0-9_.-]*$/.test(admin)) {
    faults.push({ where: "--admin", what: "is no user's name", repair: "--admin root" });
  }
  const values = await readValues(given(options, "values"), stdin, faults);
  if (faults.length > 0) {
    throw new FaultsError(faults);
  }
  return {
    developer: given(options, "developer"),
    identity: given(options, "identity"),
    runnerIdentity: given(options, "runner-identity"),
    recipients,
    hostKeys,
    admin,
    adminIdentity: given(options, "ssh-identity"),
    values,
    without: new Set(list(options, "without").map((name) => name.toLowerCase())),
    commit: options["no-commit"] !== true,
  };
}

const HOST_KEY = /^(?:ssh-ed25519|ecdsa-sha2-nistp256|rsa-sha2-512|ssh-rsa) [A-Za-z0-9+/=]+$/;

function given(options: Options, name: string): string | undefined {
  const value = options[name];
  return typeof value === "string" && value !== "" ? value : undefined;
}

function list(options: Options, name: string): string[] {
  return (given(options, name) ?? "").split(",").flatMap((part) => (part.trim() === "" ? [] : [part.trim()]));
}

function pairs(options: Options, flag: string, form: RegExp, example: string, faults: Fault[]): Map<string, string> {
  const read = list(options, flag).map((part) => /^([A-Za-z0-9_-]+)=(.*)$/s.exec(part));
  if (read.some((match) => match === null || !form.test(match[2] ?? ""))) {
    faults.push({
      where: `--${flag}`,
      what: "is not of its form",
      repair: `--${flag} ${example}, several with a comma`,
    });
    return new Map();
  }
  return new Map(read.map((match) => [match?.[1] ?? "", match?.[2] ?? ""]));
}

async function readValues(
  file: string | undefined,
  stdin: NodeJS.ReadableStream,
  faults: Fault[],
): Promise<DotenvFile | undefined> {
  if (file === undefined) {
    return undefined;
  }
  const where = file === "-" ? "standard input" : file;
  const content = file === "-" ? await text(stdin) : await readFile(file, "utf8").catch(() => undefined);
  if (content === undefined) {
    faults.push({ where, what: "is missing or cannot be read", repair: "--values FILE, or - for standard input" });
    return undefined;
  }
  const read = readDotenvFile(content, where);
  faults.push(...read.faults);
  return read;
}
