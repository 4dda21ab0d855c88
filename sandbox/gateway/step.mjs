// What a workflow's step does: the official client, as it is, with nothing but the environment that the action left. It makes a
// record, changes it, finds it, and deletes another one. One line of JSON tells how it went.
import Cloudflare from "cloudflare";

const [zoneName, recordName, obsolete] = process.argv.slice(2);
const client = new Cloudflare();

async function change() {
  const { result: zones } = await client.zones.list({ name: zoneName });
  const zone_id = zones[0].id;
  const made = await client.dns.records.create({
    zone_id,
    type: "A",
    name: recordName,
    content: "192.0.2.1",
    ttl: 300,
  });
  await client.dns.records.edit(made.id, { zone_id, type: "A", name: recordName, content: "192.0.2.2", ttl: 300 });
  for await (const record of client.dns.records.list({ zone_id, name: { exact: obsolete } })) {
    await client.dns.records.delete(record.id, { zone_id });
  }
  const names = [];
  for await (const record of client.dns.records.list({ zone_id, per_page: 2 })) {
    names.push(`${record.type} ${record.name} ${record.content}`);
  }
  return { names };
}

change().then(
  (done) => console.log(JSON.stringify(done)),
  (error) => {
    console.log(JSON.stringify({ error: error.constructor.name, status: error.status }));
    process.exitCode = 1;
  },
);
