import type { Fault } from "../fault.js";
import { readAssignment } from "../seal/dotenvReader.js";
import { Secret } from "../seal/secret.js";

/** A `.env` file, opened: its values by name, and what could not be taken. The last assignment of a name counts. */
export interface DotenvFile {
  readonly values: ReadonlyMap<string, Secret>;
  /** By name: why its value cannot be known. */
  readonly unreadable: ReadonlyMap<string, Fault>;
  /** Lines that are neither assignment, comment nor blank. */
  readonly faults: readonly Fault[];
}

/** Takes a `.env` file's text apart; every value is wrapped at once. `where` is how the file is named to people. */
export function readDotenvFile(text: string, where: string): DotenvFile {
  const values = new Map<string, Secret>();
  const unreadable = new Map<string, Fault>();
  const faults: Fault[] = [];
  const lines = text.replace(/^\uFEFF/, "").split("\n");
  for (let at = 0; at < lines.length; at += 1) {
    const first = at;
    let read = readAssignment(lines[at] ?? "");
    // A quoted value goes on until its quote is closed; a quote that never is takes no other line with it.
    while (isOpen(read) && at + 1 < lines.length) {
      at += 1;
      read = readAssignment(lines.slice(first, at + 1).join("\n"));
    }
    if (isOpen(read)) {
      at = first;
    }
    if (read !== undefined) {
      values.delete(read.name);
      unreadable.delete(read.name);
      if ("value" in read.read) {
        values.set(read.name, new Secret(read.read.value));
      } else {
        const repair = "write the value in single quotes, or set it with sops edit";
        unreadable.set(read.name, { where, name: read.name, what: read.read.unreadable, repair });
      }
    } else if (!/^\s*(?:#|$)/.test(lines[at] ?? "")) {
      const repair = "correct the line, or name what to take with --only";
      faults.push({ where: `${where}:${String(first + 1)}`, what: "is no assignment", repair });
    }
  }
  return { values, unreadable, faults };
}

function isOpen(read: ReturnType<typeof readAssignment>): boolean {
  return read !== undefined && "unreadable" in read.read && read.read.unreadable === "has no closing quote";
}
