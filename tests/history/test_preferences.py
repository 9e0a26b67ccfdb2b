"""What a visitor settles: kept, changed in part, checked."""

from __future__ import annotations

import pytest
from sqlalchemy import text

from webapp.errors import InvalidInput
from webapp.history.database import Database
from webapp.history.preferences import PreferencesChange
from webapp.history.store import History
from webapp.messages import Preferences, Snippet

MAIL = Snippet("mail", "Dear …")


def test_a_part_changes_and_the_rest_stays(history: History) -> None:
    assert history.preferences("ann") == Preferences()
    assert history.change_preferences("ann", PreferencesChange(snippets=(MAIL,))) == Preferences(snippets=(MAIL,))
    both = Preferences(default_model="large", snippets=(MAIL,))
    assert history.change_preferences("ann", PreferencesChange(default_model="large")) == both
    assert history.change_preferences("ann", PreferencesChange()) == both
    assert history.preferences("ann") == both
    assert history.change_preferences("ann", PreferencesChange(default_model=None)).default_model is None
    assert history.change_preferences("ann", PreferencesChange(snippets=())) == Preferences()
    assert history.preferences("bob") == Preferences()


@pytest.mark.parametrize("name", ["a", "x" * 40, "привет-2", "हिन्दी", "メール_1", "Grüße"])
def test_names_of_any_script(history: History, name: str) -> None:
    change = PreferencesChange(snippets=(Snippet(name, "text"),))
    assert history.change_preferences("ann", change).snippets[0].name == name


@pytest.mark.parametrize(
    "snippets",
    [
        (Snippet("", "text"),),
        (Snippet("x" * 41, "text"),),
        *(
            (Snippet(name, "text"),)
            for name in ("two words", "a/b", "a.b", "a\n", "😀", "\u200b", "<b>", "\u0301", "--")
        ),
        (Snippet("a", ""),),
        (Snippet("a", " \n"),),
        (Snippet("a", "x" * 20_001),),
        (Snippet("Straße", "1"), Snippet("STRASSE", "2")),
        (Snippet("é", "1"), Snippet("e\u0301", "2")),
        tuple(Snippet(f"n{number}", "text") for number in range(101)),
        (*(Snippet(f"n{number}", "x" * 20_000) for number in range(10)), Snippet("over", "x")),
    ],
    ids=repr,
)
def test_what_breaks_a_rule_changes_nothing(history: History, snippets: tuple[Snippet, ...]) -> None:
    history.change_preferences("ann", PreferencesChange(snippets=(MAIL,)))
    with pytest.raises(InvalidInput, match="snippets"):
        history.change_preferences("ann", PreferencesChange(default_model="m", snippets=snippets))
    assert history.preferences("ann") == Preferences(snippets=(MAIL,))


def test_as_much_as_may_be_kept(history: History) -> None:
    snippets = tuple(Snippet(f"n{number}", "\U0001f600" * 20_000) for number in range(10))
    assert history.change_preferences("ann", PreferencesChange(snippets=snippets)).snippets == snippets


def test_the_snippet_that_is_wrong_is_named(history: History) -> None:
    for wrong, says in ((Snippet("mail2", " "), "mail2"), (Snippet("a b", "text"), "'a b'")):
        with pytest.raises(InvalidInput, match=says):
            history.change_preferences("ann", PreferencesChange(snippets=(MAIL, wrong)))


@pytest.mark.parametrize("model", ["", " ", "\n", "a\0b"])
def test_what_is_no_models_name(history: History, model: str) -> None:
    with pytest.raises(InvalidInput, match="default_model"):
        history.change_preferences("ann", PreferencesChange(default_model=model))


def test_a_question_asks_for_the_model_alone(history: History, url: str) -> None:
    assert history.default_model("ann") is None
    history.change_preferences("ann", PreferencesChange(default_model="large", snippets=(MAIL,)))
    damage(url)  # it is not even looked at
    assert history.default_model("ann") == "large"


def test_damaged_snippets_count_as_none(history: History, url: str, caplog: pytest.LogCaptureFixture) -> None:
    history.change_preferences("ann", PreferencesChange(default_model="large", snippets=(MAIL,)))
    for stored in ("{", '{"a": 1}', '[{"name": 7}]', "'"):
        caplog.clear()
        damage(url, stored)
        assert history.preferences("ann") == Preferences(default_model="large")
        assert "cannot be read" in caplog.text
    assert history.change_preferences("ann", PreferencesChange(snippets=(MAIL,))).snippets == (MAIL,)


def damage(url: str, stored: str = "{") -> None:
    database = Database(url)
    with database.writing() as connection:
        connection.execute(text("UPDATE visitors SET snippets = :stored"), {"stored": stored})
    database.close()


def test_text_is_stored_as_everybody_can_store_it(history: History) -> None:
    change = PreferencesChange(snippets=(Snippet("a", "x\0y"),))
    assert history.change_preferences("ann", change).snippets[0].text == "x\ufffdy"


def test_who_settled_nothing_has_nothing_stored(history: History, url: str) -> None:
    history.preferences("ann")
    assert history.change_preferences("ann", PreferencesChange()) == Preferences()
    assert history.change_preferences("ann", PreferencesChange(default_model=None, snippets=())) == Preferences()
    database = Database(url)
    with database.reading() as connection:
        assert connection.execute(text("SELECT count(*) FROM visitors")).scalar() == 0
    database.close()
