"""One model of an endpoint: what is not known is not reported, and never 0."""

from __future__ import annotations

from agents.endpoint import METRICS, Call, Endpoint, LastCall, Peripheral, Stream, observe

CALL = Call(
    "7",
    far_end="Điểm cầu xã A",
    protocol="sip",
    duration_seconds=60,
    latency_seconds=0.04,
    is_encrypted=True,
    streams=(
        Stream("video", "receive", 0.04, 0.042, 0.19, 1_920_000, 720, 30),
        Stream("audio", "receive", 0.0),
    ),
)


def test_an_endpoint_that_says_nothing_is_known_by_its_name_alone() -> None:
    """Absent is absent."""
    found = list(observe("cx", Endpoint("poly_endpoint"), {}))
    assert [one.name for one in found] == ["wanwatch_endpoint_info"]


def test_all_that_is_said_is_reported_under_the_published_names() -> None:
    """Every metric of the list is used, and no other."""
    endpoint = Endpoint(
        "poly_endpoint",
        registered={"sip": False, "h323": True},
        calls=(CALL,),
        is_standby=False,
        is_microphone_muted=True,
        is_video_muted=False,
        peripherals=(Peripheral("camera", "chính", is_working=False),),
        uptime_seconds=5,
        data_age_seconds=1,
        faults=0,
        last_call=LastCall(1.7e9, {("video", "receive"): 0.02}),
    )
    found = list(observe("cx", endpoint, {}))
    assert {one.name for one in found} == set(METRICS)
    registered = {
        one.labels["protocol"]: one.value
        for one in found
        if one.name == "wanwatch_endpoint_registered"
    }
    assert registered == {"sip": 0, "h323": 1}


def test_the_best_picture_of_a_call_is_remembered_while_it_lasts() -> None:
    """A downgrade shows as a height below the best one; the next call begins anew."""
    memory: dict[str, object] = {}

    def best(*calls: Call) -> list[float]:
        found = observe("cx", Endpoint("x", calls=calls), memory)
        return [o.value for o in found if o.name == "wanwatch_call_best_frame_height_pixels"]

    def at(height: float, key: str = "7") -> Call:
        return Call(key, streams=(Stream("video", "receive", height_pixels=height),))

    assert [best(at(1080)), best(at(720)), best(), best(at(720))] == [[1080], [1080], [], [720]]


def test_what_a_family_remembers_beside_it_is_left_alone() -> None:
    """The memory of a probe is not only ours."""
    memory: dict[str, object] = {"session": "s"}
    list(observe("cx", Endpoint("x", calls=(CALL,)), memory))
    assert memory["session"] == "s"
