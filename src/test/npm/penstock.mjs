// What both clients share: where Penstock is, an alert to send, and a reader of Kafka. KafkaJS carries the bytes.
import { Kafka, logLevel } from 'kafkajs';

export const penstock = {
  registry: required('PENSTOCK_REGISTRY'),
  key: required('PENSTOCK_KEY'),
  alertId: required('ALERT_ID'),
  topic: required('ALERT_TOPIC'),
  segment: required('ALERT_SEGMENT'),
  items: Number(required('ALERT_ITEMS')),
};

const kafka = new Kafka({
  clientId: penstock.alertId,
  brokers: [required('PENSTOCK_KAFKA')],
  logLevel: logLevel.ERROR,
});

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
  const producer = kafka.producer();
  await producer.connect();
  await producer.send({ topic: 'alert', messages: [{ key: penstock.alertId, value: bytes }] });
  await producer.disconnect();

  const consumer = kafka.consumer({ groupId: penstock.alertId });
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

function required(name) {
  const value = process.env[name];
  if (!value) {
    throw new Error(`${name} is not set`);
  }
  return value;
}
