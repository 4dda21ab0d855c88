/**
 * Proves against the emulated GitHub what `p24 repository guard` says of push protection and switches on, by repository, plan
 * and token. Proof limit: what GitHub's plans allow is the emulation's (sandbox/github/routes/repositories.ts).
 */
import assert from "node:assert/strict";

import type { Answer } from "../../../core/observe/http.js";
import { observeProtection, switchOn } from "../../../core/observe/protection.js";
import { verdict } from "../../../cli/verbs/repositoryGuard.js";
import { type Api, startApi } from "../github/support.js";

describe("GitHub's push protection", () => {
  let api: Api;
  before(async () => {
    api = await startApi();
    const { world } = api;
    world.addRepository({ owner: "acme", name: "paid", secretScanning: "disabled", collaborators: { admin: "admin" } });
    world.addApp({ slug: "bot", owner: "acme", permissions: { metadata: "read", secrets: "write" } });
    world.addApp({ slug: "guard", owner: "acme", permissions: { metadata: "read", administration: "write" } });
  });
  after(() => api.close());

  /** The door, led to the emulation. */
  const door =
    (method: string, body?: object) =>
    async (url: string, headers: Record<string, string>): Promise<Answer> => {
      const { status, json } = await api.call(method, url.replace("https://api.github.com", ""), {
        headers,
        ...(body === undefined ? {} : { body }),
      });
      return status < 300
        ? { ok: true, status, body: json as unknown, link: undefined }
        : { ok: false, status, retryAfter: undefined };
    };
  const get = door("GET");
  const set = door("PATCH", {
    security_and_analysis: {
      secret_scanning: { status: "enabled" },
      secret_scanning_push_protection: { status: "enabled" },
    },
  });

  const admin = () => ({ GITHUB_TOKEN: api.world.issueClassic("admin").value });
  const app = (slug: string) => {
    const { id } = api.world.installApp({ app: slug, owner: "acme", repositories: "all" });
    return { GITHUB_TOKEN: api.world.issueInstallation(id).value };
  };
  const says = async (repository: string, env: NodeJS.ProcessEnv, change = false) => {
    const observed = await (change
      ? switchOn(set, "acme", repository, env)
      : observeProtection(get, "acme", repository, env));
    const { code, line } = verdict(`GitHub acme/${repository}`, observed);
    return `${String(code)} ${line.replace(/ Repair: .*/, "")}`;
  };

  it("is off at first where the plan has it, on after --set, and stays on", async () => {
    for (const [repository, kind] of [
      ["site", "public"],
      ["paid", "private"],
    ] as const) {
      assert.equal(
        await says(repository, admin()),
        `4 GitHub acme/${repository} (${kind}): push protection is off, secret scanning is off.`,
      );
      assert.equal(
        await says(repository, admin(), true),
        `0 GitHub acme/${repository} (${kind}): push protection is on.`,
      );
      assert.equal(await says(repository, admin()), `0 GitHub acme/${repository} (${kind}): push protection is on.`);
    }
  });

  it("is said to be outside of the plan of a private repository, which is no fault", async () => {
    const expected = "0 GitHub acme/infra: GitHub does not offer push protection for this repository in its plan.";
    assert.equal(await says("infra", admin()), expected);
    assert.equal(await says("infra", admin(), true), expected);
  });

  it("is not shown to the App without its optional permission, and not changed by it", async () => {
    const bot = app("bot");
    assert.equal(await says("site", bot), "5 GitHub acme/site (public): GitHub does not show it to this token.");
    assert.equal(
      await says("site", bot, true),
      "5 GitHub acme/site: the token may not change the repository's settings (403).",
    );
  });

  it("is shown to the App with it", async () => {
    assert.match(await says("site", app("guard"), true), /^0 .*push protection is on/);
  });

  it("cannot be asked without a token, or with a wrong one", async () => {
    assert.match(await says("site", {}), /^5 .*GITHUB_TOKEN is not set/);
    assert.match(await says("site", { GITHUB_TOKEN: "wrong" }), /^5 .*\(401\)/);
    assert.match(await says("nowhere", admin()), /^5 .*\(404\)/);
  });
});
