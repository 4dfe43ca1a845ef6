// Deletion, tombstones, metadata and links of the official clients, against the server that EVENTFEATURES_TEST_LOG names.
import assert from "node:assert/strict";
import { after, before } from "node:test";
import { bench, collect, test } from "./clients.js";

const { stream, event, expecting, prefix, connect, library } = bench();
const { ANY, END, NO_STREAM, START, StreamDeletedError, StreamNotFoundError, WrongExpectedVersionError } = library;
let client;
before(() => { client = connect(); });
after(() => client?.dispose());
const append = (name, events, expected = ANY) => client.appendToStream(name, events, expecting(expected));
const appended = async (key, count) => {
  const name = stream(key);
  await append(name, Array.from({ length: count }, (_, index) => event("Tested", { index })));
  return name;
};
const revisions = async (name) => (await collect(client.readStream(name))).map(({ event }) => event.revision);

test("a deleted stream is not found, and comes back with its next append", async () => {
  const name = await appended("delete", 3);
  await assert.rejects(client.deleteStream(name, { expectedRevision: 7n }), WrongExpectedVersionError);
  const { position } = await client.deleteStream(name, { expectedRevision: 2n });
  assert.ok(position.commit > 0n);
  await assert.rejects(revisions(name), StreamNotFoundError);
  assert.equal((await append(name, event(), NO_STREAM)).nextExpectedRevision, 3n);
  assert.deepEqual(await revisions(name), [3n]);
});

test("a tombstone closes a stream for ever", async () => {
  const name = await appended("tombstone", 2);
  await client.tombstoneStream(name, { expectedRevision: ANY });
  await assert.rejects(revisions(name), StreamDeletedError);
  await assert.rejects(append(name, event()), StreamDeletedError);
  await assert.rejects(client.deleteStream(name), StreamDeletedError);
});

test("metadata comes back as it was set, and retention bounds what is read", async () => {
  const name = await appended("metadata", 10);
  assert.equal((await client.getStreamMetadata(name)).metadata, undefined);
  await client.setStreamMetadata(name, { maxCount: 4, maxAge: 3600, cacheControl: 5, owner: "fraud" });
  const { metadata } = await client.getStreamMetadata(name);
  assert.deepEqual([metadata.maxCount, metadata.maxAge, metadata.owner], [4, 3600, "fraud"]);
  assert.deepEqual(await revisions(name), [6n, 7n, 8n, 9n]);
  await client.setStreamMetadata(name, { truncateBefore: 8 });
  assert.deepEqual(await revisions(name), [8n, 9n]);
});

test("links by category lead to their events", async () => {
  const first = await appended("linked", 2);
  const links = await collect(client.readStream(`$ce-${prefix}`, { fromRevision: START, resolveLinkTos: true }));
  const ours = links.filter(({ event }) => event?.streamId === first);
  assert.deepEqual(ours.map(({ event, link }) => [event.revision, link.streamId]), [[0n, `$ce-${prefix}`], [1n, `$ce-${prefix}`]]);
});

test("a persistent subscription follows links by category, live and stored", async () => {
  const group = "workers";
  const category = `${prefix}x`;
  const add = (key, count) => append(`${category}-${key}`, Array.from({ length: count }, () => event()));
  await add("a", 2);
  await client.createPersistentSubscriptionToStream(
    `$ce-${category}`, group, library.persistentSubscriptionToStreamSettingsFromDefaults({ startFrom: START, resolveLinkTos: true }));
  const subscription = client.subscribeToPersistentSubscriptionToStream(`$ce-${category}`, group);
  const received = (async () => {
    const all = [];
    for await (const resolved of subscription) {
      await subscription.ack(resolved);
      if (all.push(resolved) === 5) break;
    }
    await subscription.unsubscribe();
    return all;
  })();
  await new Promise((resolve) => subscription.once("confirmation", resolve));
  await add("b", 3);
  const all = await received;
  assert.deepEqual(all.map(({ event }) => `${event.revision}@${event.streamId.slice(category.length)}`), ["0@-a", "1@-a", "0@-b", "1@-b", "2@-b"]);
  assert.deepEqual(all.map(({ link }) => link.revision), [0n, 1n, 2n, 3n, 4n]);
});

test("a subscription to a stream from the end ends with its tombstone", async () => {
  const name = await appended("closed", 1);
  const subscription = client.subscribeToStream(name, { fromRevision: END });
  const end = new Promise((resolve) => { subscription.once("error", resolve); subscription.resume(); });
  await new Promise((resolve) => subscription.once("confirmation", resolve));
  await client.tombstoneStream(name);
  assert.ok(await end instanceof Error);
});
