/**
 * Proves, with the real sops, what a source gives and the exact message for each way in which it cannot be opened. No
 * message may hold a value, or anything that sops said: its errors repeat their input.
 */
import assert from "node:assert/strict";
import { join } from "node:path";

import { decryptSource } from "../../../core/sources/decrypt.js";
import { canary, leaked } from "../../support/canary.js";
import { faultsOfAsync } from "../../support/faults.js";
import { temporaryFolder } from "../../support/folder.js";
import { type AgeIdentity, ageIdentity } from "../../support/identities.js";
import { expectedPrints, printsOf } from "../../support/secrets.js";
import { emptyHome, put, sopsText } from "../../support/sopsFiles.js";

const FILE = "secrets/shared.sops.yaml";

/** Values that other formats would change. */
const VALUES: Readonly<Record<string, string>> = {
  plain: "value",
  looks_like_number: "0755",
  looks_like_date: "2026-01-05",
  looks_like_bool: "yes",
  lines: "-----BEGIN X-----\nab\n\n cd \n-----END X-----\n",
  signs: ` $HOME #c ' " \\ \\\\ %{}[]&*!|>@\` `,
  letters: "größe 🔑 \u2028",
  first: canary(),
  second: canary(),
};
const CANARIES = [VALUES["first"] ?? "", VALUES["second"] ?? ""];

