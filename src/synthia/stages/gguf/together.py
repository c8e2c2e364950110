"""Greedy answers of a GGUF file to several prompts at once: each step computes one token of every answer.

Reading the weights is most of the work of a token, and here it is done once for all answers. What prompts
begin with in common is computed once.

Not covered: bitwise equality with one prompt at a time, which sample_gguf has: sums of another shape differ
in the last bits, and may turn a near tie.
"""

from collections.abc import Collection, Sequence

import numpy as np

from synthia.errors import PipelineError
from synthia.stages.gguf import libllama

SEQUENCES = 16
"""Answers in one batch."""
Token = tuple[int, int, int]
"""Id, position, sequence."""


def answer(
    reader: libllama.Reader, prompts: Sequence[Sequence[int]], limit: int, ends: Collection[int]
) -> list[list[int]]:
    """Ids after each prompt up to one of `ends` (included), or `limit` of them.

    The reader is one for `SEQUENCES`, and forgets what it has read.
    """
    order = sorted(range(len(prompts)), key=lambda number: list(prompts[number]))
    room = int(reader.lib.llama_n_ctx(reader.context))
    found: list[list[int]] = [[] for _ in prompts]
    group: list[int] = []
    for number in [*order, None]:
        taken = sum(len(prompts[each]) + limit for each in group)
        full = number is None or taken + len(prompts[number]) + limit > room
        if group and (full or len(group) == SEQUENCES):
            answers = _group(reader, [prompts[each] for each in group], limit, ends)
            for each, ids in zip(group, answers, strict=True):
                found[each] = ids
            group = []
        if number is not None:
            group.append(number)
    return found


def _group(
    reader: libllama.Reader, prompts: Sequence[Sequence[int]], limit: int, ends: Collection[int]
) -> list[list[int]]:
    memory = reader.lib.llama_get_memory(reader.context)
    reader.lib.llama_memory_clear(memory, True)
    reader.read = []
    answers = []
    for sequence, prompt in enumerate(prompts):
        known = 0
        if sequence:
            known = libllama.shared(prompts[sequence - 1], prompt, len(prompt) - 1)
            reader.lib.llama_memory_seq_cp(memory, sequence - 1, sequence, 0, known)
        rest = [(prompt[place], place, sequence) for place in range(known, len(prompt))]
        for start in range(0, len(rest), libllama.BATCH):
            first = _likeliest(reader, rest[start : start + libllama.BATCH], last_alone=True)
        answers.append(first)
    while True:
        going = [n for n, ids in enumerate(answers) if ids[-1] not in ends and len(ids) < limit]
        if not going:
            reader.lib.llama_memory_clear(memory, True)
            return answers
        places = [len(prompts[n]) + len(answers[n]) - 1 for n in going]
        step = [(answers[n][-1], place, n) for n, place in zip(going, places, strict=True)]
        for n, token in zip(going, _likeliest(reader, step), strict=True):
            answers[n].append(token)


def _likeliest(
    reader: libllama.Reader, tokens: Sequence[Token], *, last_alone: bool = False
) -> list[int]:
    """The likeliest token after each, or after the last one."""
    batch = reader.lib.llama_batch_init(len(tokens), 0, 1)
    batch.n_tokens = len(tokens)
    wanted = [len(tokens) - 1] if last_alone else range(len(tokens))
    for index, (token, position, sequence) in enumerate(tokens):
        batch.token[index], batch.pos[index] = token, position
        batch.n_seq_id[index], batch.seq_id[index][0] = 1, sequence
        batch.logits[index] = index in wanted
    code = reader.lib.llama_decode(reader.context, batch)
    reader.lib.llama_batch_free(batch)
    if code != 0:
        raise PipelineError(f"llama_decode failed with {code} on {len(tokens)} tokens")
    found = []
    for index in wanted:
        pointer = reader.lib.llama_get_logits_ith(reader.context, index)
        found.append(int(np.ctypeslib.as_array(pointer, (reader.vocabulary,)).argmax()))
    return found
