"""How a comment from one side reads on another: a first line that names the author and links to the original.

The link is also how a copy is recognised, by people and by us, so that a copy is never copied back, and one that was
made before a crash is found again.
"""

from connectors.contract import Comment
from connectors.richtext.document import Paragraph, Span
from connectors.richtext.markdown import parse, render

NOBODY = "Somebody"


def copied(comment: Comment) -> str:
    """The Markdown of the copy."""
    author = " ".join(comment.author.split()) or NOBODY
    header = Paragraph((Span(author, href=comment.url),))
    return render((header, *parse(comment.body)))


def original_url(body: str) -> str | None:
    """The link of the original that a copy names; None for a comment whose first line is anything but one link."""
    first = next(iter(parse(body)), None)
    if not isinstance(first, Paragraph):
        return None
    links = {span.href for span in first.spans}
    return links.pop() if len(links) == 1 else None
