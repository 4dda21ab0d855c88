/** Proves the exact message for each bad key, value and clash of the sources, all of them in one list, none with a value. */
import assert from "node:assert/strict";

import { layOut } from "../../../core/model/desired.js";
import { parseInventory } from "../../../core/model/inventory.js";
import { ROOTS_OF_TRUST } from "../../../core/model/names.js";
import { canary, leaked } from "../../support/canary.js";
import { faultsOf } from "../../support/faults.js";
import { type Git, sampleSettings, SETTINGS_FILE, sourcesOf } from "../../support/settings.js";

interface Case {
  readonly title: string;
  readonly git: Git;
  readonly inventory?: string;
  readonly plain?: Record<string, string>;
  readonly messages: readonly string[];
}

const SHARED = "secrets/shared.sops.yaml";
const ACTIONS = "secrets/github-actions.sops.yaml";
const I1 = "secrets/vps-i1.sops.yaml";
const H1 = "secrets/vps-h1.sops.yaml";
const ONE_SOURCE = `Repair: remove one; inventory.yaml's "to" sends one secret to several places`;
const HUGE = "x".repeat(48 * 1024 + 1);
const LARGE = "x".repeat(127 * 1024);

const CASES: readonly Case[] = [
  {
    title: "a value of the template",
    git: { shared: { smtp_host: "PLACEHOLDER" } },
    messages: [`${SHARED}: smtp_host: still has the template's placeholder. Repair: sops edit ${SHARED}`],
  },
  {
    title: "a key that no variable can have",
    git: { github: { "supabase-key": "v" } },
    messages: [
      `${ACTIONS}: supabase-key: cannot be a variable's name: use letters, digits and underscores, not starting with a digit. Repair: sops edit ${ACTIONS}`,
    ],
  },
  {
    title: "a NUL character",
    git: { shared: { a: "x\0y" } },
    messages: [
      `${SHARED}: a: contains a NUL character, which no environment variable can carry. Repair: sops edit ${SHARED}`,
    ],
  },
  {
    title: "half a character",
    git: { github: { a: "x\ud800" } },
    messages: [`${ACTIONS}: a: is not valid Unicode. Repair: sops edit ${ACTIONS}`],
  },
  {
    title: "a value without the inventory's form",
    git: { shared: { a: "xAy" } },
    inventory: 'secrets: { a: { form: "A" } }',
    messages: [`${SHARED}: a: does not have the form that inventory.yaml expects. Repair: sops edit ${SHARED}`],
  },
  {
    title: "a key in shared and in a host's file",
    git: { shared: { a: "1" }, hosts: { "vps-i1": { a: "1" } } },
    messages: [`${I1}: a: stands in ${SHARED} too: one secret has one source. ${ONE_SOURCE}`],
  },
  {
    title: "a key in shared and for GitHub",
    git: { shared: { a: "1" }, github: { A: "2" } },
    messages: [`${ACTIONS}: A: stands in ${SHARED} too: one secret has one source. ${ONE_SOURCE}`],
  },
  {
    title: "two keys of a file that are the same name",
    git: { hosts: { "vps-h1": { a: "1", A: "2" } } },
    messages: [`${H1}: A: stands as "a" in the same file too: one secret has one source. ${ONE_SOURCE}`],
  },
  {
    title: "two hosts' keys that the inventory sends to the same place",
    git: { hosts: { "vps-i1": { a: "1" }, "vps-h1": { a: "2" } } },
    inventory: "secrets: { a: { to: [vps-h1] } }",
    messages: [`${H1}: a: reaches vps-h1 twice as A. Repair: change "to" or "as" in inventory.yaml`],
  },
  {
    title: "an unknown place",
    git: { shared: { a: "1" } },
    inventory: "secrets: { a: { to: [vps-x9] } }",
    messages: [
      'inventory.yaml: secrets.a.to: names the unknown place "vps-x9". Repair: use hosts, github or one of: vps-i1, vps-h1',
    ],
  },
  {
    title: "a plain variable that is a secret too",
    git: { hosts: { "vps-i1": { tz: "1" } } },
    plain: { TZ: "UTC" },
    messages: [
      `${SETTINGS_FILE}: hosts.vps-i1.plain.TZ: is a secret of the sources too. Repair: remove one of the two`,
    ],
  },
  {
    title: "a plain variable with a reserved name",
    git: {},
    plain: { COMPOSE_PROJECT_NAME: "x" },
    messages: [
      `${SETTINGS_FILE}: hosts.vps-i1.plain.COMPOSE_PROJECT_NAME: would change Compose, Docker or the shell itself. Repair: rename the variable`,
    ],
  },
  {
    title: "a root of trust as a plain variable",
    git: {},
    plain: { AGE_KEY_GHA: "x" },
    messages: [
      `${SETTINGS_FILE}: hosts.vps-i1.plain.AGE_KEY_GHA: is a root of trust, which no file of git may hold. Repair: remove it, and replace it where it is used`,
    ],
  },
  {
    title: "a plain variable that no environment can carry",
    git: {},
    plain: { A: "x\0" },
    messages: [
      `${SETTINGS_FILE}: hosts.vps-i1.plain.A: contains a NUL character, which no environment variable can carry. Repair: correct the value`,
    ],
  },
  {
    title: "a name that changes Compose, said once for both hosts",
    git: { shared: { compose_file: "1" } },
    messages: [`${SHARED}: compose_file: would change Compose, Docker or the shell itself. Repair: rename the key`],
  },
  {
    title: "a name that GitHub reserves",
    git: { github: { github_pat: "1" } },
    messages: [`${ACTIONS}: github_pat: GitHub reserves the prefix GITHUB_. Repair: rename the key`],
  },
  {
    title: "a shared key sent to GitHub under a reserved name, at its own file",
    git: { shared: { pat: "1" } },
    inventory: "secrets: { pat: { to: [github], as: GITHUB_PAT } }",
    messages: [`${SHARED}: pat: GitHub reserves the prefix GITHUB_. Repair: rename the key`],
  },
  {
    title: "a value above GitHub's limit",
    git: { github: { a: HUGE } },
    messages: [`${ACTIONS}: a: is larger than GitHub's 48 KB. Repair: store a smaller value`],
  },
  {
    title: "a shared value above GitHub's limit that the inventory sends there, at its own file",
    git: { shared: { a: HUGE } },
    inventory: "secrets: { a: { to: [github] } }",
    messages: [`${SHARED}: a: is larger than GitHub's 48 KB. Repair: store a smaller value`],
  },
  {
    title: "more secrets than a repository takes",
    git: { github: Object.fromEntries(Array.from({ length: 101 }, (_, index) => [`k${String(index)}`, "v"])) },
    messages: [
      `${ACTIONS}: has 101 secrets for a repository, GitHub takes 100. Repair: remove secrets that no workflow uses`,
    ],
  },
  {
    title: "a file that is larger than a payload may be",
    git: { hosts: { "vps-h1": { a: LARGE, b: LARGE, c: LARGE, d: LARGE, e: LARGE, f: LARGE } } },
    messages: ["host vps-h1: its .env would be larger than 700 KiB. Repair: remove or shorten the largest values"],
  },
];

