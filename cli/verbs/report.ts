import { resolve } from "node:path";

import { EXIT, type Verb } from "../verb.js";
import { writeNamed } from "../written.js";

/** What there is, where it is, how it stands and how old it is. What it takes is loaded when it runs. */
export const report: Verb = {
  name: "report",
  summary: "all secrets by place and tier, with their ages and rotations: as Markdown, as JSON or as a page to open",
  example: "npm run p24 -- report --html report.html",
  words: [0, 0],
  options: { html: { type: "string" }, json: { type: "boolean" }, stack: { type: "string", short: "s" } },
  optionHelp: [
    "--html FILE       write one page that needs nothing else: no network, no server (else print Markdown)",
    "--json            print the data as JSON",
    "-s, --stack NAME  the stack (else PULUMI_STACK, else prod)",
    "",
    "It ends with 0 once the report is made, whatever it says; p24 status is what judges.",
  ],
  async run({ options, root, env, print }) {
    const { openStack, stackName } = require("../stack.js") as typeof import("../stack.js");
    const stack = await openStack(root, stackName(options["stack"], env), env);
    try {
      const { gatherReport } = require("../../core/report/gather.js") as typeof import("../../core/report/gather.js");
      const made = await gatherReport(stack.context, new Date());
      const file = options["html"];
      if (typeof file === "string") {
        const { renderPage } =
          require("../../core/report/page/page.js") as typeof import("../../core/report/page/page.js");
        await writeNamed("--html", "the page", file, renderPage(made));
      }
      if (options["json"] === true) {
        print(JSON.stringify(made, undefined, 2));
      } else if (typeof file === "string") {
        print(`${resolve(file)} is written: open it in a browser.`);
      } else {
        const { renderMarkdown } =
          require("../../core/report/markdown.js") as typeof import("../../core/report/markdown.js");
        print(renderMarkdown(made));
      }
      return EXIT.ok;
    } finally {
      await stack.close();
    }
  },
};
