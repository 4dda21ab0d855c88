/**
 * Proves, with the real sops, that former versions of sources open as sops opens them, that data keys are told apart, and
 * what sops keeps when it makes a version of another: the ground on which core/exposure stands.
 */
import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { join } from "node:path";

import { groupByDataKey } from "../../../core/exposure/groups.js";
import type { Version } from "../../../core/exposure/versions.js";
import { run } from "../../../core/process.js";
import { openVersions } from "../../../core/sources/versions.js";
import { canary, leaked } from "../../support/canary.js";
import { temporaryFolder } from "../../support/folder.js";
import { type AgeIdentity, ageIdentity } from "../../support/identities.js";
import { fingerprinter, printOf } from "../../support/secrets.js";
import { emptyHome, put, sopsText } from "../../support/sopsFiles.js";

const PATH = "secrets/shared.sops.yaml";

describe("former versions of a source", () => {
  const folder = temporaryFolder();
  let anna: AgeIdentity;
  let bert: AgeIdentity;

  before(async () => {
    [anna, bert] = await Promise.all([ageIdentity(), ageIdentity()]);
  });

  const open = (texts: readonly string[], ...identities: readonly AgeIdentity[]) =>
    openVersions(
      texts.map((text) => ({ path: PATH, text })),
      (secret) => fingerprinter.of(secret),
      emptyHome(folder(), { SOPS_AGE_KEY: identities.map(({ identity }) => identity).join("\n") }),
    );

  /** The text of a version after sops has done something to it, as Anna. */
  async function made(text: string, rules: readonly AgeIdentity[], ...args: readonly string[]): Promise<string> {
    await put(folder(), PATH, text);
    const age = rules.map(({ recipient }) => recipient).join(",");
    await put(folder(), ".sops.yaml", `creation_rules:\n  - age: ${age}\n`);
    const env = emptyHome(folder(), { SOPS_AGE_KEY: anna.identity });
    const { code } = await run("sops", [...args, PATH], { cwd: folder(), env });
    assert.equal(code, 0, args.join(" "));
    return readFile(join(folder(), PATH), "utf8");
  }

  async function set(text: string, key: string, value: string): Promise<string> {
    await put(folder(), PATH, text);
    const env = emptyHome(folder(), { SOPS_AGE_KEY: anna.identity });
    const args = ["set", "--value-stdin", PATH, `["${key}"]`];
    assert.equal((await run("sops", args, { cwd: folder(), env, input: JSON.stringify(value) })).code, 0);
    return readFile(join(folder(), PATH), "utf8");
  }

  const prints = (version: Version | undefined) =>
    Object.fromEntries([...(version?.values ?? [])].map(([key, { print }]) => [key, print]));
  const marks = (version: Version | undefined) =>
    Object.fromEntries([...(version?.values ?? [])].map(([key, { mark }]) => [key, mark]));
  const sealed = (version: Version | undefined) =>
    Object.fromEntries([...(version?.values ?? [])].map(([key, held]) => [key, held.sealed]));

  it("are opened with what they hold, nested values and lists too, and each value becomes a fingerprint", async () => {
    const secret = canary();
    const text = await sopsText(
      folder(),
      { plain: secret, lines: "a\n\n b\n", signs: " $x #'\" größe 🔑 ", deep: { er: "x", list: ["one", "two"] } },
      [anna.recipient],
    );
    const [version] = await open([text], anna);
    assert.deepEqual(prints(version), {
      plain: printOf(secret),
      lines: printOf("a\n\n b\n"),
      signs: printOf(" $x #'\" größe 🔑 "),
      "deep.er": printOf("x"),
      "deep.list.0": printOf("one"),
      "deep.list.1": printOf("two"),
    });
    assert.deepEqual([...(version?.recipients ?? [])], [anna.recipient]);
    assert.deepEqual(leaked(JSON.stringify({ ...version, values: [...(version?.values ?? [])] }), [secret]), []);
  });

  it("keep mark and ciphertext when others are changed, and neither when they are", async () => {
    const first = await sopsText(folder(), { kept: "a", changed: "b" }, [anna.recipient]);
    const [one, two] = await open([first, await set(first, "changed", "c")]);
    assert.equal(marks(one)["kept"], marks(two)["kept"]);
    assert.equal(sealed(one)["kept"], sealed(two)["kept"]);
    assert.notEqual(marks(one)["changed"], marks(two)["changed"]);
  });

  it("keep the data key through updatekeys; rotate makes a new one, and keeps the marks of values that did not change", async () => {
    const first = await sopsText(folder(), { one: "a", other: "b" }, [anna.recipient]);
    const joined = await made(first, [anna, bert], "updatekeys", "--yes");
    const rotated = await made(joined, [anna, bert], "rotate", "--in-place");
    for (const who of [[anna], []]) {
      const versions = await open([first, joined, rotated], ...who);
      const [a, b, c] = versions as [Version, Version, Version];
      const groupOf = groupByDataKey([a, b, c]);
      assert.equal(groupOf(a), groupOf(b));
      assert.notEqual(groupOf(b), groupOf(c));
      assert.deepEqual(sealed(a), sealed(b));
      assert.notEqual(sealed(b)["one"], sealed(c)["one"]);
      assert.deepEqual(marks(a), marks(c));
      assert.equal(a.dataKey === undefined, who.length === 0);
    }
  });

  it("are opened by a data key that another version told", async () => {
    const before = await sopsText(folder(), { one: "a" }, [anna.recipient]);
    const after = await made(before, [anna, bert], "updatekeys", "--yes");
    assert.deepEqual(prints((await open([before], bert))[0]), { one: undefined });
    assert.deepEqual((await open([before, after], bert)).map(prints), [{ one: printOf("a") }, { one: printOf("a") }]);
  });

  it("stay closed to strangers, and where a value was tampered with", async () => {
    const text = await sopsText(folder(), { one: "a", two: "b" }, [anna.recipient]);
    assert.deepEqual(prints((await open([text], bert))[0]), { one: undefined, two: undefined });
    const swapped = text.replace(/one: (\S+)\ntwo: (\S+)/, "one: $2\ntwo: $1");
    assert.notEqual(swapped, text);
    assert.deepEqual(prints((await open([swapped], anna))[0]), { one: undefined, two: undefined });
  });

  it("are read in clear where they were committed in clear", async () => {
    const [version] = await open(["smtp_password: hunter2\nnull_one:\nempty: ''\n"]);
    assert.deepEqual(prints(version), { smtp_password: printOf("hunter2") });
    assert.equal(version?.values.get("smtp_password")?.sealed, undefined);
  });

  for (const [what, text] of [
    ["no YAML", "{ [ : x"],
    ["no keys", "just words"],
    ["nothing", ""],
    ["conflict markers", "<<<<<<< HEAD\na: b\n=======\na: c\n>>>>>>> other\n"],
  ] as const) {
    it(`are left out with ${what}`, async () => {
      assert.deepEqual(await open([text], anna), [undefined]);
    });
  }

  it("stand what is broken in the metadata and in identities", async () => {
    const text = await sopsText(folder(), { one: "a" }, [anna.recipient]);
    const torn = text.replace("BEGIN AGE ENCRYPTED FILE", "BEGIN NONSENSE");
    assert.deepEqual(prints((await open([torn], anna))[0]), { one: undefined });
    const odd = { identity: "AGE-SECRET-KEY-1NOTONE", recipient: "" };
    assert.deepEqual(prints((await open([text], odd, anna))[0]), { one: printOf("a") });
    assert.deepEqual(
      await open(["sops: [1, 2]\na: b\n", "sops:\n  age: [null, {recipient: 1}]\na: b\n"]).then((all) =>
        all.map((one) => one?.recipients.size),
      ),
      [0, 0],
    );
  });
});
