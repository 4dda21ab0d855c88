import type { Fence } from "../../sandbox/fence/index.js";
import type { CloudflareWorld } from "../../sandbox/cloudflare/index.js";
import type { GitHubWorld } from "../../sandbox/github/index.js";

/** What can tell that a test asked somebody who is not emulated. */
export interface Guarded {
  readonly fence: Pick<Fence, "refused">;
  readonly github: Pick<GitHubWorld, "unhandled">;
  readonly cloudflare?: Pick<CloudflareWorld, "unhandled">;
}

/**
 * Fails every test of the suite that made a request to a host, or for an address at an emulated API, that is not emulated. Call it
 * inside `describe`. A test that means to do so takes the refusal out of the list, which also asserts it:
 * `assert.deepEqual(takeRefused(world()), ["example.com:443"])`.
 */
export function failOutside(guarded: () => Guarded | undefined): void {
  afterEach("no request left the emulated world", () => {
    const world = guarded();
    if (world === undefined) {
      return;
    }
    const outside = [...takeRefused(world), ...takeUnhandled(world)];
    if (outside.length > 0) {
      throw new Error(`asked for what is not emulated: ${outside.join(", ")}`);
    }
  });
}

/** The targets that the fence turned away since the last call, which are thereby declared. */
export function takeRefused({ fence }: Pick<Guarded, "fence">): string[] {
  return fence.refused.splice(0).map(({ target }) => target);
}

/** `METHOD /path` of what the emulated APIs do not know, since the last call; thereby declared. */
export function takeUnhandled({ github, cloudflare }: Omit<Guarded, "fence">): string[] {
  const all = [...github.unhandled.splice(0), ...(cloudflare?.unhandled.splice(0) ?? [])];
  return all.map(({ method, path }) => `${method} ${path}`);
}
