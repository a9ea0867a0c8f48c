"""What happened to money: found by any id that a person may hold, told from every trace there is."""

from core.services.timeline.events import Event, EventKind, Story
from core.services.timeline.find import Match, find
from core.services.timeline.story import story_of
from core.services.timeline.told import timeline

__all__ = ["Event", "EventKind", "Match", "Story", "find", "story_of", "timeline"]
