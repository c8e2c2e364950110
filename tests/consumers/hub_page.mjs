// What the Hub's own packages read from a GGUF: its page, its quant tag, its buttons, and Ollama's template.
import path from "node:path";
import { gguf } from "@huggingface/gguf";
import { convertGGUFTemplateToOllama } from "@huggingface/ollama-utils";
import { LOCAL_APPS, parseGGUFQuantLabel } from "@huggingface/tasks";

const found = {};
for (const file of process.argv.slice(2)) {
  const { metadata, parameterCount } = await gguf(file, { allowLocalFile: true, computeParametersCount: true });
  const template = metadata["tokenizer.chat_template"];
  const model = {
    id: "someone/a-model-GGUF",
    tags: ["gguf", ...metadata["general.tags"]],
    pipeline_tag: "text-generation",
    library_name: "gguf",
    gguf: { total: parameterCount, context_length: metadata["llama.context_length"], chat_template: template },
  };
  const mapped = convertGGUFTemplateToOllama({ chat_template: template, bos_token: "", eos_token: "<|im_end|>" });
  found[path.basename(file)] = {
    quant: parseGGUFQuantLabel(path.basename(file)),
    parameters: parameterCount,
    name: metadata["general.name"],
    apps: Object.keys(LOCAL_APPS).filter((app) => LOCAL_APPS[app].displayOnModelPage(model)),
    mapped: mapped ? { model: mapped.model, template: mapped.ollama.template } : null,
  };
}
console.log(JSON.stringify(found));
