/**
 * Proves that no value comes out anywhere: the whole story and every failure path with the real engine, then a search for
 * every value in everything that came out. That the search finds is proved by planted.test.ts and views.test.ts.
 */
import assert from "node:assert/strict";
import { join } from "node:path";

import { PLACES } from "../../sandbox/sweep/places.js";
import { renderFinding, renderSweep } from "../../sandbox/sweep/render.js";
import { runSweep, type SweepReport } from "../../sandbox/sweep/sweep.js";
import { needs } from "../support/needs.js";

describe("after the whole story and every failure path", () => {
  let report: SweepReport;
  before(async function () {
    this.timeout(1_200_000);
    report = await runSweep(join(__dirname, "../.."), () => undefined);
  });

  it("no value is found where it does not belong", () => {
    assert.deepEqual(report.leaks.map(renderFinding), [], renderSweep(report));
  });

  it("every verb of p24 was run, with a failure and with --json where it has it", () => {
    assert.deepEqual(report.gaps, []);
  });

  it("every kind of place was searched, and no process left a core dump", () => {
    const found = new Set(report.searched.keys());
    const linuxOnly = ["arguments", "environment", "passing files"];
    const wanted = PLACES.filter((place) => process.platform === "linux" || !linuxOnly.includes(place));
    assert.deepEqual(
      wanted.filter((place) => !found.has(place)),
      ["core dumps"],
    );
  });

  it("every place where values belong held some: the search looked at it, and the list of exceptions is no longer than it must be", () => {
    const idle = report.allowances.filter((one) => !report.allowed.has(one));
    assert.deepEqual(
      idle.map(({ reason }) => reason),
      [],
    );
  });

  it("the processes that were sampled include the engine, its plugins and every tool", function () {
    needs(this, process.platform === "linux", "Linux: processes are sampled from /proc");
    const programs = [...report.watched.programs.keys()];
    for (const wanted of [
      /^pulumi$/,
      /^pulumi-language-nodejs/,
      /^node index\.[jt]s$/,
      /^pulumi-resource-github$/,
      /pulumi-resource-command/,
      /pulumi-resource-cloudflare/,
      /^node p24\.mjs$/,
      /^sops$/,
      /^git$/,
      /^age$/,
      /^sh p24-host$/,
    ]) {
      assert.ok(
        programs.some((program) => wanted.test(program)),
        `${String(wanted)} was seen among ${programs.join(", ")}`,
      );
    }
  });
});
