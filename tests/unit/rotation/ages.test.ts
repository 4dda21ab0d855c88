/**
 * Proves, with the real git and sops, how old a secret is: by the log's row, else by the commit that gave it its value, and
 * not by one that only encrypted the file anew.
 */
import assert from "node:assert/strict";
import { mkdirSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { join } from "node:path";

import { parseInventory } from "../../../core/model/inventory.js";
import { run } from "../../../core/process.js";
import { lastChangeInGit, readAges } from "../../../core/rotation/ages.js";
import { readKeys } from "../../../core/rotation/locate.js";
import { appendRows, parseLog, pendingRow } from "../../../core/rotation/log.mjs";
import { temporaryFolder } from "../../support/folder.js";
import { ageIdentity } from "../../support/identities.js";
import { emptyHome, put, sopsText } from "../../support/sopsFiles.js";
import { useTools } from "../../support/tools.js";

const FILE = "secrets/shared.sops.yaml";
const INVENTORY = parseInventory("secrets:\n  a: { rotation_days: 10 }\n  b: { rotation_days: 20 }\n  c: {}\n");

describe("the age of a secret", () => {
  const folder = temporaryFolder();
  const root = () => join(folder(), "clone");
  let env: NodeJS.ProcessEnv;

  const call = async (command: string, args: readonly string[], day: string, input = "") => {
    const dates = { GIT_AUTHOR_DATE: `${day}T12:00:00Z`, GIT_COMMITTER_DATE: `${day}T12:00:00Z` };
    const { code } = await run(command, args, { cwd: root(), env: { ...env, ...dates }, input });
    assert.equal(code, 0, `${command} ${args.join(" ")}`);
  };
  const commit = async (day: string) => {
    await call("git", ["add", "--all"], day);
    await call("git", ["-c", "user.name=T", "-c", "user.email=t@example.invalid", "commit", "-qm", day], day);
  };
  const ages = async (today: string, log = "") =>
    (
      await readAges(root(), (await readKeys(root())).all, INVENTORY, parseLog(log), new Date(`${today}T01:00:00Z`))
    ).map(({ secret, changed, due, isOver }) => [secret.row, changed, due, isOver]);

  before(async () => {
    await useTools();
    const { identity, recipient } = await ageIdentity();
    env = emptyHome(folder(), {
      SOPS_AGE_KEY: identity,
      GIT_CONFIG_GLOBAL: "/dev/null",
      GIT_CONFIG_SYSTEM: "/dev/null",
    });
    mkdirSync(root());
    await call("git", ["init", "-q"], "2026-01-01");
    await put(root(), FILE, "# TEMPLATE\na: PLACEHOLDER\nb: PLACEHOLDER\n");
    await commit("2026-01-01");
    await put(root(), FILE, await sopsText(root(), { a: "1", b: "2", c: "3" }, [recipient]));
    await commit("2026-01-02");
    await call("sops", ["set", "--value-stdin", FILE, '["a"]'], "", '"other"');
    await commit("2026-01-05");
    await call("sops", ["rotate", "--in-place", FILE], "");
    await commit("2026-01-07");
    await put(root(), FILE, await sopsText(root(), { a: "other", b: "2", c: "3" }, [recipient]));
    await commit("2026-01-09");
  });

  it("comes from git where the log says nothing; the next to be due first", async () => {
    assert.deepEqual(await ages("2026-01-15"), [
      ["a", "2026-01-05", "2026-01-15", true],
      ["b", "2026-01-02", "2026-01-22", false],
    ]);
  });

  it("comes from the log where it says something", async () => {
    const log = appendRows("", [pendingRow({ date: "2026-01-14", secret: "a", reason: "r", rotator: "w" })]);
    assert.deepEqual(await ages("2026-01-15", log), [
      ["b", "2026-01-02", "2026-01-22", false],
      ["a", "2026-01-14", "2026-01-24", false],
    ]);
  });

  it("may be younger: who cannot open a file that was encrypted anew cannot tell", async () => {
    const [strict, maybe] = [false, true].map((one) => lastChangeInGit(root(), { path: FILE, key: "a" }, one));
    assert.deepEqual([await strict, await maybe], ["2026-01-05", "2026-01-09"]);
  });

  it("is unknown, and so over, for a key that no commit has", async () => {
    const sealed = "ENC[AES256_GCM,data:eA==,iv:eA==,tag:eA==,type:str]";
    await put(root(), FILE, `b: ${sealed}\nsops:\n    mac: ${sealed}\n`);
    const text = await readFile(join(root(), FILE), "utf8");
    await put(root(), "secrets/vps-i1.sops.yaml", text.replace("b:", "a:"));
    assert.deepEqual((await ages("2026-01-15"))[0], ["a", undefined, undefined, true]);
  });
});
