"""Read a page as a browser without JavaScript does: its forms and its links."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from html.parser import HTMLParser
from urllib.parse import urlencode, urljoin

from zelton_backend.local_stack.http import Answer, get, post_form


@dataclass(slots=True)
class Form:
    action: str
    method: str = "get"
    fields: dict[str, str] = field(default_factory=dict)

    def submit(self, *, headers: Mapping[str, str], **entered: str) -> Answer:
        """Send the form, with what is entered in place of its own values, and follow where it leads."""
        fields = self.fields | entered
        if self.method == "post":
            return post_form(self.action, fields, headers=headers)
        return get(f"{self.action}?{urlencode(fields)}", headers=headers)


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
            self.forms.append(Form(urljoin(self._url, given.get("action", "")), given.get("method", "get").lower()))
        elif tag == "input" and self.forms and "name" in given:
            self.forms[-1].fields[given["name"]] = given.get("value", "")
        elif tag == "a" and "href" in given:
            self.links.append(urljoin(self._url, given["href"]))

    def form_to(self, step: str) -> Form | None:
        """Return the first form that leads to a path which ends in this step."""
        return next((form for form in self.forms if form.action.endswith(f"/{step}")), None)
