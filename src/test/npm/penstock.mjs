// What the clients share: where Penstock is, a client of Kafka, an alert to send, and a reader. KafkaJS carries the bytes.
import { Kafka, logLevel } from 'kafkajs';

/** Read when asked for: not every program sends an alert. */
export const penstock = {
  get registry() {
    return required('PENSTOCK_REGISTRY');
  },
  get key() {
    return required('PENSTOCK_KEY');
  },
  get alertId() {
    return required('ALERT_ID');
  },
  get topic() {
    return required('ALERT_TOPIC');
  },
  get segment() {
    return required('ALERT_SEGMENT');
  },
  get items() {
    return Number(required('ALERT_ITEMS'));
  },
};

export function kafka(clientId) {
  return new Kafka({ clientId, brokers: [required('PENSTOCK_KAFKA')], logLevel: logLevel.ERROR });
}

export function alert() {
  return {
    alert_id: penstock.alertId,
    topic: penstock.topic,
    segment_targets: [penstock.segment],
    requested_at: null,
    requested_by: 'a client from npm',
  };
}

/** Sends the bytes of an alert, and returns the first inferences of its topic as a function decodes them. */
export async function publishAndRead(bytes, decode) {
  const client = kafka(penstock.alertId);
  const producer = client.producer();
  await producer.connect();
  await producer.send({ topic: 'alert', messages: [{ key: penstock.alertId, value: bytes }] });
  await producer.disconnect();

  const consumer = client.consumer({ groupId: penstock.alertId });
  await consumer.connect();
  await consumer.subscribe({ topic: 'inference', fromBeginning: true });
  const found = new Map();
  await new Promise((resolve, reject) => {
    const timer = setTimeout(() => reject(new Error(`only ${found.size} inferences came`)), 45_000);
    consumer.run({
      eachMessage: async ({ message }) => {
        if (message.value === null) {
          return;
        }
        const inference = await decode(message.value);
        if (inference.topic === penstock.topic) {
          found.set(inference.item, { item: inference.item, text: inference.text, labels: inference.labels.length });
        }
        if (found.size >= penstock.items) {
          clearTimeout(timer);
          resolve();
        }
      },
    }).catch(reject);
  });
  await consumer.disconnect();
  return [...found.values()];
}

/** Whether a call is refused because nobody said who asks. */
export async function isRefused(call) {
  try {
    await call();
    return false;
  } catch (error) {
    return (error.status ?? error.statusCode ?? error.response?.status) === 401;
  }
}

/** The answer for the test, in the last line of the output. */
export function report(answer) {
  console.log(JSON.stringify(answer));
}

export function required(name) {
  const value = process.env[name];
  if (!value) {
    throw new Error(`${name} is not set`);
  }
  return value;
}
