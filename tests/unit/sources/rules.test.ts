/** Proves, with the real sops, that a stack's sources are opened together and each file's recipients held against its rule. */
import assert from "node:assert/strict";

import { parseRecipients } from "../../../core/model/recipients.js";
import { openSource, openSources } from "../../../core/model/sources.js";
import { faultsOfAsync } from "../../support/faults.js";
import { temporaryFolder } from "../../support/folder.js";
import { type AgeIdentity, ageIdentity } from "../../support/identities.js";
import { sampleSettings } from "../../support/settings.js";
import { emptyHome, put, sopsText } from "../../support/sopsFiles.js";

const NAMES = ["shared", "github-actions", "stack", "vps-i1", "vps-h1"];

describe("the sources of a stack", () => {
  const folder = temporaryFolder();
  let me: AgeIdentity;
  let other: AgeIdentity;
  let env: NodeJS.ProcessEnv;

  before(async () => {
    [me, other] = await Promise.all([ageIdentity(), ageIdentity()]);
    const text = await sopsText(folder(), { a: "1" }, [me.recipient]);
    env = emptyHome(folder(), { SOPS_AGE_KEY: me.identity });
    await Promise.all(NAMES.map((name) => put(folder(), `secrets/${name}.sops.yaml`, text)));
  });

  function rules(...lines: [pattern: string, ...recipients: string[]][]) {
    const text = lines.map(([pattern, ...age]) => `  - { path_regex: '${pattern}', age: '${age.join(",")}' }\n`);
    return parseRecipients(`creation_rules:\n${text.join("")}`);
  }

  it("are opened side by side", async () => {
    const sources = await openSources(folder(), sampleSettings(), rules(["secrets/", me.recipient]), env);
    assert.deepEqual(
      [sources.shared, sources.github, sources.stack, ...sources.hosts.values()].map(({ path }) => path),
      NAMES.map((name) => `secrets/${name}.sops.yaml`),
    );
    assert.deepEqual([...sources.hosts.keys()], ["vps-i1", "vps-h1"]);
  });

  it("show the faults of all files in one list", async () => {
    await put(folder(), "secrets/stack.sops.yaml", "# TEMPLATE\na: PLACEHOLDER\n");
    await put(folder(), "secrets/vps-h1.sops.yaml", "a: in clear\n");
    const some = rules(["vps-i1", me.recipient, other.recipient], ["shared|stack|vps-h1", me.recipient]);
    const lines = await faultsOfAsync(openSources(folder(), sampleSettings(), some, env));
    assert.deepEqual(
      lines.map((line) => line.split(". Repair: ")[0]),
      [
        ".sops.yaml: secrets/github-actions.sops.yaml: no rule matches this file",
        "secrets/stack.sops.yaml: still is the template",
        "secrets/vps-i1.sops.yaml: its recipients are not those of its rule in .sops.yaml",
        "secrets/vps-h1.sops.yaml: is not encrypted",
      ],
    );
  });

  const FILE = "secrets/shared.sops.yaml";
  const UPDATE = `${FILE}: its recipients are not those of its rule in .sops.yaml. Repair: sops updatekeys ${FILE}`;
  const cases: readonly [string, (mine: string, others: string) => [string, ...string[]][], string][] = [
    ["its rule names one more", (mine, others) => [["shared", mine, others]], UPDATE],
    ["its rule names another", (_, others) => [["shared", others]], UPDATE],
    ["its rule names none", () => [["shared", ""]], UPDATE],
    [
      "a wider rule before its own names another",
      (mine, others) => [
        ["secrets/", others],
        ["shared", mine],
      ],
      UPDATE,
    ],
    [
      "no rule matches",
      (mine) => [["^shared", mine]],
      `.sops.yaml: ${FILE}: no rule matches this file. Repair: add a creation rule`,
    ],
  ];
  for (const [title, lines, message] of cases) {
    it(`are refused when ${title}`, async () => {
      const recipients = rules(...lines(me.recipient, other.recipient));
      assert.deepEqual(await faultsOfAsync(openSource(folder(), FILE, recipients, env)), [message]);
    });
  }
});
