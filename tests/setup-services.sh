#!/usr/bin/env bash
# Install the real programs that tests and benchmarks talk to: PostgreSQL, Prometheus, Alertmanager,
# VictoriaMetrics, node_exporter, snmp_exporter, snmpd, snmptrap, Chromium, ip.
# Debian or a relative of it; run it as root. It starts nothing: the tests start what they need.
set -euo pipefail
wanted=()
command -v initdb >/dev/null || compgen -G '/usr/lib/postgresql/*/bin/initdb' >/dev/null || wanted+=(postgresql)
command -v promtool >/dev/null || wanted+=(prometheus)
command -v prometheus-alertmanager >/dev/null || wanted+=(prometheus-alertmanager)
command -v prometheus-node-exporter >/dev/null || wanted+=(prometheus-node-exporter)
command -v prometheus-snmp-exporter >/dev/null || wanted+=(prometheus-snmp-exporter)
command -v victoria-metrics >/dev/null || wanted+=(victoria-metrics)
command -v snmpd >/dev/null || [ -x /usr/sbin/snmpd ] || wanted+=(snmpd)
command -v chromium >/dev/null || wanted+=(chromium)
command -v ip >/dev/null || wanted+=(iproute2)
command -v snmptrap >/dev/null || wanted+=(snmp)
command -v logger >/dev/null || wanted+=(bsdutils)
[ -n "$(fc-list 2>/dev/null)" ] || wanted+=(fonts-dejavu-core)
if [ ${#wanted[@]} -eq 0 ]; then
    echo "setup-services: everything is here"
    exit 0
fi
if ! command -v apt-get >/dev/null; then
    echo "setup-services: no apt-get here. Install by hand: ${wanted[*]}" >&2
    exit 1
fi
export DEBIAN_FRONTEND=noninteractive RUNLEVEL=1
apt-get update -qq
apt-get install -y -qq --no-install-recommends "${wanted[@]}"
