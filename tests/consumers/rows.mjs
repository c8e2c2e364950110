// Renders chats with LM Studio's engine, and names those whose text is not the expected one.
// Not covered: JSON numbers that JavaScript writes otherwise (1.0, beyond 2^53): the data holds none.
import fs from "node:fs";
import { Template } from "@huggingface/jinja";

const [, , templatePath, chats] = process.argv;
const template = new Template(fs.readFileSync(templatePath, "utf8"));
const different = [];
let count = 0;
for (const line of fs.readFileSync(chats, "utf8").split("\n")) {
  if (!line) continue;
  const { id, messages, tools, prompt, text } = JSON.parse(line);
  count += 1;
  let found;
  try {
    found = template.render({ messages, add_generation_prompt: prompt, ...(tools.length ? { tools } : {}) });
  } catch (error) {
    found = String(error);
  }
  if (found !== text) different.push(`${id}: ${found.slice(0, 200)}`);
}
console.log(JSON.stringify({ count, different }));
