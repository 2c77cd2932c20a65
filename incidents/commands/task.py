"""Tasks of an incident: who does what until when, and that it is done."""

from dataclasses import dataclass

from incidents.commands.command import Action, Ask, Command, Option, Situation, Spec
from incidents.commands.fields import At, Name, Number, Words
from incidents.conditions import Refused
from incidents.state import PERSON, Draft, Kind
from incidents.timeline import microseconds


@dataclass(frozen=True, slots=True)
class AddTask(Command):
    """Something to do, by whom, until when."""

    what: Words
    owner: Name
    due: At


@dataclass(frozen=True, slots=True)
class TaskDone(Command):
    """A task is done; what came of it may be said."""

    task: Number
    result: Words = ""


def decide_add(situation: Situation, wish: AddTask) -> list[Draft]:
    """Return the entry of a task; it gets the next number of the incident."""
    if not wish.what.strip():
        raise Refused("Cần ghi việc phải làm.", "Say what is to be done.", ["what"])
    if wish.due <= situation.now:
        raise Refused("Hạn phải ở tương lai.", "The due instant must be to come.", ["due"])
    data = {
        "task": len(situation.incident.work.tasks) + 1,
        "owner": PERSON + wish.owner,
        "due_at": microseconds(wish.due),
    }
    return [Draft(Kind.TASK_ADDED, data, {"note": wish.what.strip()})]


def decide_done(situation: Situation, wish: TaskDone) -> list[Draft]:
    """Return the entry of a done task, which says whether it was late."""
    tasks = {task.number: task for task in situation.incident.work.tasks}
    task = tasks.get(wish.task)
    if task is None or task.done_at is not None:
        left = ", ".join(str(t.number) for t in tasks.values() if t.done_at is None) or "–"
        raise Refused(
            f"Không có việc số {wish.task} chưa xong; còn: {left}.",
            f"No open task {wish.task}; open: {left}.",
            ["task"],
        )
    data = {"task": wish.task, "late": task.is_overdue(situation.now)}
    texts = {"note": wish.result.strip()} if wish.result.strip() else {}
    return [Draft(Kind.TASK_DONE, data, texts)]


def add_buttons(situation: Situation) -> list[Action]:
    """Return the form of a new task; the review after the end makes tasks, too."""
    del situation
    asks = (Ask("what"), Ask("owner", "line"), Ask("due", "instant"))
    return [Action("task", "Giao việc", "Add a task", act="task", group="respond", asks=asks)]


def done_buttons(situation: Situation) -> list[Action]:
    """Return the form that ends a task, while one is open."""
    left = [task for task in situation.incident.work.tasks if task.done_at is None]
    if not left:
        return []
    choices = tuple(
        Option(
            str(task.number),
            f"Việc {task.number} ({task.owner.removeprefix(PERSON)})",
            f"Task {task.number} ({task.owner.removeprefix(PERSON)})",
        )
        for task in left
    )
    asks = (Ask("task", "choice", options=choices), Ask("result", required=False))
    return [
        Action("task_done", "Việc đã xong", "Task done", act="task", group="respond", asks=asks)
    ]


TASK = Spec("task", AddTask, "task", decide_add, add_buttons)
TASK_DONE = Spec("task_done", TaskDone, "task", decide_done, done_buttons)
