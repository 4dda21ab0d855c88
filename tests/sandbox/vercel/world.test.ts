/**
 * The emulated Vercel against Vercel's own client (npm @vercel/sdk), which checks every answer against its published shapes:
 * what it reads here it would read at api.vercel.com. What it does not prove: that Vercel answers so.
 */
import assert from "node:assert/strict";
import http from "node:http";
import type { AddressInfo } from "node:net";

import { createVercel, type VercelWorld } from "../../../sandbox/vercel/index.js";

describe("vercel stand-in", () => {
  let vercel: VercelWorld;
  let server: http.Server;
  let url: string;

  before(async () => {
    vercel = createVercel("acme");
    vercel.addProject({ name: "web", repository: "o/r" });
    server = http.createServer(vercel.handle);
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  });
  after(() => server.close());

  const client = async (bearerToken: string) => {
    const { Vercel } = await import("@vercel/sdk");
    return new Vercel({ bearerToken, serverURL: url, retryConfig: { strategy: "none" } });
  };
  const status = async (value: string, asked: { idOrName: string; teamId?: string; slug?: string }) => {
    const projects = (await client(value)).projects;
    return projects.getProject(asked).then(
      () => 200,
      (error: unknown) => (error as { statusCode?: number }).statusCode,
    );
  };

  it("shows a project's link to Vercel's own client, with its hooks", async () => {
    const address = vercel.addHook("web", "nightly");
    const project = await (await client(vercel.issueToken())).projects.getProject({ idOrName: "web", slug: "acme" });
    assert.equal(project.gitProviderOptions?.createDeployments, "enabled");
    const { link } = project;
    assert.ok(link?.type === "github");
    assert.deepEqual([link.org, link.repo, link.deployHooks.map((hook) => hook.url)], ["o", "r", [address]]);
    vercel.connect("web", undefined);
    const without = await (
      await client(vercel.issueToken())
    ).projects.getProject({
      idOrName: project.id,
      teamId: vercel.teamId,
    });
    assert.equal(without.link, undefined);
  });

  it("shows it to tokens that it knows, below its team", async () => {
    const value = vercel.issueToken();
    assert.match(value, /^[0-9a-zA-Z]{24}$/);
    const asked: [string, { idOrName: string; teamId?: string; slug?: string }, number][] = [
      [value, { idOrName: "web", slug: "acme" }, 200],
      [value, { idOrName: "web", teamId: vercel.teamId }, 200],
      [value, { idOrName: "web" }, 404],
      [value, { idOrName: "other", slug: "acme" }, 404],
      [value, { idOrName: "web", slug: "another" }, 403],
      ["0".repeat(24), { idOrName: "web", slug: "acme" }, 403],
    ];
    for (const [as, request, expected] of asked) {
      assert.equal(await status(as, request), expected, JSON.stringify(request));
    }
    vercel.setRevoked(value, true);
    assert.equal(await status(value, { idOrName: "web", slug: "acme" }), 403);
  });

  it("answers as it is told, once, and lists what it has no answer for", async () => {
    const value = vercel.issueToken();
    vercel.inject({ path: "/v9/projects/*", status: 503 });
    assert.equal(await status(value, { idOrName: "web", slug: "acme" }), 503);
    assert.equal(await status(value, { idOrName: "web", slug: "acme" }), 200);
    assert.deepEqual(vercel.unhandled, []);
    const other = await fetch(`${url}/v9/projects`, { headers: { authorization: `Bearer ${value}` } });
    assert.equal(other.status, 404);
    assert.deepEqual(vercel.unhandled, [{ method: "GET", path: "/v9/projects" }]);
  });
});
