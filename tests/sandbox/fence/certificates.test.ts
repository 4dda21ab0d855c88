import assert from "node:assert/strict";
import { createPrivateKey, X509Certificate } from "node:crypto";
import { createCertificateAuthority } from "../../../sandbox/fence/certificates.js";

describe("fence: certificates", () => {
  const authority = createCertificateAuthority();
  const root = new X509Certificate(authority.certificate);

  it("makes an authority that signs itself", () => {
    assert.equal(root.ca, true);
    assert.ok(root.verify(root.publicKey));
    assert.equal(root.publicKey.asymmetricKeyDetails?.namedCurve, "prime256v1");
  });

  it("issues leaves for exactly one host, by the authority, with their private part", () => {
    const { cert, key } = authority.leaf("api.github.com");
    const leaf = new X509Certificate(cert);
    assert.equal(leaf.ca, false);
    assert.equal(leaf.subjectAltName, "DNS:api.github.com");
    assert.equal(leaf.checkHost("api.github.com"), "api.github.com");
    assert.equal(leaf.checkHost("github.com"), undefined);
    assert.ok(leaf.checkIssued(root));
    assert.ok(leaf.verify(root.publicKey));
    assert.ok(leaf.checkPrivateKey(createPrivateKey(key)));
    assert.deepEqual(leaf.keyUsage, ["1.3.6.1.5.5.7.3.1"]);
  });

  it("issues a host's leaf once, and hosts do not share one", () => {
    assert.equal(authority.leaf("a.test").cert, authority.leaf("a.test").cert);
    const serial = (host: string): string => new X509Certificate(authority.leaf(host).cert).serialNumber;
    assert.notEqual(serial("a.test"), serial("b.test"));
  });

  it("is another authority each time", () => {
    const other = new X509Certificate(createCertificateAuthority().certificate);
    assert.notEqual(other.subject, root.subject);
    assert.equal(new X509Certificate(authority.leaf("a.test").cert).verify(other.publicKey), false);
  });

  it("is valid now, from a day ago, for thirty days", () => {
    const at = new Date("2026-06-01T12:00:00Z");
    const one = new X509Certificate(createCertificateAuthority(() => at).certificate);
    assert.equal(new Date(one.validFrom).toISOString(), "2026-05-31T12:00:00.000Z");
    assert.equal(new Date(one.validTo).toISOString(), "2026-07-01T12:00:00.000Z");
  });
});
