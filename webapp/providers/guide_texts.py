"""What the guide says, in its own words. Only things that exist in this version may be mentioned here."""

from __future__ import annotations

WELCOME = """\
Hello! I am **the guide**, a small program that comes with Parley. I am not a language model: I know a handful of \
subjects by heart and answer by keyword, so that you can try everything before a real upstream is connected.

Ask me about:

- **Parley**: what it is, and how a reload or a second tab keeps your place
- **stop**, **retry** and **continue**: while an answer is being written
- **formatting**: headings, lists, tables, code, quotes, links, maths, emoji, languages
- **connect**: how to point Parley at a real model
- **terminal**: the same chat without a browser
- **long answer**: to have something to stop, or to leave running while you close the tab
- **what did I ask before?**: I remember the history I am sent
"""

PARLEY = """\
## What Parley is

Parley is a web chat you host yourself. A server keeps each visitor's conversations, passes the questions to an \
upstream, and hands you the answer while it is being written.

1. **An answer is a growing text, and you hold a place in it.** Reload the page in the middle of a word and it goes \
on where you were: nothing lost, nothing twice.
2. **A second tab is welcome.** It follows the same answer at its own pace.
3. **Closing the tab does not stop the answer.** Only *Stop* does, and it ends the upstream's work too.
4. **History is kept** on the server that runs Parley, and the roles go upstream as they are.
"""

CONTROL = """\
## Stop, retry, continue

- **Stop** ends the answer at once, also when the upstream says nothing. What had come is kept.
- **Retry** asks for another answer to the same message. The first one stays.
- **Continue** goes on with an answer that was stopped or cut, exactly where it ended. Try it with me: ask for a \
*long answer*, stop it somewhere, and continue.
"""

CONNECT = """\
## Connecting a real model

The guide answers because no upstream is set. Two settings change that. For Ollama, llama.cpp, vLLM, LM Studio, \
OpenAI, OpenRouter and every other server that speaks OpenAI's protocol:

```bash
export OPENAI_BASE_URL=http://127.0.0.1:11434/v1
export OPENAI_API_KEY=only-where-one-is-asked-for
```

For a server of the signed `/api/generate` protocol, its address and the secret it verifies signatures with:

```bash
export GPROCHAT_URL=https://chat.example.org
export GPROCHAT_SECRET=the-same-secret-as-over-there
```

Then start Parley again. Keys and secrets stay on the server; no browser ever sees them.
"""

TERMINAL = """\
## In a terminal

```bash
python -m webapp ask "What can you do?"
```

The answer is printed while it is being written.
"""

MODEL = """\
No, I am not a language model, and I do not think. I am a small offline program: I look for keywords in what you wrote \
and answer with texts that were written beforehand. The same history always gets the same answer. Ask me how to \
**connect** a real model.
"""

LISTS = """\
### Lists

- apples
- pears
  - early ones
  - late ones
    1. washed
    2. sliced
- quinces

Things to do:

- [x] open the page
- [x] ask the guide
- [ ] connect a model
  - [ ] decide which one
"""

TABLES = """\
### Tables

| Left | Centre | Right |
|:-----|:------:|------:|
| tea  |   ☕    |  2.50 |
| `a\\|b` | **bold** | 12.00 |
| 茶   | شاي    |  0.75 |
"""

CODE = '''\
### Code

```python
def greet(name: str) -> str:
    """Blank lines inside code are kept:"""

    return f"Hello, {name}!"
```

```javascript
const total = [1, 2, 3].reduce((sum, n) => sum + n, 0);
```

```html
<p title="not markup here, only text">5 &lt; 7</p>
```

A fence may hold another one:

````markdown
```sh
echo "inside"
```
````

And `inline code`, even with a `` ` `` in it.
'''

QUOTES = """\
### Quotes

> Slow is smooth.
>
> > And smooth is quick.
>
> - said somebody, perhaps
"""

LINKS = """\
### Links

A [named link](https://www.python.org/ "Python"), a bare one: https://www.rfc-editor.org/rfc/rfc6455, and one by \
reference: [Markdown][md].

[md]: https://commonmark.org/
"""

MATHS = r"""### Maths

Inline: $e^{i\pi} + 1 = 0$, and on its own:

$$
\int_0^\infty e^{-x^2}\,dx = \frac{\sqrt{\pi}}{2}
$$

Prices stay prices: a pen is $2 and a book is $15.
"""

LANGUAGES = """\
### Emoji and languages

- Emoji: 😀 👍🏽 👩‍👩‍👧 🏳️‍🌈 🇪🇺
- Right to left: مرحبا بالعالم، هذا نص عربي. — שלום עולם
- Chinese, Japanese, Korean: 你好,世界。 こんにちは世界。 안녕하세요 세계.
- Cyrillic and Greek: Привет, мир! Καλημέρα, Ελλάδα!
- Accents built from two characters: é ä ñ and Vietnamese: Tiếng Việt
- Devanagari and Thai: नमस्ते दुनिया · สวัสดีชาวโลก
"""

EMPHASIS = """\
## Every kind of formatting

*Emphasis*, **strong**, ***both***, ~~struck out~~, and a line\\
broken on purpose.

# Heading 1
## Heading 2
### Heading 3
#### Heading 4

---
"""

LONG_OPENING = "Here is a long answer. Stop it, reload the page, open a second tab: it is yours to play with.\n"

LONG_SENTENCES = (
    "A river does not hurry, and still it arrives.",
    "The lamp in the harbour is lit before anybody asks for it.",
    "Somebody leaves the room in the middle of a sentence, and the sentence waits.",
    "Words come one after another, and none of them has to come twice.",
    "A letter that was cut in two is still one letter.",
    "Whoever returns finds the page open where it was left.",
    "The night train stops nowhere and loses nobody.",
)

ALREADY_COMPLETE = "That answer was already complete, so there is nothing to continue. Ask me something new."
