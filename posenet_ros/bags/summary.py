"""What a conversion did; it is also noted in the bag that it wrote."""

from dataclasses import asdict, dataclass, field, replace
import json

# How many refused images are named.
_MAX_NAMED = 20


@dataclass(frozen=True, kw_only=True)
class Summary:
    """What became of the images of a bag."""

    #: The image topics, each with the topic of its poses.
    topics: dict[str, str] = field(default_factory=dict)
    images: int = 0
    #: In how many images there are people.
    with_people: int = 0
    #: How many images have no poses, and a line about each of the first ones.
    refused: int = 0
    refusals: list[str] = field(default_factory=list)
    #: In how many images people have no ids, because tracking failed, and why in the first one.
    without_ids: int = 0
    tracking_error: str = ''
    #: Why not all images of the bag could be read; empty if all were read.
    damage: str = ''
    #: Whether the new bag was there already.
    existed: bool = False

    @property
    def is_complete(self) -> bool:
        """Return whether there are poses for all images."""
        return not self.refused and not self.damage

    def processed(self, people: int) -> 'Summary':
        """Return the summary after one more image."""
        return replace(self, images=self.images + 1, with_people=self.with_people + (people > 0))

    def refuse(self, line: str) -> 'Summary':
        """Return the summary after one more image, which was refused."""
        named = [*self.refusals, line] if len(self.refusals) < _MAX_NAMED else self.refusals
        return replace(self, images=self.images + 1, refused=self.refused + 1, refusals=named)

    def lose_ids(self, line: str) -> 'Summary':
        """Return the summary after an error of tracking in an image."""
        first = self.tracking_error or line
        return replace(self, without_ids=self.without_ids + 1, tracking_error=first)


def to_text(key: str, summary: Summary) -> str:
    """Return a summary as JSON, with the key that says what was converted and how, also JSON."""
    return json.dumps({'conversion': json.loads(key), 'summary': asdict(summary)})


def from_text(text: str) -> tuple[str, Summary]:
    """Return the key and the summary in a text; raises ValueError, LookupError or TypeError."""
    fields = json.loads(text)
    return json.dumps(fields['conversion']), Summary(**fields['summary'])
