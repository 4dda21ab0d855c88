/** Proves how a word of the command line finds a key, without an identity, and that a word that finds none is not repeated. */
import assert from "node:assert/strict";

import { isAbout, locate, locatedAt, readKeys } from "../../../core/rotation/locate.js";
import { faultsOf } from "../../support/faults.js";
import { temporaryFolder } from "../../support/folder.js";
import { ageIdentity } from "../../support/identities.js";
import { put, sopsText } from "../../support/sopsFiles.js";

describe("a key by its name", () => {
  const folder = temporaryFolder();
  before(async () => {
    const { recipient } = await ageIdentity();
    const file = async (name: string, values: Record<string, string>) =>
      put(folder(), `secrets/${name}.sops.yaml`, await sopsText(folder(), values, [recipient]));
    await file("shared", { smtp_password: "x", Mixed_Case: "x" });
    await file("vps-i1", { api_secret: "x" });
    await file("vps-h1", { api_secret: "x" });
    await put(folder(), "secrets/github-actions.sops.yaml", "# TEMPLATE\na: PLACEHOLDER\n");
  });

  const found: readonly [word: string, path: string, row: string][] = [
    ["smtp_password", "secrets/shared.sops.yaml", "smtp_password"],
    ["SMTP_PASSWORD", "secrets/shared.sops.yaml", "smtp_password"],
    ["Mixed_Case", "secrets/shared.sops.yaml", "Mixed_Case"],
    ["shared/smtp_password", "secrets/shared.sops.yaml", "smtp_password"],
    ["vps-h1/api_secret", "secrets/vps-h1.sops.yaml", "vps-h1/api_secret"],
    ["vps-i1/API_SECRET", "secrets/vps-i1.sops.yaml", "vps-i1/api_secret"],
  ];
  for (const [word, path, row] of found) {
    it(word, async () => {
      const located = locate(word, await readKeys(folder()));
      assert.deepEqual([located.path, located.row], [path, row]);
    });
  }

  it("one of git's history: as the sources have it, or by its file where another one has the key", async () => {
    const { all } = await readKeys(folder());
    const rowOf = (path: string, key: string) => {
      const { source, row } = locatedAt({ path, key }, all);
      return [source, row];
    };
    assert.deepEqual(
      [
        rowOf("secrets/shared.sops.yaml", "smtp_password"),
        rowOf("secrets/vps-i1.sops.yaml", "smtp_password"),
        rowOf("secrets/gone.sops.yaml", "removed"),
      ],
      [
        ["shared", "smtp_password"],
        ["vps-i1", "vps-i1/smtp_password"],
        ["gone", "removed"],
      ],
    );
  });

  it("one that stands in two sources is asked for", async () => {
    const keys = await readKeys(folder());
    assert.deepEqual(
      faultsOf(() => locate("api_secret", keys)),
      ["secrets/: api_secret: stands in several sources. Repair: name one: vps-h1/api_secret, vps-i1/api_secret"],
    );
  });

  it("one that nobody has is told with what there is, and the file that could not be read", async () => {
    const keys = await readKeys(folder());
    const template =
      "secrets/github-actions.sops.yaml: still is the template. Repair: fill its values in and encrypt it: sops encrypt --in-place secrets/github-actions.sops.yaml, then sops edit secrets/github-actions.sops.yaml";
    for (const word of ["canary", "vps-i1/smtp_password", ""]) {
      assert.deepEqual(
        faultsOf(() => locate(word, keys)),
        [
          template,
          "secrets/: no source has the key that was named. Repair: p24 add, or name one of: Mixed_Case, smtp_password, vps-h1/api_secret, vps-i1/api_secret",
        ],
      );
    }
  });

  it("is what a row is about, with its source or without", () => {
    const about = (row: string) => isAbout(row, { key: "a", source: "s" });
    assert.deepEqual(
      [about("a"), about("s/a"), about("t/a"), about("A"), about("b")],
      [true, true, false, false, false],
    );
  });
});
