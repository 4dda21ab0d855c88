import assert from "node:assert/strict";
import { decide, normalizeHostname, parseAbsoluteForm, parseAuthority } from "../../../sandbox/fence/authority.js";
import { printable } from "../../../sandbox/fence/refusals.js";

const ROUTES = new Set(["api.github.com"]);

/** `route`, `loopback ADDRESS...`, the reason of a refusal, or `not understood`. */
function outcome(target: string, scheme: "http" | "https" = "https"): string {
  const authority = scheme === "https" ? parseAuthority(target) : parseAbsoluteForm(target, "http")?.authority;
  if (!authority) return "not understood";
  const verdict = decide(authority, scheme, ROUTES);
  if (verdict.kind === "route") return "route";
  return verdict.kind === "loopback" ? `loopback ${verdict.addresses.join(" ")} ${verdict.port}` : verdict.reason;
}

describe("fence: who may be reached", () => {
  const ADDRESS = "it is an address outside loopback";
  const NOBODY = "no stand-in answers for this host";
  const ONLY_443 = "the stand-in for this host answers on port 443 only";
  const connects: [string, string][] = [
    ["api.github.com:443", "route"],
    ["API.GitHub.COM:443", "route"],
    ["api.github.com.:443", "route"],
    ["api.github.com..:443", "not understood"],
    ["api.github.com:80", ONLY_443],
    ["api.github.com:8443", ONLY_443],
    ["github.com:443", NOBODY],
    ["evil-api.github.com:443", NOBODY],
    ["api.github.com.evil.test:443", NOBODY],
    ["api.github.com", "not understood"],
    ["api.github.com:", "not understood"],
    ["api.github.com:0", "not understood"],
    ["api.github.com:65536", "not understood"],
    ["api.github.com:443:443", "not understood"],
    ["user@api.github.com:443", "not understood"],
    ["api.github.com:443@evil.test:443", "not understood"],
    ["api.github.com:443#@evil.test:443", "not understood"],
    ["api.github.com\\@evil.test:443", "not understood"],
    ["api.github.com%2eevil.test:443", "not understood"],
    ["api.github.com/x:443", "not understood"],
    ["api。github。com:443", "not understood"],
    ["-api.github.com:443", "not understood"],
    ["127.0.0.1:8080", "loopback 127.0.0.1 8080"],
    ["127.255.255.254:1", "loopback 127.255.255.254 1"],
    ["localhost:9", "loopback 127.0.0.1 ::1 9"],
    ["LOCALHOST.:9", "loopback 127.0.0.1 ::1 9"],
    ["[::1]:9", "loopback ::1 9"],
    ["[0:0:0:0:0:0:0:1]:9", "loopback ::1 9"],
    ["[0000::0001]:9", "loopback ::1 9"],
    ["::1:9", "not understood"],
    ["[::]:9", ADDRESS],
    ["[::2]:9", ADDRESS],
    ["[::ffff:127.0.0.1]:9", ADDRESS],
    ["[::ffff:8.8.8.8]:9", ADDRESS],
    ["[fe80::1%25lo]:9", "not understood"],
    ["[::1", "not understood"],
    ["0.0.0.0:9", ADDRESS],
    ["126.255.255.255:9", ADDRESS],
    ["128.0.0.1:9", ADDRESS],
    ["169.254.169.254:80", ADDRESS],
    ["10.0.0.1:443", ADDRESS],
    ["8.8.8.8:443", ADDRESS],
    ["127.1:9", "not understood"],
    ["0177.0.0.1:9", "not understood"],
    ["0x7f.0.0.1:9", "not understood"],
    ["2130706433:9", "not understood"],
    ["0x7f000001:9", "not understood"],
    ["127.0.0.1.:9", "not understood"],
    ["localhost.evil.test:9", NOBODY],
    ["sub.localhost:9", NOBODY],
    ["", "not understood"],
    [" api.github.com:443", "not understood"],
    [`${"a".repeat(64)}.test:443`, "not understood"],
    [`${"a.".repeat(130)}test:443`, "not understood"],
  ];
  for (const [target, wanted] of connects) {
    it(`CONNECT ${target.slice(0, 60)}: ${wanted}`, () => assert.equal(outcome(target), wanted));
  }

  const plain: [string, string][] = [
    ["http://api.github.com/x", "route"],
    ["HTTP://API.github.com:80/x", "route"],
    ["http://api.github.com:443/x", "the stand-in for this host answers on port 80 only"],
    ["https://api.github.com/x", "not understood"],
    ["ftp://api.github.com/x", "not understood"],
    ["http://127.0.0.1:3000/", "loopback 127.0.0.1 3000"],
    ["http://[::1]/", "loopback ::1 80"],
    ["http://api.github.com@evil.test/", "not understood"],
    ["http://evil.test\\@api.github.com/", "not understood"],
    ["http://evil.test#@api.github.com/", "not understood"],
    ["http:///x", "not understood"],
    ["//api.github.com/x", "not understood"],
    ["/x", "not understood"],
  ];
  for (const [target, wanted] of plain) {
    it(`GET ${target}: ${wanted}`, () => assert.equal(outcome(target, "http"), wanted));
  }

  it("keeps the path of a request line as it is", () => {
    assert.equal(parseAbsoluteForm("http://api.github.com/a%2Fb/../c?x=//y", "http")?.path, "/a%2Fb/../c?x=//y");
    assert.equal(parseAbsoluteForm("http://api.github.com", "http")?.path, "/");
    assert.equal(parseAbsoluteForm("http://api.github.com?x=1", "http")?.path, "/?x=1");
  });

  it("compares names without case and without the dot that may end them", () => {
    assert.equal(normalizeHostname("Api.GitHub.com."), "api.github.com");
    assert.equal(normalizeHostname("1.2.3"), undefined);
    assert.equal(normalizeHostname("x_y.test"), undefined);
  });

  const shown: [string, string][] = [
    ["example.com:443", "example.com:443"],
    ["http://example.com/secret?token=x", "http://example.com"],
    ["http://user:pass@example.com/x", "http://(user part)@example.com"],
    ["user:p/a/s/s@example.com:443", "(user part)@example.com:443"],
    ["a\r\nb", "a??b"],
    ["", "(nothing)"],
  ];
  for (const [target, wanted] of shown) {
    it(`shows ${JSON.stringify(target)} as ${wanted}`, () => assert.equal(printable(target), wanted));
  }
});
