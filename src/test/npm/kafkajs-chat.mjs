// Asks over the topics of the chat, without HTTP.
import { randomUUID } from 'node:crypto';
import { SchemaRegistry } from '@kafkajs/confluent-schema-registry';
import { kafka, penstock, report, required } from './penstock.mjs';

const PARTITION = 11;
const registry = new SchemaRegistry({
  host: penstock.registry,
  auth: { username: 'penstock', password: penstock.key },
});
const asked = randomUUID();

// First the reader, then the question: what is replied meanwhile is not missed.
const client = kafka(asked);
const consumer = client.consumer({ groupId: asked });
await consumer.connect();
await consumer.subscribe({ topic: 'chat.reply', fromBeginning: true });
const replied = new Promise((resolve, reject) => {
  setTimeout(() => reject(new Error('no reply came')), 45_000).unref();
  consumer.run({
    eachMessage: async ({ partition, message }) => {
      if (message.key?.toString() === `${asked}/${PARTITION}`) {
        resolve({ partition, reply: await registry.decode(message.value) });
      }
    },
  }).catch(reject);
});

const producer = client.producer();
await producer.connect();
await producer.send({
  topic: 'chat.request',
  messages: [
    {
      key: `session-${asked}`,
      value: await registry.encode(await registry.getLatestSchemaId('chat.request-value'), {
        request_id: asked,
        message: required('CHAT_QUESTION'),
        session_id: `session-${asked}`,
        topic: required('CHAT_TOPIC'),
        requested_at: Date.now(),
      }),
      headers: {
        'penstock-reply-topic': 'chat.reply',
        'penstock-reply-partition': String(PARTITION),
        'penstock-correlation-id': asked,
      },
    },
  ],
});
await producer.disconnect();

const { partition, reply } = await replied;
await consumer.disconnect();
if (partition !== PARTITION) {
  throw new Error(`the reply came to partition ${partition}`);
}
report({ asked, ...reply });
