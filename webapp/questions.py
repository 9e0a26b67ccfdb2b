"""What a model is sent for a question: which model, whether it can take all that belongs to it, and the prompt."""

from __future__ import annotations

from webapp import frames, prompts
from webapp.attachments import Attachments
from webapp.errors import InvalidInput
from webapp.history.store import History
from webapp.messages import Answer, ModelOptions
from webapp.prompts import Budget, Prompt
from webapp.upstreams import Upstreams


class Questions:
    """The questions of all visitors. Thread-safe; it keeps nothing."""

    def __init__(
        self, history: History, upstreams: Upstreams, attachments: Attachments, *, prompt_chars: int, budget: Budget
    ) -> None:
        """`prompt_chars` is how long a question may be, `budget` how much of its conversation goes with it."""
        self._history, self._upstreams, self._attachments = history, upstreams, attachments
        self._prompt_chars, self._budget = prompt_chars, budget

    def model(self, visitor_id: str, wanted: str | None) -> str:
        """The model to ask: the one that was named, else the visitor's default if it is on offer, else the site's."""
        if wanted is None:
            own = self._history.default_model(visitor_id)
            if own is not None and self._upstreams.offers(own):
                return own
        return self._upstreams.model(wanted)

    def check_text(self, text: str) -> None:
        """Raises `InvalidInput` for a text that is too long, or nothing."""
        if len(text) > self._prompt_chars:
            raise InvalidInput(
                f"text: {len(text):,} characters are more than this site takes ({self._prompt_chars:,})."
            )
        if not text.strip():
            raise InvalidInput("text: there is nothing to answer in it.")

    def check_files(self, visitor_id: str, ask: frames.Ask, model: str) -> None:
        """Whether this model can be sent these files; all that belongs to a question is sent with it, or it is not.

        Raises `NotFound`, `InvalidInput`.
        """
        files = [self._attachments.find(visitor_id, attachment_id) for attachment_id in ask.attachments]
        pictures = [file for file in files if file.media_type.startswith("image/")]
        if pictures and not self._upstreams.takes_images(model):
            raise InvalidInput(
                f"attachments: the model {model} takes no pictures; choose another model or remove {pictures[0].name}."
            )
        if sum(file.size_bytes for file in pictures) > prompts.MOST_IMAGE_BYTES:
            raise InvalidInput(
                "attachments: these pictures are too much for one question; together they may have "
                f"{prompts.MOST_IMAGE_BYTES // 1_000_000} MB."
            )
        text_bytes = sum(file.sent[1] for file in files if file not in pictures)
        if text_bytes and len(ask.text) + text_bytes > self._budget.chars:
            raise InvalidInput(
                "attachments: these texts are too long for one question; with it they may have "
                f"{self._budget.chars:,} characters."
            )

    def prompt(self, answer: Answer, options: ModelOptions) -> Prompt:
        """What the model of an answer is sent."""
        return prompts.build(
            self._history.path(answer.parent or answer.id),
            options,
            self._budget,
            self._attachments.read,
            self._upstreams.takes_images(answer.model),
            continued="" if answer.continues is None else answer.text,
        )
