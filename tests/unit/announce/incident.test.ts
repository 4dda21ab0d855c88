/** Proves when an alert is told, told again and over, and that an issue's text keeps what is known. */
import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { join } from "node:path";

import { type Alert, ALERTS } from "../../../core/announce/alerts.js";
import { type Incident, planFor, readIncident, toldBy, writeIncident } from "../../../core/announce/incident.js";
import { alertMessage, resolvedMessage, runbookLink } from "../../../core/announce/message.js";

const DOWN: Alert = { name: "HostUnreachable", place: "host:vps-i1", what: "cannot be reached" };
const DRIFT: Alert = { name: "SecretsDrift", place: "github:o/r", what: "A differs" };
const at = (hours: number) => new Date(Date.parse("2026-11-26T00:00:00Z") + hours * 3_600_000);

/** What stands in the issue after a run that told everything that it wanted to. */
function after(former: Incident | undefined, alerts: readonly Alert[], hours: number): Incident | undefined {
  const { next, tell } = planFor(former, alerts, at(hours));
  return next === undefined || tell.length === 0 ? next : toldBy(next, tell, String(100 + hours), at(hours));
}

const told = (former: Incident | undefined, alerts: readonly Alert[], hours: number) =>
  planFor(former, alerts, at(hours)).tell.map(({ name }) => name);

describe("an incident", () => {
  const first = after(undefined, [DOWN], 0);

  it("is told when it begins, and not again while it lasts", () => {
    assert.deepEqual(told(undefined, [DOWN], 0), ["HostUnreachable"]);
    assert.deepEqual(told(first, [DOWN], 1), []);
    assert.deepEqual(told(first, [{ ...DOWN, what: "in other words" }], 23), []);
  });

  it("is told again a day after the last message, all of it", () => {
    assert.deepEqual(told(first, [DOWN], 24), ["HostUnreachable"]);
    const both = after(first, [DOWN, DRIFT], 5);
    assert.deepEqual([told(both, [DOWN, DRIFT], 28), told(both, [DOWN, DRIFT], 29).length], [[], 2]);
  });

  it("tells a further alert alone", () => {
    assert.deepEqual(told(first, [DOWN, DRIFT], 1), ["SecretsDrift"]);
  });

  it("is told by the next run when nobody could be told", () => {
    const untold = planFor(undefined, [DOWN], at(0)).next;
    assert.deepEqual(told(untold, [DOWN], 1), ["HostUnreachable"]);
    const further = planFor(first, [DOWN, DRIFT], at(1)).next;
    assert.deepEqual(told(further, [DOWN, DRIFT], 2), ["SecretsDrift"], "of what is new only");
  });

  it("remembers since when each alert is open, and which are over", () => {
    const both = after(first, [DOWN, DRIFT], 5);
    assert.deepEqual(
      both?.alerts.map(({ since }) => since),
      ["2026-11-26T00:00:00Z", "2026-11-26T05:00:00Z"],
    );
    const { next, over, tell } = planFor(both, [DRIFT], at(6));
    assert.deepEqual([next?.alerts.length, over.map(({ name }) => name), tell], [1, ["HostUnreachable"], []]);
  });

  it("is over when no alert is left", () => {
    const { next, over, tell } = planFor(first, [], at(6));
    assert.deepEqual([next, over.length, tell], [undefined, 1, []]);
    assert.deepEqual(planFor(undefined, [], at(6)), { next: undefined, tell: [], over: [] });
  });

  it("is read back from an issue's text, whatever stands around it and in it", () => {
    const odd = after(undefined, [{ ...DOWN, what: 'a "quoted" --> <b> \n é' }], 0) as Incident;
    assert.deepEqual(readIncident(`# Title\n\n${writeIncident(odd)}\nmore -->`), odd);
    assert.equal(writeIncident(odd).indexOf("-->"), writeIncident(odd).length - 3);
  });

  for (const text of ["", "prose", "<!-- p24:incident {} -->", "<!-- p24:incident [ -->", "<!-- p24:incident "]) {
    it(`is none in ${JSON.stringify(text)}`, () => {
      assert.equal(readIncident(text), undefined);
    });
  }
});

describe("a message", () => {
  const links = { repository: "radieu/p24-infra", run: "https://github.com/radieu/p24-infra/actions/runs/1" };
  const shown = (message: object) => (message as { embeds: { title: string; description: string }[] }).embeds[0];

  it("has a title, a line an alert with its section of the runbook, and mentions nobody", () => {
    const message = alertMessage([DOWN, DRIFT], links, "2026-11-26T00:00:00Z");
    assert.deepEqual(message, {
      allowed_mentions: { parse: [] },
      embeds: [
        {
          title: "p24 HostUnreachable: host:vps-i1 and 1 more",
          url: links.run,
          description: [
            "**[HostUnreachable](https://github.com/radieu/p24-infra/blob/main/docs/runbook.md#hostunreachable)** host:vps-i1: cannot be reached",
            "**[SecretsDrift](https://github.com/radieu/p24-infra/blob/main/docs/runbook.md#secretsdrift)** github:o/r: A differs",
          ].join("\n"),
          color: 0xc0392b,
          footer: { text: "radieu/p24-infra" },
          timestamp: "2026-11-26T00:00:00Z",
        },
      ],
    });
    assert.equal(shown(resolvedMessage([DOWN], links, ""))?.title, "p24 Resolved");
  });

  it("fits into Discord's limits, and takes no mention, link or line from a text", () => {
    const long = Array.from({ length: 40 }, (_, index) => ({
      ...DRIFT,
      place: `p${String(index)}`,
      what: "x".repeat(999),
    }));
    const big = shown(alertMessage(long, links, ""));
    assert.ok((big?.description.length ?? 0) <= 4096 && (big?.title.length ?? 0) <= 256);
    const odd = shown(alertMessage([{ ...DOWN, what: "a\n@everyone <@1> [x](y) `z`" }], links, ""));
    assert.ok(odd?.description.endsWith("a \\@everyone \\<\\@1\\> \\[x\\](y) \\`z\\`"));
  });

  it("links to a section that docs/runbook.md has, for every alert", async () => {
    const runbook = await readFile(join(__dirname, "../../../docs/runbook.md"), "utf8");
    for (const name of ALERTS) {
      assert.match(runbook, new RegExp(`^## ${name}$`, "m"));
      assert.ok(runbookLink(name, links).endsWith(`/docs/runbook.md#${name.toLowerCase()}`));
    }
  });
});
