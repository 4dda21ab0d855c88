/** Proves how init's flags are read, and that what is malformed is not repeated: it may be a private part at the wrong place. */
import assert from "node:assert/strict";
import { join } from "node:path";
import { Readable } from "node:stream";

import { readWishes } from "../../../../cli/init/wishes.js";
import { canary, leaked } from "../../../support/canary.js";
import { faultsOfAsync } from "../../../support/faults.js";
import { temporaryFolder } from "../../../support/folder.js";
import { expectedPrints, printsOf } from "../../../support/secrets.js";
import { put } from "../../../support/sopsFiles.js";

describe("init's flags", () => {
  const folder = temporaryFolder();
  const none = Readable.from([]);

  it("are all optional", async () => {
    const wishes = await readWishes({}, none);
    assert.deepEqual(
      [wishes.admin, wishes.commit, wishes.values, wishes.recipients.size],
      ["root", true, undefined, 0],
    );
  });

  it("name recipients and hosts' identities, several with a comma", async () => {
    const wishes = await readWishes(
      {
        recipient: "vps_i1=age1abc, vps_h1=age1def",
        "host-key": "vps-i1=ssh-ed25519 AAAA+/==,vps-h1=ssh-rsa BBBB",
        without: "BACKEND_ACCESS_KEY_ID,waha_api_key,",
        "no-commit": true,
      },
      none,
    );
    assert.deepEqual(Object.fromEntries(wishes.recipients), { vps_i1: "age1abc", vps_h1: "age1def" });
    assert.deepEqual(Object.fromEntries(wishes.hostKeys), {
      "vps-i1": "ssh-ed25519 AAAA+/==",
      "vps-h1": "ssh-rsa BBBB",
    });
    assert.deepEqual([[...wishes.without], wishes.commit], [["backend_access_key_id", "waha_api_key"], false]);
  });

  it("take values from a file or from standard input, with Windows' line ends and mark", async () => {
    await put(folder(), "old.env", "\uFEFFA=1\r\nB='two words'\r\n# c\r\n");
    for (const [values, stdin] of [
      [join(folder(), "old.env"), none],
      ["-", Readable.from(["A=1\nB='two words'\n"])],
    ] as const) {
      const read = await readWishes({ values }, stdin);
      assert.deepEqual(printsOf(read.values?.values ?? new Map()), expectedPrints({ A: "1", B: "two words" }));
    }
  });

  it("are refused together, by name and without what was typed", async () => {
    const secret = `AGE-SECRET-KEY-1${canary().toUpperCase()}`;
    const wrong = {
      recipient: `vps_i1=${secret}`,
      "host-key": secret,
      admin: `-o${secret}`,
      values: join(folder(), "none"),
    };
    const faults = await faultsOfAsync(readWishes(wrong, none));
    assert.deepEqual(
      faults.map((fault) => fault.split(". Repair")[0]?.replace(folder(), "")),
      [
        "--recipient: is not of its form",
        "--host-key: is not of its form",
        "--admin: is no user's name",
        "/none: is missing or cannot be read",
      ],
    );
    assert.deepEqual(leaked(faults.join("\n"), [secret]), []);
  });

  it("name the line of a file that is no assignment, and nothing of it", async () => {
    const secret = canary();
    await put(folder(), "odd.env", `A=1\n${secret}\n`);
    const faults = await faultsOfAsync(readWishes({ values: join(folder(), "odd.env") }, none));
    assert.match(faults.join("\n"), /odd\.env:2: is no assignment/);
    assert.deepEqual(leaked(faults.join("\n"), [secret]), []);
  });
});