describe("decrypting a source", () => {
  const folder = temporaryFolder();
  let me: AgeIdentity;
  let stranger: AgeIdentity;
  let good: string;

  before(async () => {
    [me, stranger] = await Promise.all([ageIdentity(), ageIdentity()]);
    good = await sopsText(folder(), VALUES, [me.recipient]);
  });

  async function open(text: string | undefined, more: NodeJS.ProcessEnv = { SOPS_AGE_KEY: me.identity }) {
    if (text !== undefined) {
      await put(folder(), FILE, text);
    }
    return decryptSource(folder(), FILE, emptyHome(folder(), more));
  }

  it("gives every value as it was, and who can open it", async () => {
    const source = await open(good);
    assert.equal(source.path, FILE);
    assert.deepEqual([...source.recipients], [me.recipient]);
    assert.deepEqual(printsOf(source.values), expectedPrints(VALUES));
  });

  it("finds the identity wherever sops does", async () => {
    await put(folder(), "id.txt", `# comment\n${me.identity}\n`);
    await open(good, { SOPS_AGE_KEY_FILE: join(folder(), "id.txt") });
    await open(good, { SOPS_AGE_KEY_CMD: `cat ${join(folder(), "id.txt")}` });
    await put(folder(), "other-home/sops/age/keys.txt", me.identity);
    await open(good, { XDG_CONFIG_HOME: join(folder(), "other-home") });
    await put(folder(), "third-home/.config/sops/age/keys.txt", me.identity);
    await open(good, { XDG_CONFIG_HOME: "", HOME: join(folder(), "third-home") });
  });

  const TAMPERED = `${FILE}: has a value that was tampered with. Repair: git restore ${FILE}`;
  const CHANGED =
    `${FILE}: was changed after it was encrypted (its MAC does not match). Repair: git restore ${FILE}, or after a ` +
    `merge: sops edit ${FILE} and save each value anew`;
  const line = (name: string) => new RegExp(`^${name}: (.*)$`, "m");
  const swapped = (text: string) => {
    const [first, second] = [line("first").exec(text)?.[1] ?? "", line("second").exec(text)?.[1] ?? ""];
    return text.replace(line("first"), `first: ${second}`).replace(line("second"), `second: ${first}`);
  };

  const cases: readonly [string, (text: string) => string, (env: AgeIdentity) => NodeJS.ProcessEnv, string][] = [
    [
      "no identity on this machine",
      (text) => text,
      () => ({}),
      `${FILE}: no age identity was found on this machine. Repair: set SOPS_AGE_KEY_FILE to your identity file, or put ` +
        "it at HOME/.config/sops/age/keys.txt",
    ],
    [
      "an identity file that is not there",
      (text) => text,
      () => ({ SOPS_AGE_KEY_FILE: "nowhere.txt" }),
      `${FILE}: no age identity was found on this machine. Repair: set SOPS_AGE_KEY_FILE to your identity file, or put ` +
        "it at HOME/.config/sops/age/keys.txt",
    ],
    [
      "the identity of somebody else",
      (text) => text,
      ({ identity }) => ({ SOPS_AGE_KEY: identity }),
      `${FILE}: is not encrypted to any of your age identities. Repair: somebody who can open it: add your recipient ` +
        `to .sops.yaml, then sops updatekeys ${FILE}`,
    ],
    ["a value taken out", (text) => text.replace(/^second: .*\n/m, ""), () => ({ SOPS_AGE_KEY: "mine" }), CHANGED],
    [
      "the MAC of an older version",
      (text) => text.replace(/(mac: ENC\[AES256_GCM,data:)..../, "$1AAAA"),
      () => ({ SOPS_AGE_KEY: "mine" }),
      CHANGED,
    ],
    ["two values exchanged", swapped, () => ({ SOPS_AGE_KEY: "mine" }), TAMPERED],
    [
      "a bit turned in a value",
      (text) => text.replace(/^(first: ENC\[AES256_GCM,data:)..../m, "$1AAAA"),
      () => ({ SOPS_AGE_KEY: "mine" }),
      TAMPERED,
    ],
    [
      "no MAC",
      (text) => text.replace(/^ +mac: .*\n/m, ""),
      () => ({ SOPS_AGE_KEY: "mine" }),
      `${FILE}: has no MAC, so nobody could tell a changed value. Repair: git restore ${FILE}`,
    ],
    [
      "metadata that only sops finds fault with",
      (text) => text.replace(/^ +lastmodified: .*\n/m, "    lastmodified: soon\n"),
      () => ({ SOPS_AGE_KEY: "mine" }),
      `${FILE}: sops could not open it (its exit code is 1). Repair: sops decrypt ${FILE} shows why`,
    ],
  ];
  for (const [title, change, environment, message] of cases) {
    it(`says what is wrong and how to repair it: ${title}`, async () => {
      const env = environment(stranger);
      const mine = env["SOPS_AGE_KEY"] === "mine" ? { SOPS_AGE_KEY: me.identity } : env;
      const lines = await faultsOfAsync(open(change(good), mine));
      assert.deepEqual(lines, [message.replace("HOME", join(folder(), "home"))]);
      assert.deepEqual(leaked(lines.join("\n"), [...CANARIES, me.identity, stranger.identity]), []);
    });
  }

  it("says so when the file is missing", async () => {
    const lines = await faultsOfAsync(decryptSource(folder(), "secrets/none.sops.yaml", emptyHome(folder())));
    assert.deepEqual(lines, [
      "secrets/none.sops.yaml: is missing or cannot be read. Repair: git restore secrets/none.sops.yaml",
    ]);
  });

  it("says so when sops is not installed", async () => {
    const lines = await faultsOfAsync(open(good, { PATH: join(folder(), "empty"), SOPS_AGE_KEY: me.identity }));
    assert.deepEqual(lines, [`${FILE}: sops was not found. Repair: node toolchain/setup.mjs, or install sops`]);
  });

  it("does not even start sops for a file in clear or a template", async () => {
    const clear = `first: ${CANARIES[0] ?? ""}\n`;
    for (const text of [clear, `# TEMPLATE\n${clear}`]) {
      const [only, ...more] = await faultsOfAsync(open(text, { PATH: "" }));
      assert.match(only ?? "", /^secrets\/shared\.sops\.yaml: (is not encrypted|still is the template)\. Repair: /);
      assert.deepEqual([more, leaked(only ?? "", CANARIES)], [[], []]);
    }
  });

  it("refuses what sops itself encrypts without complaint: a number, null, an empty and a nested value", async () => {
    const odd = { number: 5432, float: 0.5, truth: true, nothing: null, empty: "", nested: { a: "b" }, list: ["a"] };
    const lines = await faultsOfAsync(open(await sopsText(folder(), odd, [me.recipient])));
    assert.deepEqual(
      lines.map((text) => text.split(": ").slice(1, 3).join(": ").replace(". Repair", "")),
      [
        "number: is of type int, not a string",
        "float: is of type float, not a string",
        "truth: is of type bool, not a string",
        "nothing: is null",
        "empty: is empty",
        "nested: is nested",
        "list: is nested",
      ],
    );
  });
});
