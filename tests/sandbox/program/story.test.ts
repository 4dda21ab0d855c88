/**
 * The main job with the real engine, GitHub's real provider and the host program, against emulated services: each step of
 * what `npm run demo` shows. What it does not prove: real sshd, real Docker.
 */
import { STORY } from "../../../sandbox/story/story.js";
import { useWorld } from "../../support/world.js";

describe("the demo's story", () => {
  const world = useWorld();
  for (const { title, run } of STORY) {
    it(title, () => run(world(), () => undefined));
  }
});
