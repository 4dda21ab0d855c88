/** Proves that the gateway's settings are checked with the policy's own schema, and which text its binding gets. */
import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { join } from "node:path";

import { parse as parseYaml } from "yaml";

import { parseSettings } from "../../../core/model/settings.js";
import { compilePolicy } from "../../../gateway/policy.js";
import { faultsOf } from "../../support/faults.js";
import { HOST_NAME, rawCloudflare, sampleGateway, ZONE_ID } from "../../support/gateway.js";
import { rawSettings, SETTINGS_FILE } from "../../support/settings.js";

type Raw = ReturnType<typeof rawCloudflare>;

function parse(cloudflare: unknown) {
  return parseSettings({ ...rawSettings(), cloudflare }, SETTINGS_FILE);
}

const SET = "Repair: pulumi config set --path";

describe("the gateway's settings", () => {
  it("may be left out", () => {
    assert.equal(parseSettings(rawSettings(), SETTINGS_FILE).cloudflare, undefined);
  });

  it("come as YAML has them, or as the JSON that the engine makes of it", () => {
    assert.deepEqual(parse(JSON.stringify(rawCloudflare())), parse(rawCloudflare()));
  });

  it("become a gateway: host names and zone stand in the policy", () => {
    const { hosts, zoneId, worker } = sampleGateway();
    assert.deepEqual([hosts, zoneId, worker], [[HOST_NAME], ZONE_ID, "p24-dns-gateway"]);
  });

  it("give the policy as a text that the Worker compiles, the same whatever order the keys were written in", () => {
    const { policy } = sampleGateway();
    const compiled = compilePolicy(policy);
    assert.deepEqual([[...compiled.hosts], compiled.zone.id], [[HOST_NAME], ZONE_ID]);
    const turned = JSON.parse(JSON.stringify(rawCloudflare(), undefined, 1)) as Raw;
    const reversed = { ...turned, policy: Object.fromEntries(Object.entries(turned.policy).reverse()) };
    assert.equal(JSON.stringify(parse(reversed).cloudflare?.policy), policy);
    assert.match(policy, /"runner":"github-hosted"/, "defaults are written out");
  });

  it("are in order as Pulumi.prod.yaml shows them", async () => {
    const text = await readFile(join(__dirname, "../../../Pulumi.prod.yaml"), "utf8");
    const [, example = ""] = /^ {2}# (p24-infra:cloudflare:\n(?: {2}# {3}.*\n)+)/m.exec(text) ?? [];
    const { "p24-infra:cloudflare": section } = parseYaml(example.replace(/^ {2}# /gm, "")) as Record<string, unknown>;
    assert.equal(parse(section).cloudflare?.worker, "p24-dns-gateway");
  });

  const cases: readonly [title: string, change: (raw: Raw) => unknown, faults: readonly string[]][] = [
    [
      "an account that is no id",
      (raw) => ({ ...raw, account: "p24" }),
      [`cloudflare.account: must be the account's id: 32 hex digits. ${SET} p24-infra:cloudflare.account VALUE`],
    ],
    [
      "a Worker's name in upper case",
      (raw) => ({ ...raw, worker: "Gateway" }),
      [`cloudflare.worker: must be lower-case letters, digits and dashes. ${SET} p24-infra:cloudflare.worker VALUE`],
    ],
    [
      "no policy",
      ({ account, worker }) => ({ account, worker }),
      [`cloudflare.policy: is missing. ${SET} p24-infra:cloudflare.policy VALUE`],
    ],
    [
      "a field that nobody knows",
      (raw) => ({ ...raw, route: "x/*" }),
      ["cloudflare.route: is not a known setting. Repair: remove it (compare with docs/architecture.md)"],
    ],
    [
      "a fault inside of the policy",
      (raw) => ({ ...raw, policy: { ...raw.policy, ownerId: 5 } }),
      [
        "cloudflare.policy.ownerId: must be GitHub's number, as text: gh api repos/OWNER/NAME --jq '.id, .owner.id'. " +
          `Repair: pulumi config set --type string --path p24-infra:cloudflare.policy.ownerId VALUE`,
      ],
    ],
    [
      "a host name outside of the zone",
      (raw) => ({ ...raw, policy: { ...raw.policy, hosts: [HOST_NAME, "dns.elsewhere.example"] } }),
      [
        "cloudflare.policy.hosts[1]: must be in the zone p24.example, or Cloudflare could not route it. " +
          `${SET} "p24-infra:cloudflare.policy.hosts[1]" VALUE`,
      ],
    ],
    [
      "a host name that only ends like the zone",
      (raw) => ({ ...raw, policy: { ...raw.policy, hosts: [HOST_NAME, "dnsp24.example"] } }),
      [
        "cloudflare.policy.hosts[1]: must be in the zone p24.example, or Cloudflare could not route it. " +
          `${SET} "p24-infra:cloudflare.policy.hosts[1]" VALUE`,
      ],
    ],
    [
      "a policy that is longer than a variable may be",
      (raw) => ({
        ...raw,
        policy: { ...raw.policy, callers: Array.from({ length: 30 }, () => raw.policy.callers[0]) },
      }),
      [
        "cloudflare.policy: is longer than the 5 KB that a Worker's variable may have. " +
          `${SET} p24-infra:cloudflare.policy VALUE`,
      ],
    ],
  ];
  for (const [title, change, faults] of cases) {
    it(`refuse ${title}`, () => {
      assert.deepEqual(
        faultsOf(() => parse(change(rawCloudflare()))),
        faults.map((fault) => `${SETTINGS_FILE}: ${fault}`),
      );
    });
  }
});
