import assert from "node:assert/strict";

import { draw, ticks } from "../../../bench/compare/plot.js";

describe("benchmark: plot", () => {
  for (const [values, expected] of [
    [
      [1, 10],
      [1, 2, 5, 10],
    ],
    [
      [0.3, 7],
      [0.2, 0.5, 1, 2, 5, 10],
    ],
    [[3], [2, 5]],
  ] as const) {
    it(`has ticks around ${values.join(" and ")}`, () => {
      assert.deepEqual(ticks(values), expected);
    });
  }

  const plot = {
    title: "a < b",
    x: "hosts",
    y: "seconds",
    panels: [
      {
        title: "20 secrets",
        series: [
          {
            name: "ours",
            strong: true,
            points: [
              [1, 1],
              [10, 10],
              [100, 100],
            ] as [number, number][],
          },
          { name: "loop", strong: false, points: [[10, 1]] as [number, number][] },
        ],
      },
    ],
  };
  const points = (svg: string, name: string) =>
    [...svg.matchAll(/<circle class="s\d" cx="([\d.]+)" cy="([\d.]+)" r="3"><title>([^:]+):/g)]
      .filter(([, , , of]) => of === name)
      .map(([, cx, cy]) => [Number(cx), Number(cy)] as const);

  it("has logarithmic axes: ten times as much is as far wherever it is", () => {
    const [one, two, three] = points(draw(plot), "ours");
    assert.ok(one !== undefined && two !== undefined && three !== undefined);
    assert.ok(Math.abs(two[0] - one[0] - (three[0] - two[0])) < 0.2);
    assert.ok(Math.abs(one[1] - two[1] - (two[1] - three[1])) < 0.2);
    assert.ok(three[0] > one[0] && three[1] < one[1], "to the right and up");
  });

  it("puts equal values at the same place for all series", () => {
    const svg = draw(plot);
    assert.equal(points(svg, "loop")[0]?.[0], points(svg, "ours")[1]?.[0]);
    assert.equal(points(svg, "loop")[0]?.[1], points(svg, "ours")[0]?.[1]);
  });

  it("is one well-formed picture that needs nothing from elsewhere and follows the reader's scheme", () => {
    const svg = draw(plot);
    assert.match(svg, /^<svg xmlns="http:\/\/www\.w3\.org\/2000\/svg" viewBox="0 0 \d+ \d+"/);
    assert.match(svg, /<title>a &lt; b<\/title>/);
    assert.match(svg, /prefers-color-scheme:dark/);
    assert.doesNotMatch(svg, /<script|href|url\(|NaN|undefined/);
    const opened = [...svg.matchAll(/<([a-z]+)\b[^>]*?(\/?)>/g)].filter(([, , closed]) => closed === "");
    const closed = [...svg.matchAll(/<\/([a-z]+)>/g)];
    assert.deepEqual(opened.map(([, name]) => name).sort(), closed.map(([, name]) => name).sort());
  });

  it("dashes what is not ours, in the legend too", () => {
    const lines = [...draw(plot).matchAll(/<polyline class="s(\d)"[^>]*>/g)].map(([line, at]) => [
      at,
      line.includes("dasharray"),
    ]);
    assert.deepEqual(lines, [
      ["0", false],
      ["1", true],
      ["0", false],
      ["1", true],
    ]);
  });
});
