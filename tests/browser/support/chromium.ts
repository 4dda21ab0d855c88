/** Chromium as it is installed on this machine; none is downloaded. */
import { existsSync } from "node:fs";

import { type Browser, type BrowserContextOptions, chromium, type Page } from "playwright-core";

const PLACES = [
  "/usr/bin/chromium",
  "/usr/bin/chromium-browser",
  "/usr/bin/google-chrome",
  "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
  "C:\\Program Files\\Google\\Chrome\\Application\\chrome.exe",
  "C:\\Program Files (x86)\\Microsoft\\Edge\\Application\\msedge.exe",
];

/** Its path: P24_CHROMIUM, else where systems keep it. */
export function findChromium(): string | undefined {
  const named = process.env["P24_CHROMIUM"];
  return [...(named === undefined ? [] : [named]), ...PLACES].find((path) => existsSync(path));
}

/** What a page said and asked for while it was open. */
export interface Heard {
  /** Messages of the console, errors of the script, refusals of its policy. */
  readonly said: string[];
  /** Addresses that it asked for, but its own. */
  readonly asked: string[];
}

export interface Opened extends Heard {
  readonly page: Page;
}

/** One browser for a suite. Throws where there is none: these tests are not skipped. */
export async function startBrowser(): Promise<Browser> {
  const executablePath = findChromium();
  if (executablePath === undefined) {
    throw new Error("there is no Chromium on this machine. Repair: npm run browser brings Debian's, as root");
  }
  // The sandbox of Chromium does not run as root, which CI is; the pages are ours.
  return chromium.launch({ executablePath, args: process.getuid?.() === 0 ? ["--no-sandbox"] : [] });
}

/** Opens a file as somebody who double-clicked it would. */
export async function openFile(browser: Browser, url: string, options: BrowserContextOptions = {}): Promise<Opened> {
  const context = await browser.newContext(options);
  const page = await context.newPage();
  const heard: Heard = { said: [], asked: [] };
  page.on("console", (message) => heard.said.push(`${message.type()}: ${message.text()}`));
  page.on("pageerror", (error) => heard.said.push(`error: ${error.message}`));
  page.on("request", (request) => {
    if (request.url() !== url) {
      heard.asked.push(request.url());
    }
  });
  await page.goto(url, { waitUntil: "load" });
  return { page, ...heard };
}
