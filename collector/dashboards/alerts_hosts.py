"""Alerts about hosts and paths that the closed language of our own rules cannot say."""

from __future__ import annotations

from collector.dashboards.rule import Alert, Group, Series

HOST = 'host="may-chu",instance="H42.1/may-chu",job="node",unit="H42.1"'
ON_HOST = {
    "host": "may-chu",
    "instance": "H42.1/may-chu",
    "job": "node",
    "unit": "H42.1",
}
USED = "instance_mountpoint:node_filesystem_used:ratio"

HOSTS = Group(
    "wanwatch-hosts",
    (
        *(
            Alert(
                name=f"Network{way.capitalize()}ErrorShare",
                value=f"instance_device:node_network_{way}_errs:ratio_rate5m",
                limit="> 0.01",
                lasting="1h",
                severity="warning",
                class_code="kt_duong_truyen",
                runbook="network-errors",
                written="humanizePercentage",
                given=(
                    Series(
                        f'instance_device:node_network_{way}_errs:ratio_rate5m{{{HOST},device="e"}}',
                        "0.02x90",
                    ),
                ),
                at="80m",
                labels={**ON_HOST, "device": "e"},
                said="2%",
                calm=(
                    Series(
                        f'instance_device:node_network_{way}_errs:ratio_rate5m{{{HOST},device="e"}}',
                        "0.001x90",
                    ),
                ),
            )
            for way in ("receive", "transmit")
        ),
        Alert(
            name="FilesystemFullIn4Hours",
            value="predict_linear(node_filesystem_avail_bytes[6h], 4 * 3600)",
            limit="< 0",
            also=f"and {USED} > 0.8",
            lasting="1h",
            severity="critical",
            class_code="kt_qua_tai",
            runbook="filesystem-filling-up",
            given=(
                Series(f'node_filesystem_avail_bytes{{{HOST},mountpoint="/"}}', "1000-2x360"),
                Series(f'{USED}{{{HOST},mountpoint="/"}}', "0.9x360"),
            ),
            at="6h",
            labels={**ON_HOST, "mountpoint": "/"},
            said="-200",
            calm=(
                Series(f'node_filesystem_avail_bytes{{{HOST},mountpoint="/"}}', "1000-2x360"),
                Series(f'{USED}{{{HOST},mountpoint="/"}}', "0.7x360"),
            ),
        ),
        Alert(
            name="ClockOffsetGrows",
            value="abs(node_timex_offset_seconds)",
            limit="> 0.05",
            also="and node_timex_offset_seconds * deriv(node_timex_offset_seconds[5m]) >= 0",
            lasting="10m",
            severity="warning",
            class_code="kt_cau_hinh",
            runbook="clock-wrong",
            written="humanizeDuration",
            given=(Series(f"node_timex_offset_seconds{{{HOST}}}", "-0.1-0.01x40"),),
            at="30m",
            labels=ON_HOST,
            said="400ms",
            calm=(Series(f"node_timex_offset_seconds{{{HOST}}}", "1-0.01x40"),),
        ),
        Alert(
            name="DiskReadsSlow",
            value=(
                "rate(node_disk_read_time_seconds_total[5m])"
                " / (rate(node_disk_reads_completed_total[5m]) > 0)"
            ),
            limit="> 0.1",
            lasting="15m",
            severity="warning",
            class_code="kt_qua_tai",
            runbook="disk-saturated",
            written="humanizeDuration",
            given=(
                Series(f'node_disk_read_time_seconds_total{{{HOST},device="sda"}}', "0+12x60"),
                Series(f'node_disk_reads_completed_total{{{HOST},device="sda"}}', "0+60x60"),
            ),
            at="40m",
            labels={**ON_HOST, "device": "sda"},
            said="200ms",
            calm=(
                Series(f'node_disk_read_time_seconds_total{{{HOST},device="sda"}}', "0+0.1x60"),
                Series(f'node_disk_reads_completed_total{{{HOST},device="sda"}}', "0+60x60"),
            ),
        ),
        Alert(
            name="ServiceFlaps",
            value="increase(node_systemd_service_restart_total[1h])",
            limit="> 10",
            lasting="0m",
            severity="warning",
            class_code="kt_phan_mem",
            runbook="service-restarting",
            given=(
                Series(f'node_systemd_service_restart_total{{{HOST},name="a.service"}}', "0+1x90"),
            ),
            at="80m",
            labels={**ON_HOST, "name": "a.service"},
            said="60",
            calm=(
                Series(f'node_systemd_service_restart_total{{{HOST},name="a.service"}}', "5x90"),
            ),
        ),
    ),
)

PORT = 'target="bdt-1",unit="H42.1",interface="Gi0/1"'
PATHS = Group(
    "wanwatch-paths",
    (
        Alert(
            name="PathsOfARegionLose",
            value="region:wanwatch_stamp_losing_units:sum",
            limit=">= 3",
            lasting="5m",
            severity="critical",
            class_code="kt_duong_truyen",
            runbook="path-quality",
            given=(Series('region:wanwatch_stamp_losing_units:sum{region="Nam"}', "4x20"),),
            at="10m",
            labels={"region": "Nam"},
            said="4",
            calm=(Series('region:wanwatch_stamp_losing_units:sum{region="Nam"}', "2x20"),),
        ),
        Alert(
            name="TargetsOfARegionSilent",
            value="region:wanwatch_probe_alive:avg",
            limit="< 0.7",
            lasting="10m",
            severity="critical",
            class_code="kt_duong_truyen",
            runbook="mass-silence",
            written="humanizePercentage",
            given=(Series('region:wanwatch_probe_alive:avg{region="Nam"}', "0.5x20"),),
            at="15m",
            labels={"region": "Nam"},
            said="50%",
            calm=(Series('region:wanwatch_probe_alive:avg{region="Nam"}', "0.9x20"),),
        ),
        *(
            Alert(
                name=f"Interface{way.capitalize()}FullForADay",
                value=f"target_interface:wanwatch_interface_{way}_used:p95_1d",
                limit="> 0.7",
                lasting="1h",
                severity="warning",
                class_code="kt_qua_tai",
                runbook="interface-full",
                written="humanizePercentage",
                given=(
                    Series(
                        f"target_interface:wanwatch_interface_{way}_used:p95_1d{{{PORT}}}",
                        "0.75x90",
                    ),
                ),
                at="80m",
                labels={"target": "bdt-1", "unit": "H42.1", "interface": "Gi0/1"},
                said="75%",
                calm=(
                    Series(
                        f"target_interface:wanwatch_interface_{way}_used:p95_1d{{{PORT}}}",
                        "0.3x90",
                    ),
                ),
            )
            for way in ("receive", "transmit")
        ),
        Alert(
            name="SpeechPoorForAnHour",
            value="target:wanwatch_stamp_mos:avg1h",
            limit="< 3.6",
            lasting="15m",
            severity="warning",
            class_code="kt_duong_truyen",
            runbook="path-quality",
            given=(Series('target:wanwatch_stamp_mos:avg1h{unit="H42.1",target="d"}', "3.1x40"),),
            at="30m",
            labels={"unit": "H42.1", "target": "d"},
            said="3.1",
            calm=(Series('target:wanwatch_stamp_mos:avg1h{unit="H42.1",target="d"}', "4.2x40"),),
        ),
    ),
)

GROUPS = (HOSTS, PATHS)
