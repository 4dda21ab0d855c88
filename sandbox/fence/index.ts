/** The fence: the one way out of the sandbox, and it leads to emulated hosts and loopback only. */
export { startFence, type Fence, type FenceOptions, type RouteHandler } from "./fence.js";
export type { Refusal } from "./refusals.js";
