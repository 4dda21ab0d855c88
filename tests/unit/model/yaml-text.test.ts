/** Proves that one value of a YAML text is replaced and nothing else. */
import assert from "node:assert/strict";

import fc from "fast-check";
import { parse } from "yaml";

import { withAnchored, withValueAt } from "../../../core/model/yamlText.js";

const RULES = `# Who can open which file.
keys:
  - &dev_radieu age1placeholder-dev-radieu   # Konrad
  - &vps_i1 "age1placeholder-vps-i1"
creation_rules:
  - path_regex: .
    key_groups: [{ age: [*dev_radieu, *vps_i1] }]
`;

describe("a value of a YAML text", () => {
  it("is put behind its anchor", () => {
    const one = withAnchored(RULES, "dev_radieu", "age1dev") ?? "";
    assert.equal(one, RULES.replace("age1placeholder-dev-radieu", "age1dev"));
    assert.equal(withAnchored(one, "vps_i1", "age1host"), one.replace('"age1placeholder-vps-i1"', "age1host"));
  });

  it("keeps a checkout's line ends", () => {
    const crlf = RULES.replaceAll("\n", "\r\n");
    assert.equal(withAnchored(crlf, "vps_i1", "age1host"), crlf.replace('"age1placeholder-vps-i1"', "age1host"));
  });

  it("is put at its path, in block and in flow form", () => {
    const text =
      "config:\n  p24-infra:hosts:\n    a: { hostKey: PENDING, port: 22 } # IONOS\n    b:\n      hostKey: PENDING # later\n";
    const hostKey = "ssh-ed25519 AAAAC3Nz+/==";
    const path = (host: string) => ["config", "p24-infra:hosts", host, "hostKey"];
    assert.equal(withValueAt(text, path("a"), hostKey), text.replace("PENDING", hostKey));
    assert.equal(withValueAt(text, path("b"), hostKey), text.replace("PENDING #", `${hostKey} #`));
  });

  it("is not put where nothing is", () => {
    assert.equal(withAnchored(RULES, "dev_other", "age1x"), undefined);
    assert.equal(withValueAt('config:\n  a: \'{"b":"c"}\'\n', ["config", "a", "b"], "d"), undefined);
    assert.equal(withValueAt("config: {}\n", ["config", "a", "b"], "d"), undefined);
  });

  it("is read back as the same string, whatever it is", () => {
    fc.assert(
      fc.property(fc.string({ unit: "binary" }), (value) => {
        const text = withValueAt("a:\n  b: x\n", ["a", "b"], value) ?? "";
        assert.deepEqual(parse(text), { a: { b: value } });
      }),
    );
    for (const value of ["true", "Null", "1e3", "", " ", "no"]) {
      assert.deepEqual(parse(withValueAt("a: x", ["a"], value) ?? ""), { a: value });
    }
  });
});
