import assert from "node:assert/strict";

import { harmless, rayOf } from "../../../gateway/log.js";

describe("a line of the gateway's log", () => {
  const paths: readonly (readonly [address: string, path: string])[] = [
    ["https://dns-gateway.example.com/client/v4/zones", "/client/v4/zones"],
    [
      `https://h.example.com/client/v4/zones/${"0a".repeat(16)}/dns_records`,
      `/client/v4/zones/${"0a".repeat(16)}/dns_records`,
    ],
    ["https://h.example.com/client/v4/zones?name=secret", "/client/v4/zones"],
    ["https://h.example.com/client/v4/zones#secret", "/client/v4/zones"],
    ["https://user:secret@h.example.com/client", "/client"],
    [`https://h.example.com/${"x".repeat(33)}/a`, "/…/a"],
    ["https://h.example.com/eyJhbGciOi/a", "/…/a"],
    ["https://h.example.com/a%2fb/..;/a\nb", "/…/…/…"],
    [`https://h.example.com/${"a/".repeat(500)}`, `/${"a/".repeat(500)}`.slice(0, 160)],
    ["nonsense", ""],
  ];
  for (const [address, path] of paths) {
    it(`has of ${JSON.stringify(address).slice(0, 70)} only ${path.slice(0, 40)}`, () => {
      assert.equal(harmless(address), path);
    });
  }

  it("has Cloudflare's number of the request, and nothing else in its place", () => {
    const ray = (value: string) => rayOf(new Headers({ "cf-ray": value }));
    assert.equal(ray("0123456789abcdef-WAW"), "0123456789abcdef-WAW");
    assert.deepEqual(
      ["", "x", "0123456789abcdef-waw", "0123456789abcdef-WAW secret"].map(ray),
      Array(4).fill(undefined),
    );
  });
});
