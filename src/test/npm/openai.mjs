// OpenAI's own client, with nothing changed but the base URL, the key and the names of models.
import OpenAI from 'openai';
import { penstock, report, required } from './penstock.mjs';

const topic = required('CHAT_TOPIC');
const question = required('CHAT_QUESTION');
const baseURL = `${required('PENSTOCK_URL')}/v1`;
const client = new OpenAI({ baseURL, apiKey: penstock.key });
const stranger = new OpenAI({ baseURL, apiKey: 'sk-of-somebody-else', maxRetries: 0 });

const model = `penstock/${topic}`;
const embedder = 'all-MiniLM-L6-v2';
const messages = [
  { role: 'system', content: 'You are a helpful assistant.' },
  { role: 'user', content: question },
];

const models = [];
for await (const each of client.models.list()) {
  models.push(each.id);
}

const whole = await client.chat.completions.create({ model, messages, temperature: 0 });
const unknown = await client.chat.completions.create({
  model,
  messages: [{ role: 'user', content: 'Who won the chess championship in 1972?' }],
});
const followUp = await client.chat.completions.create({
  model,
  messages: [
    ...messages,
    { role: 'assistant', content: 'Some.' },
    { role: 'user', content: [{ type: 'text', text: 'Is pilotage compulsory at night for vessels that carry fuel?' }] },
  ],
});

const stream = { text: '', roles: [], cited: [], last: null, usage: null };
const chunks = await client.chat.completions.create({
  model,
  messages,
  stream: true,
  stream_options: { include_usage: true },
});
for await (const chunk of chunks) {
  const [choice] = chunk.choices;
  stream.usage = chunk.usage ?? stream.usage;
  if (choice) {
    stream.text += choice.delta.content ?? '';
    if (choice.delta.role) {
      stream.roles.push(choice.delta.role);
      stream.cited.push(choice.citations);
    }
    stream.last = choice;
  }
}
const collected = await client.chat.completions.stream({ model, messages }).finalContent();

const input = [question, 'The north quay is closed.'];
const vectors = await client.embeddings.create({ model: embedder, input });
const floats = await client.embeddings.create({ model: embedder, input, encoding_format: 'float' });

report({
  models,
  model: await client.models.retrieve(`${model}/notes`),
  whole,
  unknown: unknown.choices[0],
  followUp: followUp.choices[0],
  stream,
  collected,
  vectors: vectors.data.map((each) => each.embedding),
  floats: floats.data.map((each) => Array.from(Float32Array.from(each.embedding))),
  embeddingUsage: vectors.usage.prompt_tokens,
  errors: [
    await refusal(() => stranger.models.list()),
    await refusal(() => client.chat.completions.create({ model: 'gpt-4o', messages })),
    await refusal(() => client.chat.completions.create({ model: 'penstock/nowhere', messages, stream: true })),
    await refusal(() => client.chat.completions.create({ model, messages, tools: [{ type: 'function' }] })),
    await refusal(() => client.embeddings.create({ model: embedder, input: [] })),
  ],
});

/** How the client sees an error. */
async function refusal(call) {
  try {
    await call();
    return null;
  } catch (error) {
    return [error.status, error.constructor.name, error.code, error.param];
  }
}
