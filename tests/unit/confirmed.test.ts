/** Proves that a run's report reaches the `p24 pulumi` that waits for it, whole or not at all. */
import assert from "node:assert/strict";
import { existsSync, mkdirSync, readdirSync, statSync } from "node:fs";
import { dirname } from "node:path";

import { placeReport } from "../../core/compare/report.js";
import { awaitConfirmation, confirm } from "../../core/confirmed.js";

const REPORTS = [placeReport("host:vps-i1", "verified", 26, [])];

describe("a run's confirmation", () => {
  it("is the report and the verdict; without one there is nothing, and afterwards nothing is left", async () => {
    const confirmation = await awaitConfirmation();
    const [file = ""] = Object.values(confirmation.env);
    if (process.platform !== "win32") {
      assert.equal(statSync(dirname(file)).mode & 0o077, 0, "nobody else's folder");
    }
    assert.equal(await confirmation.read(), undefined);
    await confirm(REPORTS, "c0ffee00c0ffee00", confirmation.env);
    assert.equal(
      await confirmation.read(),
      "host:vps-i1  in sync (verified)  26 in sync\nEvery place is equal to git at c0ffee00c0ff.",
    );
    assert.deepEqual(readdirSync(dirname(file)), ["report"]);
    await confirmation.close();
    assert.ok(!existsSync(dirname(file)));
  });

  it("that cannot be told is none, and stops no run", async () => {
    const confirmation = await awaitConfirmation();
    const [file = ""] = Object.values(confirmation.env);
    mkdirSync(`${file}.new`);
    await confirm(REPORTS, "c0ffee", confirmation.env);
    assert.equal(await confirmation.read(), undefined);
    await confirmation.close();
  });

  it("is told to nobody where nobody waits", async () => {
    await confirm(REPORTS, "c0ffee", {});
  });
});
