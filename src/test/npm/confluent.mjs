// Confluent's client of the registry and its serdes, with KafkaJS to carry the bytes.
import sr from '@confluentinc/schemaregistry';
import { alert, isRefused, penstock, publishAndRead, report } from './penstock.mjs';

const { AvroDeserializer, AvroSerializer, SchemaRegistryClient, SerdeType } = sr;

const client = SchemaRegistryClient.newClient({
  baseURLs: [penstock.registry],
  basicAuthCredentials: { credentialsSource: 'USER_INFO', userInfo: `penstock:${penstock.key}` },
});
const stranger = SchemaRegistryClient.newClient({ baseURLs: [penstock.registry], maxRetries: 0 });

const own = {
  schemaType: 'AVRO',
  schema: JSON.stringify({ type: 'record', name: 'Own', fields: [{ name: 'a', type: 'string' }] }),
};
const wider = {
  schemaType: 'AVRO',
  schema: JSON.stringify({ type: 'record', name: 'Own', fields: [{ name: 'b', type: 'string' }] }),
};
const user = {
  schemaType: 'AVRO',
  schema: JSON.stringify({ type: 'record', name: 'User', fields: [{ name: 'own', type: 'Own' }] }),
  references: [{ name: 'Own', subject: 'npm/confluent own', version: 1 }],
};
const refused = await isRefused(() => stranger.register('npm-confluent-stranger', own));
const id = await client.register('npm/confluent own', own);
await client.register('npm/confluent user-value', user);
const users = new AvroSerializer(client, SerdeType.VALUE, { useLatestVersion: true });
const readers = new AvroDeserializer(client, SerdeType.VALUE, {});
const nested = await readers.deserialize(
  'npm/confluent user',
  await users.serialize('npm/confluent user', { own: { a: 'x' } }),
);

const serializer = new AvroSerializer(client, SerdeType.VALUE, { useLatestVersion: true });
const deserializer = new AvroDeserializer(client, SerdeType.VALUE, {});
const inferences = await publishAndRead(await serializer.serialize('alert', alert()), (bytes) =>
  deserializer.deserialize('inference', bytes),
);

report({
  refused,
  registered: (await client.getId('npm/confluent own', own)) === id,
  compatible: await client.testSubjectCompatibility('npm/confluent own', wider),
  nested: nested.own.a,
  inferences,
});
