/** Proves what is taken out of a whole `.env` file, and what is said about the rest. One assignment: tests/unit/seal. */
import assert from "node:assert/strict";

import { renderFault } from "../../../core/fault.js";
import { readDotenvFile } from "../../../core/sources/dotenvFile.js";
import { matches } from "../../../core/seal/secret.js";

function has(text: string, expected: Readonly<Record<string, string>>): void {
  const { values } = readDotenvFile(text, "f");
  assert.deepEqual([...values.keys()].sort(), Object.keys(expected).sort());
  for (const [name, value] of Object.entries(expected)) {
    const secret = values.get(name);
    const pattern = value.replace(/[\\^$.*+?()[\]{}|/]/g, "\\$&");
    assert.ok(secret !== undefined && matches(secret, pattern), name);
  }
}

describe("a .env file", () => {
  it("gives each name its last value; blanks, comments, export and several lines are read", () => {
    has('\uFEFF# c\n\nA=1\nexport B=\'x\ny #z\'\nC="q\\""\nA=2\r\n', { A: "2", B: "x\ny #z", C: 'q"' });
  });

  it("names what cannot be known, and lines that are no assignments, with their numbers and without their text", () => {
    const text = "A=1\ngarbage canary\nB=$HOME\nC='never closed\nD=4\n";
    const { values, unreadable, faults } = readDotenvFile(text, "f");
    assert.deepEqual([...values.keys()], ["A", "D"]);
    const repair = "Repair: write the value in single quotes, or set it with sops edit";
    assert.deepEqual([...unreadable.values()].map(renderFault), [
      `f: B: is interpolated. ${repair}`,
      `f: C: has no closing quote. ${repair}`,
    ]);
    assert.deepEqual(faults.map(renderFault), [
      "f:2: is no assignment. Repair: correct the line, or name what to take with --only",
    ]);
  });
});
