/**
 * Proves of the report's page, opened from disk in real Chromium with 5 and with 500 secrets: nothing is said on the console,
 * nothing is asked for, axe finds no violation (contrast included) in light, dark and narrow windows, and filter, order, groups and
 * colours work with the keyboard alone. Screenshots are left in P24_SCREENSHOTS, for somebody to look at, when it is set.
 */
import assert from "node:assert/strict";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { pathToFileURL } from "node:url";

import type { AxeResults } from "axe-core";
import type { Browser, BrowserContextOptions, Page } from "playwright-core";

import { renderPage } from "../../core/report/page/page.js";
import { temporaryFolder } from "../support/folder.js";
import { teamReport } from "../support/report.js";
import { openFile, startBrowser } from "./support/chromium.js";

const AXE = readFileSync(require.resolve("axe-core/axe.min.js"), "utf8");

/** What axe finds, a line each: its rule, and where. The policy of the page holds for scripts of its own only, not for this. */
async function violations(page: Page): Promise<string[]> {
  await page.evaluate(AXE);
  const found = await page.evaluate<AxeResults>("axe.run(document, { resultTypes: ['violations'] })");
  assert.ok(found.passes.length > 20, "axe looked at something");
  return found.violations.flatMap(({ id, nodes }) => nodes.map(({ target }) => `${id}: ${target.join(" ")}`));
}

const VIEWS: readonly (readonly [name: string, options: BrowserContextOptions])[] = [
  ["light", { colorScheme: "light", viewport: { width: 1280, height: 900 } }],
  ["dark", { colorScheme: "dark", viewport: { width: 1280, height: 900 } }],
  ["phone", { colorScheme: "light", viewport: { width: 390, height: 844 } }],
  ["dark phone", { colorScheme: "dark", viewport: { width: 390, height: 844 } }],
];

/** On both sides of each width at which style.css shows less, and between. */
const WIDTHS = [390, 761, 890, 891, 960, 961, 1100, 1101, 1279, 1280, 1920];

