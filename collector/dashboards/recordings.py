"""What Prometheus works out once, for alerts and for whoever asks about long spans."""

from __future__ import annotations

from collector.dashboards.rule import Group, Recording, Series

IN_REGION = "* on (unit) group_left (region) wanwatch_unit_info"
HOST = 'host="may-chu",instance="H42.1/may-chu",job="node",unit="H42.1"'
ON_HOST = {"host": "may-chu", "instance": "H42.1/may-chu", "job": "node", "unit": "H42.1"}
REGION = Series('wanwatch_unit_info{unit="H42.1",name="A",region="Nam"}', "1x60")
OTHER = Series('wanwatch_unit_info{unit="H42.2",name="B",region="Nam"}', "1x60")

FLEET = Group(
    "wanwatch-fleet-recorded",
    (
        Recording(
            name="unit:wanwatch_agent_up:avg",
            expr="avg by (unit) (wanwatch_agent_up)",
            given=(
                Series('wanwatch_agent_up{unit="H42.1",host="a"}', "1x60"),
                Series('wanwatch_agent_up{unit="H42.1",host="b"}', "0x60"),
            ),
            at="5m",
            labels={"unit": "H42.1"},
            value=0.5,
        ),
        Recording(
            name="region:wanwatch_agent_up:avg",
            expr=f"avg by (region) (wanwatch_agent_up {IN_REGION})",
            given=(
                REGION,
                OTHER,
                Series('wanwatch_agent_up{unit="H42.1",host="a"}', "1x60"),
                Series('wanwatch_agent_up{unit="H42.2",host="b"}', "0x60"),
            ),
            at="5m",
            labels={"region": "Nam"},
            value=0.5,
        ),
        Recording(
            name="region:wanwatch_probe_alive:avg",
            expr=(
                "avg by (region) "
                f"(min by (unit, target) (wanwatch_probe_alive) {IN_REGION})"
            ),
            given=(
                REGION,
                OTHER,
                Series('wanwatch_probe_alive{unit="H42.1",target="a",probe="sip"}', "1x60"),
                Series('wanwatch_probe_alive{unit="H42.1",target="a",probe="h323"}', "0x60"),
                Series('wanwatch_probe_alive{unit="H42.2",target="b",probe="sip"}', "1x60"),
            ),
            at="5m",
            labels={"region": "Nam"},
            value=0.5,
        ),
    ),
)  # fmt: skip

HOSTS = Group(
    "wanwatch-hosts-recorded",
    (
        Recording(
            name="instance:node_cpu_busy:rate5m",
            expr='1 - avg without (cpu, mode) (rate(node_cpu_seconds_total{mode="idle"}[5m]))',
            given=(Series(f'node_cpu_seconds_total{{{HOST},cpu="0",mode="idle"}}', "0+45x60"),),
            at="10m",
            labels=ON_HOST,
            value=0.25,
        ),
        Recording(
            name="instance:node_memory_used:ratio",
            expr="1 - node_memory_MemAvailable_bytes / node_memory_MemTotal_bytes",
            given=(
                Series(f"node_memory_MemAvailable_bytes{{{HOST}}}", "1x60"),
                Series(f"node_memory_MemTotal_bytes{{{HOST}}}", "4x60"),
            ),
            at="5m",
            labels=ON_HOST,
            value=0.75,
        ),
        Recording(
            name="instance_mountpoint:node_filesystem_used:ratio",
            expr="1 - node_filesystem_avail_bytes / node_filesystem_size_bytes",
            given=(
                Series(f'node_filesystem_avail_bytes{{{HOST},mountpoint="/",device="a"}}', "1x60"),
                Series(f'node_filesystem_size_bytes{{{HOST},mountpoint="/",device="a"}}', "5x60"),
            ),
            at="5m",
            labels={**ON_HOST, "mountpoint": "/", "device": "a"},
            value=0.8,
        ),
        *(
            Recording(
                name=f"instance_device:node_network_{way}_errs:ratio_rate5m",
                expr=(
                    f"rate(node_network_{way}_errs_total[5m])"
                    f" / (rate(node_network_{way}_packets_total[5m]) > 0)"
                ),
                given=(
                    Series(f'node_network_{way}_errs_total{{{HOST},device="eth0"}}', "0+1x60"),
                    Series(f'node_network_{way}_packets_total{{{HOST},device="eth0"}}', "0+50x60"),
                ),
                at="10m",
                labels={**ON_HOST, "device": "eth0"},
                value=0.02,
            )
            for way in ("receive", "transmit")
        ),
        *(
            Recording(
                name=f"unit:node_network_{way}_bytes:rate5m",
                expr=f'sum by (unit) (rate(node_network_{way}_bytes_total{{device!="lo"}}[5m]))',
                given=(
                    Series(f'node_network_{way}_bytes_total{{{HOST},device="eth0"}}', "0+60x60"),
                    Series(f'node_network_{way}_bytes_total{{{HOST},device="lo"}}', "0+600x60"),
                ),
                at="10m",
                labels={"unit": "H42.1"},
                value=1.0,
            )
            for way in ("receive", "transmit")
        ),
    ),
)

PORT = 'target="bdt-1",unit="H42.1",interface="Gi0/1"'
PATHS = Group(
    "wanwatch-paths-recorded",
    (
        *(
            Recording(
                name=f"target_interface:wanwatch_interface_{way}_used:p95_1d",
                expr=f"quantile_over_time(0.95, wanwatch_interface_{way}_used_ratio[1d])",
                given=(Series(f"wanwatch_interface_{way}_used_ratio{{{PORT}}}", "0.5x60"),),
                at="10m",
                labels={"target": "bdt-1", "unit": "H42.1", "interface": "Gi0/1"},
                value=0.5,
            )
            for way in ("receive", "transmit")
        ),
        Recording(
            name="target:wanwatch_stamp_mos:avg1h",
            expr="min by (unit, target) (avg_over_time(wanwatch_stamp_mos[1h]))",
            given=(
                Series('wanwatch_stamp_mos{unit="H42.1",target="d",direction="forward"}', "4x60"),
                Series('wanwatch_stamp_mos{unit="H42.1",target="d",direction="reverse"}', "3x60"),
            ),
            at="30m",
            labels={"unit": "H42.1", "target": "d"},
            value=3.0,
        ),
        Recording(
            name="region:wanwatch_stamp_losing_units:sum",
            expr=(
                "sum by (region) ((max by (unit) (wanwatch_stamp_direction_lost_ratio)"
                f" >= bool 0.01) {IN_REGION})"
            ),
            given=(
                REGION,
                OTHER,
                Series('wanwatch_stamp_direction_lost_ratio{unit="H42.1",target="d"}', "0.02x60"),
                Series('wanwatch_stamp_direction_lost_ratio{unit="H42.2",target="e"}', "0x60"),
            ),
            at="5m",
            labels={"region": "Nam"},
            value=1.0,
        ),
    ),
)

SERVICE = Group(
    "wanwatch-service-recorded",
    (
        Recording(
            name="collector:wanwatch_reports_shed:rate5m",
            expr=(
                "sum without (result) "
                '(rate(wanwatch_reports_total{result=~"shed_.*|unavailable"}[5m]))'
            ),
            given=(
                Series('wanwatch_reports_total{instance="c",result="shed_loop"}', "0+60x60"),
                Series('wanwatch_reports_total{instance="c",result="accepted"}', "0+600x60"),
            ),
            at="10m",
            labels={"instance": "c"},
            value=1.0,
        ),
    ),
)

GROUPS = (FLEET, HOSTS, PATHS, SERVICE)
