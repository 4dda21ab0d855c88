/** Proves what of a pull request is data that may be previewed with the runner's identity, and what is refused. */
import assert from "node:assert/strict";

import {
  aliasFaults,
  entryFaults,
  inventoryFaults,
  isTaken,
  keysIn,
  LARGEST,
  readEntry,
  settingsFaults,
  sourceFaults,
} from "../../../core/pullRequest/changes.js";

describe("of a pull request", () => {
  const taken = [
    "secrets/shared.sops.yaml",
    "secrets/vps-i1.sops.yaml",
    ".sops.yaml",
    "inventory.yaml",
    "Pulumi.prod.yaml",
  ];
  const left = [
    "index.ts",
    "package.json",
    ".npmrc",
    "Pulumi.yaml",
    "Pulumi.other.yaml",
    "secrets/a/b.sops.yaml",
    "secrets/../index.ts",
    "secrets/x.yaml",
    "secrets/.sops.yaml",
    "secrets/A.sops.yaml",
    "secrets/x.sops.yaml\n",
    "x/.sops.yaml",
    ".gitattributes",
    ".github/workflows/secrets-sync.yml",
  ];
  for (const path of taken) {
    it(`${path} is taken`, () => {
      assert.equal(isTaken(path, "prod"), true);
    });
  }
  for (const path of left) {
    it(`${JSON.stringify(path)} is left`, () => {
      assert.equal(isTaken(path, "prod"), false);
    });
  }

  const id = "a".repeat(40);
  const entries: readonly [string, boolean][] = [
    [`100644 blob ${id}    1234\tsecrets/x.sops.yaml`, true],
    [`100755 blob ${id}    1234\tx`, false],
    [`120000 blob ${id}      11\tx`, false],
    [`040000 tree ${id}       -\tx`, false],
    [`160000 commit ${id}       -\tx`, false],
    [`100644 blob ${id} ${String(LARGEST)}\tx`, true],
    [`100644 blob ${id} ${String(LARGEST + 1)}\tx`, false],
  ];
  for (const [line, isPlain] of entries) {
    it(`${isPlain ? "takes" : "refuses"} ${line.replace(id, "…")}`, () => {
      const entry = readEntry(line);
      assert.ok(entry !== undefined);
      assert.equal(entryFaults("x", entry).length === 0, isPlain);
    });
  }

  it("a source that another service could open is refused", () => {
    const own = "a: ENC[x]\nsops:\n  age:\n    - recipient: age1x\n  kms: []\n  pgp: null\n  mac: x\n";
    assert.deepEqual(sourceFaults("secrets/a.sops.yaml", own), []);
    for (const [name, value] of [
      ["hc_vault", "[{ vault_address: 'https://vault.example.test' }]"],
      ["kms", "[{ arn: x }]"],
      ["key_groups", "[{ age: [] }]"],
    ]) {
      const faults = sourceFaults(
        "secrets/a.sops.yaml",
        own
          .replace("  mac", `  ${name ?? ""}: ${value ?? ""}\n  mac`)
          .replace(name === "kms" ? "  kms: []\n" : "\0", ""),
      );
      assert.deepEqual(
        faults.map(({ name: at }) => at),
        [`sops.${name ?? ""}`],
      );
    }
  });

  const hidden: readonly [string, string][] = [
    ["merged in", "  x: &x { hc_vault: [{ vault_address: y }] }\n  <<: *x\n"],
    ["merged in from a list", "  age: &x []\n  <<: [*x]\n"],
    ["behind an alias", "  version: &x hc_vault\n  *x : [{ vault_address: y }]\n"],
    ["that only a later sops knows", "  some_vault: [{ address: y }]\n"],
  ];
  for (const [what, metadata] of hidden) {
    it(`a source with another service ${what} is refused, and nothing of it repeated`, () => {
      const faults = sourceFaults("secrets/a.sops.yaml", `a: ENC[x]\nsops:\n${metadata}  mac: x\n`);
      assert.deepEqual([...new Set(faults.map(({ name }) => name))], ["sops"]);
    });
  }

  const form = (text: string) => `secrets:\n  a: { tier: 3${text} }\n`;
  const forms: readonly [string, string, string, boolean][] = [
    ["no form", form(""), form(", note: x"), true],
    ["the same form", form(", form: x+"), form(", form: x+, note: y"), true],
    ["a form less", form(", form: x+"), form(""), true],
    ["a form for a new secret", "secrets: {}\n", form("").replace("a:", "b:").replace("3", "3, form: x+"), true],
    ["another form", form(", form: x+"), form(", form: 'a.*|x+'"), false],
    ["a form for a value that is there", form(""), form(", form: a.*"), false],
    ["a form for one that was not listed", "secrets: {}\n", form(", form: a.*"), false],
    ["a form, the whole file being new", "", form(", form: a.*"), false],
    ["nothing that is an inventory", form(""), "secrets: [", false],
  ];
  for (const [what, before, after, isShown] of forms) {
    it(`${isShown ? "previews" : "refuses"} an inventory with ${what}`, () => {
      const keys = new Set(keysIn("a: ENC[x]\nsops: { mac: x }\n"));
      assert.equal(inventoryFaults("inventory.yaml", before, after, keys).length === 0, isShown);
    });
  }

  const bomb = ["x0: &x0 [a]", ...Array.from({ length: 9 }, (_, at) => bombLine(at + 1))].join("\n");
  const aliases: readonly [string, string, boolean][] = [
    ["one recipient in two hundred rules", `a: &a x\nb: [${Array(200).fill("*a").join(", ")}]\n`, true],
    ["an alias without an anchor", "a: *b\n", false],
    ["an alias inside of its anchor", "a: &a\n  b: *a\n", false],
    ["aliases that multiply", bomb, false],
  ];
  for (const [what, text, isRead] of aliases) {
    it(`${isRead ? "reads" : "refuses"} ${what}`, () => {
      assert.equal(aliasFaults(".sops.yaml", text).length === 0, isRead);
    });
  }

  const settings =
    "config:\n  p24-infra:backend: s3://a\n  p24-infra:hosts: { a: { address: b } }\nencryptionsalt: v1:x\n";
  const changes: readonly [string, string, boolean][] = [
    ["a host's address", settings.replace("address: b", "address: c"), true],
    ["a repository", settings.replace("encryptionsalt", "  p24-infra:github: { owner: o }\nencryptionsalt"), true],
    [
      "the order and comments",
      "# x\nencryptionsalt: v1:x\nconfig:\n  p24-infra:hosts: {}\n  p24-infra:backend: s3://a\n",
      true,
    ],
    ["the backend", settings.replace("s3://a", "s3://b"), false],
    ["the passphrase's salt", settings.replace("v1:x", "v1:y"), false],
    ["who encrypts the state", `${settings}secretsprovider: hashivault://x\n`, false],
    ["a provider's address", settings.replace("config:", "config:\n  github:baseUrl: https://example.test"), false],
    ["nothing that is YAML", "config: [", false],
    ["all of it", "", false],
  ];
  for (const [what, after, isShown] of changes) {
    it(`${isShown ? "previews" : "refuses"} settings that change ${what}`, () => {
      assert.equal(settingsFaults("Pulumi.prod.yaml", settings, after).length === 0, isShown);
    });
  }
});

function bombLine(level: number): string {
  return `x${String(level)}: &x${String(level)} [${Array(10)
    .fill(`*x${String(level - 1)}`)
    .join(", ")}]`;
}
