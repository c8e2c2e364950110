// What OpenAI's own client gets from llama-server: calls, streamed and whole, results in three forms, a JSON schema.
import OpenAI from "openai";

const [, , baseURL, model] = process.argv;
const client = new OpenAI({ baseURL, apiKey: "-", maxRetries: 0 });
const tools = [{
  type: "function",
  function: {
    name: "count_lines",
    description: "Count lines",
    parameters: { type: "object", properties: { path: { type: "string" } }, required: ["path"] },
  },
}];
const user = { role: "user", content: "Count the lines of app/main.py." };
const ask = (messages, more) => client.chat.completions.create({ model, messages, max_tokens: 100, ...more });

const [whole] = (await ask([user], { tools })).choices;
let name = "", text = "", deltas = 0, end = "";
for await (const part of await ask([user], { tools, stream: true })) {
  deltas += 1;
  const [choice] = part.choices;
  end = choice?.finish_reason ?? end;
  for (const call of choice?.delta.tool_calls ?? []) {
    name += call.function?.name ?? "";
    text += call.function?.arguments ?? "";
  }
}
const answers = {};
const results = {
  text: "12",
  parts: [{ type: "text", text: "12" }],
  object: JSON.stringify({ path: "app/main.py", lines: 12 }),
};
for (const [form, content] of Object.entries(results)) {
  const id = whole.message.tool_calls[0].id;
  const [choice] = (await ask([user, whole.message, { role: "tool", tool_call_id: id, content }], { tools })).choices;
  answers[form] = { end: choice.finish_reason, content: choice.message.content, calls: choice.message.tool_calls ?? [] };
}
const schema = { type: "object", properties: { lines: { type: "integer" } }, required: ["lines"], additionalProperties: false };
const format = { type: "json_schema", json_schema: { name: "lines", strict: true, schema } };
const [shaped] = (await ask([user], { response_format: format })).choices;
console.log(JSON.stringify({
  whole: { end: whole.finish_reason, calls: whole.message.tool_calls.map((call) => call.function) },
  streamed: { end, deltas, name, text },
  answers,
  shaped: shaped.message.content,
}));
