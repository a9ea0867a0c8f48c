"""Read a page as a browser without JavaScript does: its forms and its links."""

from dataclasses import dataclass, field
from html.parser import HTMLParser
from urllib.parse import urljoin

from zelton_backend.local_stack.http import Answer, post_form


@dataclass(slots=True)
class Form:
    action: str
    fields: dict[str, str] = field(default_factory=dict)

    def submit(self, **typed: str) -> Answer:
        return post_form(self.action, {**self.fields, **typed})


class WebPage(HTMLParser):
    def __init__(self, answer: Answer) -> None:
        super().__init__()
        self._url = answer.url
        self.forms: list[Form] = []
        self.links: list[str] = []
        self.feed(answer.text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        if tag == "form":
            self.forms.append(Form(urljoin(self._url, given.get("action", ""))))
        elif tag == "input" and self.forms and "name" in given:
            self.forms[-1].fields[given["name"]] = given.get("value", "")
        elif tag == "a" and "href" in given:
            self.links.append(urljoin(self._url, given["href"]))

    def form_with(self, name: str) -> Form | None:
        """Return the first form that has a field of this name."""
        return next((form for form in self.forms if name in form.fields), None)