describe("the page in Chromium", () => {
  const folder = temporaryFolder();
  let browser: Browser;
  const urlOf = (count: number) => pathToFileURL(join(folder(), `${String(count)}.html`)).href;
  before(async () => {
    browser = await startBrowser();
    for (const count of [5, 500]) {
      writeFileSync(join(folder(), `${String(count)}.html`), renderPage(teamReport(count)));
    }
  });
  after(async () => {
    await (browser as Browser | undefined)?.close();
  });

  for (const count of [5, 500]) {
    for (const [name, options] of VIEWS) {
      it(`with ${String(count)} secrets, ${name}: a quiet console, no request, no violation, no sideways scrolling`, async () => {
        const { page, said, asked } = await openFile(browser, urlOf(count), options);
        const shots = process.env["P24_SCREENSHOTS"];
        if (shots !== undefined) {
          await page.screenshot({
            path: join(shots, `${String(count)}-${name.replace(" ", "-")}.png`),
            fullPage: count === 5,
          });
        }
        assert.deepEqual(await violations(page), []);
        const overflow = "document.documentElement.scrollWidth - document.documentElement.clientWidth";
        assert.equal(await page.evaluate(overflow), 0);
        assert.deepEqual([said, asked], [[], []]);
        await page.context().close();
      });
    }

    it(`with ${String(count)} secrets: on paper it is light, whole and without controls`, async () => {
      const { page } = await openFile(browser, urlOf(count), { colorScheme: "dark" });
      await page.emulateMedia({ media: "print", colorScheme: "dark" });
      const shown = await page.evaluate<{ ground: string; controls: string; rows: number }>(`({
        ground: getComputedStyle(document.documentElement).backgroundColor,
        controls: getComputedStyle(document.querySelector(".controls")).display,
        rows: document.querySelectorAll("#list tbody tr:not(.group)").length,
      })`);
      assert.deepEqual(shown, { ground: "rgb(255, 255, 255)", controls: "none", rows: count });
      const pdf = await page.pdf({ preferCSSPageSize: true, printBackground: true });
      assert.equal(pdf.subarray(0, 5).toString(), "%PDF-");
      const shots = process.env["P24_SCREENSHOTS"];
      if (shots !== undefined) {
        writeFileSync(join(shots, `${String(count)}.pdf`), pdf);
      }
      await page.context().close();
    });

    it(`with ${String(count)} secrets: is there in a time that is printed`, async () => {
      const { page } = await openFile(browser, urlOf(count));
      const ms = await page.evaluate<number>("performance.getEntriesByType('navigation')[0].loadEventEnd");
      const kib = readFileSync(join(folder(), `${String(count)}.html`)).length / 1024;
      console.log(`      loaded in ${ms.toFixed(0)} ms, ${kib.toFixed(0)} KiB`);
      assert.ok(ms > 0);
      await page.context().close();
    });
  }

  it("keeps its tables within their column in windows of every width, with long names too", async () => {
    const report = teamReport(120);
    const secrets = report.secrets.map((secret) => ({
      ...secret,
      name: secret.name.repeat(5),
      places: secret.places.map((at) => ({ ...at, place: at.place.repeat(5) })),
    }));
    const [usual, long] = [urlOf(500), pathToFileURL(join(folder(), "long.html")).href];
    writeFileSync(join(folder(), "long.html"), renderPage({ ...report, secrets }));
    for (const url of [usual, long]) {
      const { page } = await openFile(browser, url);
      for (const width of WIDTHS) {
        await page.setViewportSize({ width, height: 900 });
        const over = await page.evaluate<
          number[]
        >(`[...document.querySelectorAll("main > section > table")].map((table) =>
          Math.round(table.getBoundingClientRect().right - table.parentElement.getBoundingClientRect().right))`);
        assert.ok(over.length > 0 && over.every((px) => px <= 0), `${url}, ${String(width)} px wide: ${over.join()}`);
      }
      await page.context().close();
    }
  });

  const names = (page: Page) => page.locator("#list tbody tr:not(.group) th > bdi").allTextContents();

  it("is filtered by text and by choices, says how many are left, and is reset", async () => {
    const { page } = await openFile(browser, urlOf(500));
    const output = page.locator(".controls output");
    assert.equal(await output.textContent(), "500 secrets");
    await page.getByLabel("Find").fill("SMTP dsn");
    const found = await names(page);
    assert.ok(found.length > 0 && found.every((name) => name.includes("dsn")), found.join());
    assert.equal(await output.textContent(), `${String(found.length)} of 500 secrets`);
    await page.getByLabel("Find").fill("no such secret");
    assert.equal(await page.locator("#nothing").isVisible(), true);
    assert.equal(await page.locator("#list").isVisible(), false);
    await page.getByRole("button", { name: "Reset" }).click();
    await page.locator(".controls output:text-is('500 secrets')").waitFor();
    assert.equal((await names(page)).length, 500);
    await page.locator("[name=status]").selectOption("off");
    const off = await page.locator("#list tbody td.status").allTextContents();
    assert.ok(off.length === 4 && off.every((text) => text.trim() !== "in sync"), off.join());
    await page.locator("[name=place]").selectOption({ label: "host:vps-i1" });
    assert.equal((await names(page)).length, 2);
    await page.getByRole("link", { name: "overdue" }).click();
    const standings = await page
      .locator("#list tbody tr:not(.group)")
      .evaluateAll((rows: any[]) => rows.map((row) => row.dataset.standing));
    assert.deepEqual([...new Set(standings)].sort(), ["overdue", "unknown"]);
    await page.context().close();
  });

  it("is grouped by place, where a secret stands at each of its places, and back by tier without losing a row", async () => {
    const { page } = await openFile(browser, urlOf(500));
    await page.getByLabel("Group by").selectOption("place");
    const groups = await page.locator("#list .group th").allTextContents();
    assert.ok(
      groups.some((text) => /^host:vps-i1 \d+$/.test(text)) && groups.some((text) => /^p24 itself \d+$/.test(text)),
      groups.join(),
    );
    assert.ok((await names(page)).length > 500);
    await page.getByLabel("Group by").selectOption("tier");
    const all = await names(page);
    assert.deepEqual([all.length, new Set(all).size], [500, 500]);
    await page.context().close();
  });

  it("is ordered with the keyboard alone, and tells the order to a screen reader", async () => {
    const { page } = await openFile(browser, urlOf(500));
    await page.getByLabel("Group by").selectOption("");
    const heading = page.locator('#list th[data-sort="ratio"]');
    await page.getByLabel("Group by").focus();
    for (let presses = 0; presses < 20; presses += 1) {
      await page.keyboard.press("Tab");
      if ((await page.evaluate("document.activeElement.textContent")) === "Age") {
        break;
      }
    }
    assert.equal(
      await page.evaluate("getComputedStyle(document.activeElement).outlineStyle"),
      "solid",
      "the focus is seen",
    );
    const ratios = () =>
      page
        .locator("#list tbody tr")
        .evaluateAll((rows: any[]) => rows.map((row) => Number(row.dataset.ratio === "" ? -1 : row.dataset.ratio)));
    await page.keyboard.press("Enter");
    assert.equal(await heading.getAttribute("aria-sort"), "ascending");
    const first = await ratios();
    assert.deepEqual(
      first,
      [...first].sort((a, b) => b - a),
      "the oldest against its interval stands first",
    );
    await page.keyboard.press("Space");
    assert.equal(await heading.getAttribute("aria-sort"), "descending");
    const second = await ratios();
    assert.deepEqual(
      second,
      [...second].sort((a, b) => a - b),
    );
    await page.context().close();
  });

  it("takes the colours that were chosen, with the keyboard, whatever the system says, and remembers them", async () => {
    const { page, said } = await openFile(browser, urlOf(5), { colorScheme: "dark" });
    const ground = () => page.evaluate("getComputedStyle(document.documentElement).backgroundColor");
    assert.equal(await ground(), "rgb(20, 23, 27)");
    await page.getByLabel("system").focus();
    await page.keyboard.press("ArrowRight");
    assert.equal(await ground(), "rgb(255, 255, 255)");
    await page.reload();
    assert.equal(await ground(), "rgb(255, 255, 255)");
    assert.deepEqual(said, []);
    await page.context().close();
  });

  it("is whole and by tier without its script", async () => {
    const { page } = await openFile(browser, urlOf(500), { javaScriptEnabled: false });
    assert.equal((await names(page)).length, 500);
    assert.equal(await page.locator(".controls").isVisible(), false);
    assert.deepEqual(
      (await page.locator("#list .group th").allTextContents()).map((text) =>
        text.trim().replace(/\s+/g, " ").replace(/ \d+$/, ""),
      ),
      ["Tier 2: it renews itself", "Tier 3: static, in sops"],
    );
    await page.context().close();
  });
});
