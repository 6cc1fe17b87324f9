// KafkaJS with its own client of the registry.
import { SchemaRegistry, SchemaType } from '@kafkajs/confluent-schema-registry';
import { alert, isRefused, penstock, publishAndRead, report } from './penstock.mjs';

const registry = new SchemaRegistry({
  host: penstock.registry,
  auth: { username: 'penstock', password: penstock.key },
});
const stranger = new SchemaRegistry({ host: penstock.registry, retry: { retries: 0 } });

const own = {
  type: SchemaType.AVRO,
  schema: JSON.stringify({ type: 'record', name: 'Own', fields: [{ name: 'a', type: 'string' }] }),
};
const user = {
  type: SchemaType.AVRO,
  schema: JSON.stringify({ type: 'record', name: 'User', fields: [{ name: 'own', type: 'Own' }] }),
  references: [{ name: 'Own', subject: 'npm/kafkajs own', version: 1 }],
};
const refused = await isRefused(() => stranger.register(own, { subject: 'npm-kafkajs-stranger' }));
const { id } = await registry.register(own, { subject: 'npm/kafkajs own' });
const { id: userId } = await registry.register(user, { subject: 'npm/kafkajs user' });
const nested = await registry.decode(await registry.encode(userId, { own: { a: 'x' } }));

const alertSchema = await registry.getLatestSchemaId('alert-value');
const inferences = await publishAndRead(await registry.encode(alertSchema, alert()), (bytes) => registry.decode(bytes));

report({
  refused,
  registered: (await registry.getRegistryIdBySchema('npm/kafkajs own', own)) === id,
  nested: nested.own.a,
  inferences,
});
