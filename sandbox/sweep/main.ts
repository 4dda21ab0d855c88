/** `npm run sweep`: the story and every failure path, and then a search for every value in everything that came out. */
import { resolve } from "node:path";

import { Outlived } from "./kill.js";
import { renderSweep } from "./render.js";
import { runSweep } from "./sweep.js";

runSweep(resolve(__dirname, "../.."), (text) => {
  console.log(text);
})
  .then((report) => {
    console.log(renderSweep(report));
    process.exitCode = report.leaks.length + report.gaps.length === 0 ? 0 : 1;
  })
  .catch((error: unknown) => {
    if (error instanceof Outlived) {
      console.error(error.message);
    }
    // An assertion's text may repeat what a command printed; only where it failed is shown.
    const at = error instanceof Error ? /\n\s+at ([^\n]*)/.exec(error.stack ?? "")?.[1] : undefined;
    console.error(`The sweep did not come to its end${at === undefined ? "" : ` (${at})`}.`);
    process.exitCode = 1;
  });
