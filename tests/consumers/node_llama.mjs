// What node-llama-cpp, with its own prebuilt llama.cpp, does with a GGUF: a round trip with each form of result.
import { defineChatSessionFunction, getLlama, LlamaChatSession } from "node-llama-cpp";

const MOST_CALLS = 3; // it has no bound of its own: a model that repeats its call fills the context
const llama = await getLlama({ gpu: false, build: "never", skipDownload: true, progressLogs: false, maxThreads: 1 });
const model = await llama.loadModel({ modelPath: process.argv[2] });
const found = {};
for (const [form, result] of Object.entries({ text: "12", object: { path: "app/main.py", lines: 12 } })) {
  const context = await model.createContext({ contextSize: 1024, threads: 1 });
  const session = new LlamaChatSession({ contextSequence: context.getSequence() });
  const calls = [];
  const end = new AbortController();
  const count_lines = defineChatSessionFunction({
    description: "Count lines",
    params: { type: "object", properties: { path: { type: "string" } }, required: ["path"] },
    handler(given) {
      calls.push(given);
      if (calls.length === MOST_CALLS) end.abort();
      return result;
    },
  });
  try {
    const { responseText, stopReason } = await session.promptWithMeta("Count the lines of app/main.py.", {
      functions: { count_lines }, temperature: 0, maxTokens: 100, signal: end.signal,
    });
    found[form] = { calls, said: responseText, end: stopReason };
  } catch (error) {
    if (!end.signal.aborted) throw error;
    found[form] = { calls, said: "", end: "it calls again and again" };
  }
  found.wrapper = session.chatWrapper.wrapperName;
  await context.dispose();
}
console.log(JSON.stringify(found));
process.exit(0);
