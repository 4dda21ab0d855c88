/**
 * `tsx tests/browser/support/prepare.ts`: Chromium, and a font for it, from the distribution, when they are not there yet. Ends
 * with 1 and the reason when they cannot be had: the tests need them and do not pass without.
 */
import { apt, isInstalled } from "../../../lab/debian.js";
import { findChromium } from "./chromium.js";

const PACKAGES = ["chromium", "fonts-liberation"];

function prepare(): void {
  if (findChromium() !== undefined) {
    return;
  }
  if (process.platform !== "linux" || process.getuid?.() !== 0) {
    throw new Error("install Chromium, or name one with P24_CHROMIUM (Debian and root: this brings its own)");
  }
  const missing = PACKAGES.filter((name) => !isInstalled(name));
  console.log(`from the distribution: ${missing.join(", ")}`);
  apt(["update"]);
  apt(["install", "--yes", "--no-install-recommends", ...missing]);
  if (findChromium() === undefined) {
    throw new Error("the package chromium was installed, and there is no chromium");
  }
}

try {
  prepare();
} catch (error) {
  console.error(`the page's tests cannot run here: ${error instanceof Error ? error.message : String(error)}`);
  process.exitCode = 1;
}
