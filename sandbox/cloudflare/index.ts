/** Cloudflare's API as far as the program, its provider and the gateway's clients use it. A stand-in, and it says so. */
export { type CloudflareOptions, CloudflareWorld, createCloudflare, type DeployedWorker } from "./world.js";
export type { PermissionGroup, TokenSeed } from "./access.js";
export type { Binding } from "./workers.js";
export type { Unhandled } from "./dispatch.js";
