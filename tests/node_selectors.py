"""What dashboards and alerts made for node_exporter select, one selector a line.

Source: Node Exporter Full (rYdddlPWk, schema 41), its variables and its first three rows;
node-mixin, alerts and recording rules with their default selectors.
"""

NODE_EXPORTER_FULL = """
    node_uname_info{nodename=~".+"}
    node_pressure_cpu_waiting_seconds_total
    node_pressure_memory_waiting_seconds_total
    node_pressure_memory_stalled_seconds_total
    node_pressure_io_waiting_seconds_total
    node_pressure_io_stalled_seconds_total
    node_pressure_irq_stalled_seconds_total
    node_cpu_seconds_total{mode="idle"}
    node_cpu_seconds_total{mode="system"}
    node_cpu_seconds_total{mode="user"}
    node_cpu_seconds_total{mode="iowait"}
    node_cpu_seconds_total{mode=~".*irq"}
    node_cpu_seconds_total{mode!="idle",mode!="user",mode!="system",mode!="iowait",mode!="irq"}
    node_load1
    node_memory_MemTotal_bytes
    node_memory_MemAvailable_bytes
    node_memory_MemFree_bytes
    node_memory_Cached_bytes
    node_memory_Buffers_bytes
    node_memory_SReclaimable_bytes
    node_memory_SwapTotal_bytes
    node_memory_SwapFree_bytes
    node_filesystem_avail_bytes{mountpoint="/",fstype!="rootfs"}
    node_filesystem_size_bytes{mountpoint="/",fstype!="rootfs"}
    node_filesystem_avail_bytes{device!~"rootfs"}
    node_filesystem_size_bytes{device!~"rootfs"}
    node_time_seconds
    node_boot_time_seconds
    node_network_receive_bytes_total{device!="lo"}
    node_network_transmit_bytes_total{device!="lo"}
    node_disk_read_bytes_total{device=~"[a-z]+|nvme[0-9]+n[0-9]+|mmcblk[0-9]+"}
    node_disk_written_bytes_total{device=~"[a-z]+|nvme[0-9]+n[0-9]+|mmcblk[0-9]+"}
    node_disk_reads_completed_total{device=~"[a-z]+|nvme[0-9]+n[0-9]+|mmcblk[0-9]+"}
    node_disk_writes_completed_total{device=~"[a-z]+|nvme[0-9]+n[0-9]+|mmcblk[0-9]+"}
    node_disk_io_time_seconds_total{device=~"[a-z]+|nvme[0-9]+n[0-9]+|mmcblk[0-9]+"}
    node_filesystem_free_bytes{device!~"rootfs"}
    node_network_speed_bytes
    node_memory_Slab_bytes
    node_memory_PageTables_bytes
    node_memory_SwapCached_bytes
    node_memory_HardwareCorrupted_bytes
"""
DEVICE = 'device=~"(/dev/)?(mmcblk.p.+|nvme.+|rbd.+|sd.+|vd.+|xvd.+|dm-.+|md.+|dasd.+)"'
NODE_MIXIN = f"""
    node_filesystem_avail_bytes{{fstype!="",mountpoint!=""}}
    node_filesystem_size_bytes{{fstype!="",mountpoint!=""}}
    node_filesystem_readonly{{fstype!="",mountpoint!=""}}
    node_filesystem_files_free{{fstype!="",mountpoint!=""}}
    node_filesystem_files{{fstype!="",mountpoint!=""}}
    node_network_receive_errs_total
    node_network_receive_packets_total
    node_network_receive_bytes_total{{device!="lo"}}
    node_network_receive_drop_total{{device!="lo"}}
    node_network_transmit_errs_total
    node_network_transmit_packets_total
    node_network_transmit_bytes_total{{device!="lo"}}
    node_network_transmit_drop_total{{device!="lo"}}
    node_nf_conntrack_entries
    node_nf_conntrack_entries_limit
    node_textfile_scrape_error
    node_timex_offset_seconds
    node_timex_sync_status
    node_timex_maxerror_seconds
    node_md_disks_required{{{DEVICE}}}
    node_md_disks{{state="active",{DEVICE}}}
    node_md_disks{{state="failed",{DEVICE}}}
    node_filefd_allocated
    node_filefd_maximum
    node_cpu_seconds_total{{mode!~"idle|iowait"}}
    node_cpu_seconds_total{{mode="idle"}}
    node_load1
    node_vmstat_pgmajfault
    node_memory_MemAvailable_bytes
    node_memory_MemTotal_bytes
    node_memory_MemFree_bytes
    node_memory_Buffers_bytes
    node_memory_Cached_bytes
    node_memory_Slab_bytes
    node_disk_io_time_seconds_total{{{DEVICE}}}
    node_disk_io_time_weighted_seconds_total{{{DEVICE}}}
    node_systemd_unit_state{{state="failed"}}
    node_systemd_service_restart_total
    node_bonding_slaves
    node_bonding_active
"""
# What such rules compare: both sides have the same labels, or the result is empty. `J` is the job.
NODE_JOINS = """
    node_filesystem_avail_bytes{J,fstype!=""} / node_filesystem_size_bytes{J,fstype!=""}
    node_filesystem_files_free{J,fstype!=""} / node_filesystem_files{J,fstype!=""}
    node_filesystem_avail_bytes{J} < Inf and node_filesystem_readonly{J} >= 0
    predict_linear(node_filesystem_avail_bytes{J,mountpoint!=""}[6h], 86400)
    rate(node_network_receive_errs_total{J}[2m]) / rate(node_network_receive_packets_total{J}[2m])
    rate(node_network_transmit_errs_total{J}[2m]) / rate(node_network_transmit_packets_total{J}[2m])
    node_timex_offset_seconds{J} < Inf and deriv(node_timex_offset_seconds{J}[5m]) < Inf
    node_timex_sync_status{J} >= 0 and node_timex_maxerror_seconds{J} >= 0
    sum without (mode) (avg without (cpu) (rate(node_cpu_seconds_total{J,mode!~"idle|iowait"}[2m])))
    node_load1{J} / count without (cpu, mode) (node_cpu_seconds_total{J,mode="idle"})
    1 - node_memory_MemAvailable_bytes{J} / node_memory_MemTotal_bytes{J}
    rate(node_disk_io_time_weighted_seconds_total{J,DEVICE}[5m])
    node_filefd_allocated{J} / node_filefd_maximum{J}
    node_nf_conntrack_entries{J} / node_nf_conntrack_entries_limit{J}
    node_md_disks_required{J,DEVICE} - ignoring (state) (node_md_disks{J,state="active",DEVICE})
    node_bonding_slaves{J} - node_bonding_active{J}
    increase(node_systemd_service_restart_total{J}[5m])
""".replace("DEVICE", DEVICE)


def selectors(text: str) -> list[str]:
    """Return the selectors of a list."""
    return [line.strip() for line in text.split("\n") if line.strip()]
