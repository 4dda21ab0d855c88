/**
 * Proves of `p24 report`, against the emulated places with the real sops and engine: page, Markdown and JSON say what `p24 status`
 * says, hold none of the values, and a file that cannot be written is told. What a browser makes of the page is tests/browser's.
 */
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";

import type { PlaceReport } from "../../../core/compare/report.js";
import type { Report } from "../../../core/report/model.js";
import { p24 } from "../../../sandbox/world/engine.js";
import { OWNER } from "../../../sandbox/world/github.js";
import { leaked } from "../../support/canary.js";
import { converge, numbered, REPOSITORY, teamWith } from "../../support/program.js";
import { useWorld } from "../../support/world.js";

describe("p24 report", () => {
  const world = useWorld({ secrets: teamWith(numbered(2)) });
  const made: string[] = [];

  async function json(): Promise<Report> {
    const { code, stdout, stderr } = await p24(world(), "report", "--json");
    assert.equal(code, 0, stderr);
    made.push(stdout);
    return JSON.parse(stdout) as Report;
  }

  before(async function () {
    this.timeout(300_000);
    await converge(world());
  });

  it("knows every secret of the sources, each in sync at its places once up has converged", async () => {
    const report = await json();
    const wanted = Object.values(world().secrets).flatMap((source) => Object.keys(source));
    assert.deepEqual(report.secrets.map(({ name }) => name).sort(), wanted.sort());
    assert.equal(report.isEqual, true);
    const sent = report.secrets.filter(({ places }) => places.length > 0);
    assert.ok(sent.every(({ status, fingerprint }) => status === "in sync" && /^[0-9a-f]{8}$/.test(fingerprint ?? "")));
    const smtp = report.secrets.find(({ name }) => name === "smtp_password");
    assert.deepEqual(
      smtp?.places.map(({ place, confidence }) => [place, confidence]),
      [
        ["host:vps-h1", "verified"],
        ["host:vps-i1", "verified"],
      ],
    );
    assert.deepEqual([smtp.age.interval, smtp.age.days, smtp.age.standing], [90, 0, "in time"]);
  });

  it("says of a drift what status says, in all three forms, and ends with 0", async () => {
    world().github.setSecret(OWNER, REPOSITORY, "NAME_01", "somebody's");
    await world().hosts.get("vps-h1")?.down();
    const status = await p24(world(), "status", "--json");
    const { places } = JSON.parse(status.stdout) as { places: readonly PlaceReport[] };
    const report = await json();
    assert.deepEqual(
      report.places.map(({ place, status: how, confidence, counts }) => [place, how, confidence, counts]),
      places.map(({ place, status: how, confidence, counts }) => [place, how, confidence, counts]),
    );
    assert.equal(report.secrets.find(({ name }) => name === "name_01")?.status, "differs");
    const text = await p24(world(), "report");
    assert.equal(text.code, 0, text.stderr);
    assert.match(
      text.stdout,
      /\| `name_01` +\| 3 +\| github-actions +\| p24-infra +\| `github:radieu\/p24-infra` differs/,
    );
    const page = await p24(world(), "report", "--html", "report.html");
    assert.deepEqual(
      [page.code, page.stdout],
      [0, `${join(world().paths.work, "report.html")} is written: open it in a browser.\n`],
    );
    const html = readFileSync(join(world().paths.work, "report.html"), "utf8");
    assert.match(html, /Not equal to git: github:radieu\/p24-infra, host:vps-h1\./);
    made.push(text.stdout, html);
    await world().hosts.get("vps-h1")?.up();
  });

  it("replaces a former page, and no other file", async () => {
    const source = join(world().paths.work, "secrets/shared.sops.yaml");
    const before = readFileSync(source, "utf8");
    const refused = await p24(world(), "report", "--html", "secrets/shared.sops.yaml");
    assert.deepEqual(
      [refused.code, refused.stderr],
      [3, "--html: there is a file that is not the page. Repair: name another file; this one is left as it is\n"],
    );
    assert.equal(readFileSync(source, "utf8"), before);
    assert.equal((await p24(world(), "report", "--html", "report.html")).code, 0);
  });

  it("refuses a file that cannot be written", async () => {
    const { code, stderr } = await p24(world(), "report", "--html", "no/such/folder/report.html");
    assert.equal(code, 3);
    assert.match(stderr, /^--html: the page cannot be written there\. Repair: /);
  });

  it("holds no value of any source, in no form", () => {
    const canaries = Object.values(world().secrets).flatMap(
      (source) => JSON.stringify(source).match(/cnry\w+/gi) ?? [],
    );
    assert.ok(canaries.length > 30 && made.length === 4, "there was something to search");
    assert.deepEqual(leaked(made.join("\n"), canaries), []);
  });
});
