/** The inner parts that the tests take hold of. Everybody else imports setup.mjs. */
export { extract } from "./archive.mjs";
export { buildArtifact } from "./build.mjs";
export { cacheRoot } from "./cache.mjs";
export { fetchPinned, Unavailable } from "./download.mjs";
export { processStart, withLock } from "./lock.mjs";
export { npmNeeded } from "./npm.mjs";
export { PINS } from "./pins.mjs";
export { clock } from "./progress.mjs";
export { TOOLS } from "./tools.mjs";
export { compareVersions, fits, parseVersion } from "./versions.mjs";