function faults({ git, inventory = "secrets: {}", plain = {} }: Omit<Case, "title" | "messages">): string[] {
  const settings = sampleSettings();
  Object.assign(settings.hosts["vps-i1"]?.plain ?? {}, plain);
  return faultsOf(() => layOut(sourcesOf(git), settings, parseInventory(inventory), SETTINGS_FILE));
}

describe("sources are refused", () => {
  for (const { title, messages, ...input } of CASES) {
    it(`with ${title}`, () => {
      assert.deepEqual(faults(input), messages);
    });
  }

  for (const root of ROOTS_OF_TRUST) {
    it(`with the root of trust ${root}, in whichever file and case`, () => {
      const lower = root.toLowerCase();
      const said = (path: string, name: string) =>
        `${path}: ${name}: is a root of trust: sops is opened with it, so it cannot live in sops. ` +
        `Repair: sops unset ${path} '["${name}"]'`;
      const stack = "secrets/stack.sops.yaml";
      assert.deepEqual(
        faults({ git: { shared: { [lower]: "1" }, github: { [root]: "1" }, stack: { [lower]: "1" } } }),
        [said(SHARED, lower), said(ACTIONS, root), said(stack, lower)],
      );
      assert.deepEqual(
        faults({ git: { hosts: { "vps-i1": { a: "1" } } }, inventory: `secrets: { a: { as: ${root} } }` }),
        [said(I1, "a")],
      );
    });
  }

  it("with all their faults in one list, and none of their values", () => {
    const values = Array.from({ length: 4 }, canary);
    const lines = faults({
      git: {
        shared: { "bad-name": values[0] ?? "", path: values[1] ?? "" },
        github: { github_a: `${values[2] ?? ""}\0` },
        hosts: { "vps-i1": { PATH: values[3] ?? "" } },
      },
      inventory: 'secrets: { path: { form: "no" } }',
    });
    assert.equal(lines.length, 7);
    assert.deepEqual(leaked(lines.join("\n"), values), []);
  });
});
