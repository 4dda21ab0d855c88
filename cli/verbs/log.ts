import { readAges } from "../../core/rotation/ages.js";
import { parseLog } from "../../core/rotation/log.mjs";
import { renderAges, renderRows } from "../../core/rotation/render.js";
import { openWorkplace } from "../rotation/workplace.js";
import { EXIT, type Verb } from "../verb.js";

/** What the rotation log still waits for. */
export const log: Verb = {
  name: "log",
  summary: "list the rotations that are not confirmed, those that nobody has begun, and secrets over their interval",
  example: "npm run p24 -- log",
  words: [0, 0],
  options: { json: { type: "boolean" }, stack: { type: "string", short: "s" } },
  optionHelp: ["--json            the same as JSON", "-s, --stack NAME  the stack (else PULUMI_STACK, else prod)"],
  async run({ options, root, env, print }) {
    const place = await openWorkplace({ options, root, env });
    const rows = parseLog(place.log);
    const ages = await readAges(root, place.keys.all, place.inventory, rows, new Date());
    const lists = {
      pending: rows.filter(({ state }) => state === "pending"),
      toRotate: rows.filter(({ state }) => state === "to rotate"),
      overdue: ages.filter(({ isOver }) => isOver),
    };
    if (options["json"] === true) {
      const overdue = lists.overdue.map(({ secret, ...age }) => ({ secret: secret.row, ...age }));
      print(JSON.stringify({ rows: rows.length, ...lists, overdue }, undefined, 2));
      return EXIT.ok;
    }
    const say = (title: string, lines: readonly string[]) =>
      lines.length === 0 ? undefined : print([title, ...lines.map((line) => `  ${line}`)].join("\n"));
    say("Not confirmed yet (p24 confirm):", renderRows(lists.pending));
    say("To be rotated (p24 rotate; a row that names no secret: put its key there):", renderRows(lists.toRotate));
    say("Over their interval (p24 rotate):", renderAges(lists.overdue));
    const open = lists.pending.length + lists.toRotate.length + lists.overdue.length;
    print(`${String(rows.length)} rows, ${open === 0 ? "nothing is open." : `${String(open)} things are open.`}`);
    return EXIT.ok;
  },
};
