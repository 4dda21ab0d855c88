/** Proves which recipients and names are taken from people, and that nothing of what was typed is repeated. */
import assert from "node:assert/strict";

import { generateHybridIdentity, generateX25519Identity, identityToRecipient } from "age-encryption";

import { mixedFaults, readName, readRecipient } from "../../../core/access/recipientText.js";
import { faultsOf, faultsOfAsync } from "../../support/faults.js";

describe("a recipient that somebody types", () => {
  it("is taken, classic and post-quantum, as age-keygen prints it", async () => {
    for (const make of [generateX25519Identity, generateHybridIdentity]) {
      const recipient = await identityToRecipient(await make());
      assert.equal(await readRecipient(recipient), recipient);
      assert.equal(await readRecipient(` ${recipient}\r\n`), recipient);
      assert.equal(await readRecipient(`# public key: ${recipient}`), recipient);
    }
  });

  it("is refused with its reason, and never repeated", async () => {
    const [classic, quantum] = await Promise.all([generateX25519Identity(), generateHybridIdentity()]);
    const recipient = await identityToRecipient(classic);
    const PRIVATE = /^RECIPIENT: is an identity's private part, .* Repair: make a new identity/;
    const CARELESS = /^RECIPIENT: is no age recipient: one of its letters is wrong, or a part is missing\. Repair: /;
    const cases: readonly (readonly [typed: string, said: RegExp])[] = [
      [classic, PRIVATE],
      [classic.toLowerCase(), PRIVATE],
      [`x ${quantum}`, PRIVATE],
      [recipient.slice(0, -1), CARELESS],
      [recipient.replace(/.$/, (last) => (last === "q" ? "p" : "q")), CARELESS],
      [`${recipient},${recipient}`, CARELESS],
      ["hunter2-canary", CARELESS],
      ["", CARELESS],
      ["age1placeholder-dev-anna", /^RECIPIENT: is the template's placeholder\. /],
      ["ssh-ed25519 AAAAC3NzaC1lZDI1NTE5", /^RECIPIENT: is an SSH key, /],
      [
        "age1yubikey1qwt50d05nh5vutpdzmlg5wn80xq5negm4uj9ghv0snvdd3yysf5yw3rhl3t",
        /^RECIPIENT: is a plugin's recipient, /,
      ],
    ];
    for (const [typed, said] of cases) {
      const lines = await faultsOfAsync(readRecipient(typed));
      assert.match(lines.join("\n"), said);
      assert.ok(typed === "" || !lines.join("\n").includes(typed));
    }
  });
});

describe("a name that somebody types", () => {
  it("is a developer's anchor, else it is refused and not repeated", async () => {
    assert.equal(readName("dev_anna_2"), "dev_anna_2");
    const identity = await generateX25519Identity();
    for (const typed of ["anna", "dev_", "dev_Anna", "dev_a b", "vps_i1", "dev_*", identity]) {
      const said = faultsOf(() => readName(typed)).join("\n");
      assert.match(
        said,
        typed === identity ? /^NAME: is an identity's private part/ : /^NAME: is no name of a developer/,
      );
      assert.ok(!said.includes(`${typed} `) && !said.includes(`${typed}.`), typed);
    }
  });
});

describe("recipients of both kinds", () => {
  it("are refused where hosts encrypt to all of them, and only there", () => {
    const rules = (...stack: string[]) => ({
      ruleFor: (path: string) => new Set(path === "secrets/stack.sops.yaml" ? stack : ["age1a", "age1pq1b"]),
    });
    assert.deepEqual(mixedFaults(rules("age1a", "age1b")), []);
    assert.deepEqual(mixedFaults(rules("age1pq1a", "age1pq1b")), []);
    assert.deepEqual(
      mixedFaults(rules("age1a", "age1pq1b")).map(({ name }) => name),
      ["secrets/stack.sops.yaml"],
    );
  });
});
