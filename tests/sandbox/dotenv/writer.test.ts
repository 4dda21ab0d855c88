/**
 * Proves that Compose's own parser reads back what our writer wrote, that a POSIX shell does for all but a named subset,
 * that no shell runs anything of it, and that a value that cannot be carried is refused with its name. At least 20,000
 * values a property and run; P24_SEED repeats a run. What it does not prove: later versions of Compose.
 */
import assert from "node:assert/strict";

import fc from "fast-check";

import { cannotCarry, writeDotenv } from "../../../core/seal/dotenv.js";
import { readAssignment } from "../../../core/seal/dotenvReader.js";
import { Secret } from "../../../core/seal/secret.js";
import { secretsOf } from "../../support/secrets.js";
import { type ComposeParser, openShell, SEED, SHELLS, startComposeParser } from "./support.js";
import { carried, manyValues, notCarried } from "./values.js";

const VALUES = 20_000;
const FILES = VALUES / 40;

const entriesOf = (pairs: readonly (readonly [string, string])[]) =>
  pairs.map(([name, value]) => [name, new Secret(value)] as const);
const byName = (pairs: Iterable<readonly [string, string]>) => Object.fromEntries([...pairs].sort());

describe(`a .env file that we write; P24_SEED=${String(SEED)}`, function () {
  this.timeout(600_000);
  let compose: ComposeParser;
  before(async () => {
    compose = await startComposeParser();
  });
  after(() => {
    compose.close();
  });

  it("is read by Compose as it was meant, one value", async () => {
    await fc.assert(
      fc.asyncProperty(carried, async (value) => {
        assert.deepEqual(await compose.read([writeDotenv(secretsOf({ NAME: value }))]), [{ NAME: value }]);
      }),
      { numRuns: VALUES, seed: SEED },
    );
  });

  it("is read by Compose and by our reader as it was meant, many values", async () => {
    await fc.assert(
      fc.asyncProperty(manyValues, async (pairs) => {
        const file = writeDotenv(new Map(entriesOf(pairs)));
        assert.deepEqual(byName(Object.entries((await compose.read([file]))[0] ?? {})), byName(pairs));
        for (const [name, value] of pairs) {
          const one = writeDotenv(secretsOf({ [name]: value }));
          assert.ok(file.includes(one));
          assert.deepEqual(readAssignment(one), { name, read: { value } });
        }
      }),
      { numRuns: FILES, seed: SEED },
    );
  });

  for (const program of SHELLS) {
    it(`runs nothing in ${program.join(" ")}, which reads the same but for \\r and backticks in double quotes`, () => {
      const shell = openShell(program);
      let same = 0;
      fc.assert(
        fc.property(manyValues, (pairs) => {
          const sourced = shell.source(writeDotenv(new Map(entriesOf(pairs))));
          assert.deepEqual(shell.traces(), []);
          for (const [name, value] of pairs.filter(([, text]) => isForShells(text))) {
            assert.equal(sourced.get(name), value);
            same += 1;
          }
        }),
        { numRuns: FILES, seed: SEED },
      );
      shell.close();
      assert.ok(same > VALUES / 2, `${String(same)} values were for shells too`);
    });
  }

  it("does not hold what no environment can carry: the value is refused with its name", () => {
    fc.assert(
      fc.property(notCarried, (value) => {
        assert.ok(cannotCarry(new Secret(value)) !== undefined);
        assert.throws(() => writeDotenv(secretsOf({ A: "1", NAME: value })), {
          message: "NAME cannot be written to a .env file",
        });
      }),
      { numRuns: VALUES, seed: SEED },
    );
  });

  it("may hold a value of 127 KiB, which is what an environment can carry", async () => {
    const shell = openShell();
    for (const value of ["x".repeat(127 * 1024), "'$".repeat((127 * 1024) / 2)]) {
      const file = writeDotenv(secretsOf({ NAME: value }));
      assert.deepEqual(await compose.read([file]), [{ NAME: value }]);
      assert.equal(shell.source(file).get("NAME"), value);
    }
    const tooLong = `NAME=${"x".repeat(128 * 1024)}\n`;
    assert.throws(() => shell.source(tooLong), /Argument list too long/);
    shell.close();
  });
});

/** The subset that a shell reads as Compose does: see core/seal/dotenv.ts. */
function isForShells(value: string): boolean {
  const quoted = writeDotenv(secretsOf({ A: value })).startsWith('A="');
  return !quoted || !/[\r`]/.test(value);
}
