"""What is looked at before a session, one file per check, in the order in which it is shown."""

from incidents.sessions.checks.call import CHECK as CALL
from incidents.sessions.checks.certificate import CHECK as CERTIFICATE
from incidents.sessions.checks.clock import CHECK as CLOCK
from incidents.sessions.checks.firmware import CHECK as FIRMWARE
from incidents.sessions.checks.interfaces import CHECK as INTERFACES
from incidents.sessions.checks.maintenance import CHECK as MAINTENANCE
from incidents.sessions.checks.path_delay import CHECK as PATH_DELAY
from incidents.sessions.checks.path_dscp import CHECK as PATH_DSCP
from incidents.sessions.checks.path_jitter import CHECK as PATH_JITTER
from incidents.sessions.checks.path_loss import CHECK as PATH_LOSS
from incidents.sessions.checks.path_mtu import CHECK as PATH_MTU
from incidents.sessions.checks.peripherals import CHECK as PERIPHERALS
from incidents.sessions.checks.picture import CHECK as PICTURE
from incidents.sessions.checks.reachability import CHECK as REACHABILITY
from incidents.sessions.checks.registration import CHECK as REGISTRATION
from incidents.sessions.checks.sound import CHECK as SOUND
from incidents.sessions.checks.technician import CHECK as TECHNICIAN
from incidents.sessions.checks.troubles import CHECK as TROUBLES
from incidents.sessions.checks.ups import CHECK as UPS
from incidents.sessions.checks.uptime import CHECK as UPTIME

CHECKS = (
    REACHABILITY, REGISTRATION, PERIPHERALS, CALL, UPTIME,
    PATH_LOSS, PATH_JITTER, PATH_DELAY, PATH_MTU, PATH_DSCP,
    INTERFACES, CLOCK, CERTIFICATE, UPS, FIRMWARE,
    TROUBLES, MAINTENANCE, TECHNICIAN, PICTURE, SOUND,
)  # fmt: skip
