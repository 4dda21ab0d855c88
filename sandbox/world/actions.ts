import { z } from "zod";

import type { Action } from "./control.js";
import type { World } from "./world.js";

const secretBody = z.object({ repository: z.string(), name: z.string(), value: z.string().default("") });
const textBody = z.object({ text: z.string() });
const faultBody = z.object({
  method: z.string().optional(),
  path: z.string(),
  status: z.int(),
  times: z.int().positive().default(1),
  retryAfter: z.int().optional(),
});

/** What the control endpoint answers to. Repositories are named `owner/name`. */
export function addActions(actions: Map<string, Action>, world: World, stop: () => void): void {
  const split = (repository: string) => repository.split("/") as [string, string];
  actions.set("GET status", () => ({ standIns: world.describe(), refused: world.fence.refused }));
  actions.set("POST stop", () => {
    stop();
  });
  actions.set("GET github/*", (_, [, owner = "", name = ""]) => world.github.secretsOf(owner, name));
  actions.set("POST github/set", (body) => {
    const { repository, name, value } = secretBody.parse(body);
    world.github.setSecret(...split(repository), name, value);
  });
  actions.set("POST github/delete", (body) => {
    const { repository, name } = secretBody.parse(body);
    world.github.deleteSecret(...split(repository), name);
  });
  actions.set("POST github/fault", (body) => {
    const { method, path, status, times, retryAfter } = faultBody.parse(body);
    world.github.inject({
      path: new RegExp(path),
      status,
      times,
      ...(method === undefined ? {} : { method }),
      ...(retryAfter === undefined ? {} : { retryAfter }),
    });
  });
  actions.set("GET host/*", async (_, [, name = ""]) => {
    const host = hostOf(world, name);
    return { env: host.readEnv(), services: await host.services() };
  });
  actions.set("POST host/write/*", (body, [, , name = ""]) => {
    hostOf(world, name).writeEnv(textBody.parse(body).text);
  });
  actions.set("POST host/down/*", async (_, [, , name = ""]) => hostOf(world, name).down());
  actions.set("POST host/up/*", async (_, [, , name = ""]) => hostOf(world, name).up());
}

function hostOf(world: World, name: string) {
  const host = world.hosts.get(name);
  if (host === undefined) {
    throw new Error(`no such host: ${name}`);
  }
  return host;
}
