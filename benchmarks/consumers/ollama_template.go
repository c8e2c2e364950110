// Renders chats with Go's text/template as Ollama does, one JSON line in and one out: {"text": ...} or {"error": ...}.
//
// As in Ollama: System is the system turns' text, turns of one role in a row are merged (results of tools are
// not), json and arguments are Go's JSON. Not covered: the keywords of a tool's schema that Ollama drops.
package main

import (
	"bufio"
	"encoding/json"
	"os"
	"strings"
	"text/template"
)

type arguments json.RawMessage

func (a *arguments) UnmarshalJSON(data []byte) error { *a = append((*a)[:0], data...); return nil }

func (a *arguments) String() string {
	text, _ := json.Marshal(json.RawMessage(*a))
	return string(text)
}

type call struct {
	Function struct {
		Name      string
		Arguments arguments
	}
}

type message struct {
	Role      string
	Content   string
	ToolCalls []call `json:"tool_calls"`
}

func collate(messages []message) (string, []*message) {
	var system []string
	var merged []*message
	for i := range messages {
		each := &messages[i]
		if each.Role == "system" {
			system = append(system, each.Content)
		}
		if last := len(merged) - 1; last >= 0 && merged[last].Role == each.Role && each.Role != "tool" {
			merged[last].Content += "\n\n" + each.Content
		} else {
			merged = append(merged, each)
		}
	}
	return strings.Join(system, "\n\n"), merged
}

func main() {
	source, err := os.ReadFile(os.Args[1])
	if err != nil {
		panic(err)
	}
	functions := template.FuncMap{"json": func(value any) string {
		text, _ := json.Marshal(value)
		return string(text)
	}}
	parsed := template.Must(template.New("").Option("missingkey=zero").Funcs(functions).Parse(string(source)))
	lines := bufio.NewScanner(os.Stdin)
	lines.Buffer(nil, 1<<24)
	for lines.Scan() {
		var chat struct {
			Messages []message
			Tools    []json.RawMessage
		}
		answer := map[string]string{}
		var text strings.Builder
		err := json.Unmarshal(lines.Bytes(), &chat)
		if err == nil {
			system, messages := collate(chat.Messages)
			err = parsed.Execute(&text, map[string]any{"System": system, "Messages": messages, "Tools": chat.Tools})
		}
		if err != nil {
			answer["error"] = err.Error()
		} else {
			answer["text"] = text.String()
		}
		line, _ := json.Marshal(answer)
		os.Stdout.Write(append(line, '\n'))
	}
}
